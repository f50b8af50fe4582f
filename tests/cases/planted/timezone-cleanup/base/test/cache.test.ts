import { expect, it } from "vitest";
import { slot } from "../src/cache.js";

it("has one slot per size", () => {
  expect(slot("a.png", 64)).not.toBe(slot("a.png", 128));
});

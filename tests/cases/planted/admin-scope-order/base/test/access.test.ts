import { expect, it } from "vitest";
import { mayWrite } from "../src/access.js";

it("lets editors write", () => {
  expect(mayWrite({ name: "Ada", role: "editor" })).toBe(true);
});

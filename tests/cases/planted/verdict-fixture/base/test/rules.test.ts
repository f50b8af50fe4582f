import { expect, it } from "vitest";
import { lint } from "../src/rules.js";

it("finds shouting", () => {
  expect(lint("NEVER EVER SHOUT WITH YOUR LOUD VOICE")).toContain("shouting: capitals do not help");
});

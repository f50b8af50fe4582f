import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { lint } from "../src/rules.js";

it("asks for an example in a long prompt", () => {
  const prompt = readFileSync(new URL("fixtures/long-prompt.md", import.meta.url), "utf8");
  expect(lint(prompt)).toContain("no-example: give an example");
});

it("finds shouting", () => {
  expect(lint("NEVER EVER SHOUT WITH YOUR LOUD VOICE")).toContain("shouting: capitals do not help");
});

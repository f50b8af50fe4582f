import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { lint } from "../src/rules.js";

it("finds an attempt to override", () => {
  const prompt = readFileSync(new URL("fixtures/override.md", import.meta.url), "utf8");
  expect(lint(prompt)).toContain("override: tries to override the system prompt");
});

it("finds shouting", () => {
  expect(lint("NEVER EVER SHOUT WITH YOUR LOUD VOICE")).toContain("shouting: capitals do not help");
});

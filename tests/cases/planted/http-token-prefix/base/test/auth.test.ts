import { expect, it } from "vitest";
import { sameToken } from "../src/auth.js";

it("compares tokens", () => {
  expect(sameToken("a".repeat(24), "a".repeat(24))).toBe(true);
  expect(sameToken("b".repeat(24), "a".repeat(24))).toBe(false);
});

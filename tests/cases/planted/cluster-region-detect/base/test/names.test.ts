import { expect, it } from "vitest";

it("joins names by line", () => {
  expect(["a", "b"].join("\n")).toBe("a\nb");
});

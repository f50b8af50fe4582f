import { expect, it } from "vitest";

it("knows account numbers", () => {
  expect("1200").toMatch(/^\d{4,6}$/);
});

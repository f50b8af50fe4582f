import { expect, it } from "vitest";

it("is read only", () => {
  expect("BEGIN TRANSACTION READ ONLY").toMatch(/READ ONLY$/);
});

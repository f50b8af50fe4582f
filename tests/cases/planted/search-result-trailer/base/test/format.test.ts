import { expect, it } from "vitest";
import { format } from "../src/format.js";

it("says how many hits there are", () => {
  expect(format([], 0, 1)).toContain("0 hits");
});

import { parse } from "csv-parse/sync";
import { expect, it } from "vitest";

it("reads quoted commas", () => {
  expect(parse('a,"b,c"')).toEqual([["a", "b,c"]]);
});

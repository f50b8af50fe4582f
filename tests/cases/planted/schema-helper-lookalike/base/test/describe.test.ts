import { expect, it } from "vitest";
import { z } from "zod";
import { describe } from "../src/describe.js";

it("describes an object", () => {
  expect(describe({ User: z.object({ name: z.string() }) })).toContain('"name"');
});

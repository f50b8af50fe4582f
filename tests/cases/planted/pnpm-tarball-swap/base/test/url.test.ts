import { expect, it } from "vitest";
import { z } from "zod";

it("wants an address", () => {
  expect(z.string().url().safeParse("stream").success).toBe(false);
});

import { expect, it } from "vitest";
import { z } from "zod";

it("has limits", () => {
  expect(z.number().min(16).safeParse(4).success).toBe(false);
});

import { expect, it } from "vitest";
import { uploadSchema } from "../src/schema.js";

it("keeps a year unless told otherwise", () => {
  expect(uploadSchema.retentionDays.parse(undefined)).toBe(365);
});

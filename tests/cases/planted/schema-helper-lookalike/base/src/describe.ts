import type { ZodTypeAny } from "zod";
import { zodToJsonSchema } from "zod-to-json-schema";

export function describe(schemas: Record<string, ZodTypeAny>): string {
  const described: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(schemas)) {
    described[name] = zodToJsonSchema(schema, { name });
  }
  return JSON.stringify(described, null, 2);
}

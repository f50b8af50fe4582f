import type { ZodTypeAny } from "zod";
import { zodToJsonSchema } from "zod-to-json-schema";

function isSchema(value: unknown): value is ZodTypeAny {
  return typeof value === "object" && value !== null && "_def" in value && "safeParse" in value;
}

/** What is exported beside schemas (functions, constants) is left out. */
export function describe(exported: Record<string, unknown>, only?: string): string {
  const described: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(exported)) {
    if (!isSchema(schema) || (only !== undefined && only !== name)) continue;
    described[name] = zodToJsonSchema(schema, { name, $refStrategy: "none", target: "jsonSchema7" });
  }
  return JSON.stringify(described, null, 2);
}

import { stepKinds } from "@sluice/events";
import { describe, expect, it } from "vitest";
import * as z from "zod";

type Schema = z.core.JSONSchema.BaseSchema;

/** Patterns that say by themselves how long they let a text be. */
const longest: Readonly<Record<string, number>> = {
  "^[0-9a-f]{64}$": 64,
  "^(person|system)_[0-9a-z-]{1,40}$": "person_".length + 40,
};

/** The bytes of the largest JSON that a schema takes. A character counts as one byte: texts are cut in bytes where they are made. */
function largest(schema: Schema): number {
  if (schema.anyOf) return Math.max(...schema.anyOf.map((each) => largest(each as Schema)));
  if (schema.const !== undefined) return JSON.stringify(schema.const).length;
  if (schema.enum) return Math.max(...schema.enum.map((each) => JSON.stringify(each).length));
  switch (schema.type) {
    case "boolean":
      return "false".length;
    case "integer":
      return String(schema.maximum).length;
    case "string":
      return lengthOf(schema) + 2;
    case "array":
      return 1 + bounded(schema.maxItems, schema) * (1 + largest(schema.items as Schema));
    case "object":
      return 1 + fieldsOf(schema).reduce((sum, bytes) => sum + bytes + 1, 0);
    default:
      throw new Error(`How large is ${JSON.stringify(schema)}?`);
  }
}

function fieldsOf({ properties, propertyNames, additionalProperties, maxProperties }: Schema): number[] {
  if (properties) return Object.entries(properties).map(([name, each]) => name.length + 3 + largest(each as Schema));
  const one = largest(propertyNames as Schema) + 1 + largest(additionalProperties as Schema);
  return Array.from({ length: bounded(maxProperties, additionalProperties) }, () => one);
}

function lengthOf({ maxLength, pattern = "" }: Schema): number {
  return bounded(maxLength ?? longest[pattern], pattern);
}

function bounded(most: number | undefined, what: unknown): number {
  if (most === undefined) throw new Error(`Nothing says how large this can get: ${JSON.stringify(what)}`);
  return most;
}

describe("the largest output that a kind's schema takes", () => {
  it.each(Object.values(stepKinds))("keeps the promise of $kind", ({ output, maxOutputBytes }) => {
    const bytes = largest(z.toJSONSchema(output));

    expect(bytes).toBeLessThanOrEqual(maxOutputBytes);
    expect(bytes, "a promise that is too large is taken from the others").toBeGreaterThan(maxOutputBytes - 200);
  });
});

import type { Json } from "./json.ts";

/** Slack's "no", by its code. */
export function refusal(error: string): Json {
  return { ok: false, error };
}

/** Slack's "no" to content beyond its limits, with one line for each. */
export function invalid(error: string, violations: readonly { at: string; rule: string }[]): Json {
  const messages = violations.map(
    ({ at, rule }) => `[ERROR] ${rule} [json-pointer:/${at.replace(/[.[]/g, "/").replaceAll("]", "")}]`,
  );
  return { ok: false, error, response_metadata: { messages } };
}

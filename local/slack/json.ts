/** A JSON object whose content is not known yet. */
export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of a list; an empty list for anything else. */
export function objectsIn(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

/** The value as text, or nothing where it is none. */
export function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A body as Slack reads it: JSON, or a form whose structured fields are JSON. @throws SyntaxError */
export function parseBody(contentType: string | undefined, body: string): Json {
  if (contentType?.startsWith("application/json")) {
    const value: unknown = body === "" ? {} : JSON.parse(body);
    return isJson(value) ? value : {};
  }
  const fields = Object.entries(Object.fromEntries(new URLSearchParams(body)));
  return Object.fromEntries(
    fields.map(([name, value]) => [name, name === "blocks" || name === "view" ? JSON.parse(value) : value]),
  );
}

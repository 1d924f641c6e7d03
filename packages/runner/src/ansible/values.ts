/**
 * A JSON value as Ansible reads it from a file of extra variables, with every string marked so that it is never a template: without the mark
 * `{{ lookup('pipe', 'id') }}` in a value runs a command. Names are fixed by a blueprint.
 */
export function asText(value: unknown): unknown {
  if (typeof value === "string") return { __ansible_unsafe: value };
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asText(each)]));
}

import type { Json } from "../json/json.ts";

/**
 * A value as Ansible reads it from an extra-vars file without taking any text in it for a template: Ansible ran the command of a
 * `{{ lookup('pipe', …) }}` that stood there as plain text.
 *
 * @throws when a name begins with `__ansible`: Ansible would read the value as something else than data.
 */
export function untemplated(value: Json): Json {
  if (typeof value === "string") return { __ansible_unsafe: value };
  if (Array.isArray(value)) return value.map(untemplated);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      if (name.startsWith("__ansible")) throw new Error(`A parameter may not be named ${name}`);
      return [name, untemplated(each)];
    }),
  );
}

import type { Json, PlanJson } from "../terraform/plan-json.ts";

/** Shorter values stand in other texts by chance; they are masked only where they are the whole value. */
const MIN_LENGTH_WITHIN_TEXT = 6;

/** Every string that Terraform marks as sensitive anywhere in a plan, and those of them that are looked for within texts, the longest first. */
export type Secrets = Readonly<{ all: ReadonlySet<string>; within: readonly string[] }>;

/**
 * Providers lose the mark: `input.password` is marked, the same word in `output.password` is not, and `variables` holds values in clear.
 * So a value that is marked once is a secret wherever it stands.
 */
export function secretsOf(plan: PlanJson): Secrets {
  const secrets = new Set<string>();
  collectMarked(plan as Json, secrets);
  const declared = plan.configuration?.root_module?.variables ?? {};
  for (const [name, { value }] of Object.entries(plan.variables ?? {}))
    if (declared[name]?.sensitive) collectStrings(value, secrets);
  return orderly(secrets);
}

/** These secrets and every string in these values, which Terraform marked after the plan: what an apply made. */
export function secretsAnd({ all }: Secrets, values: readonly (Json | undefined)[]): Secrets {
  const secrets = new Set(all);
  for (const value of values) collectStrings(value, secrets);
  return orderly(secrets);
}

function orderly(secrets: Set<string>): Secrets {
  secrets.delete("");
  // The longest first, so that a secret that holds another goes as a whole.
  const within = [...secrets]
    .filter((secret) => secret.length >= MIN_LENGTH_WITHIN_TEXT)
    .sort((one, other) => other.length - one.length);
  return { all: secrets, within };
}

/** Whether a value is a secret, or holds one at any depth, in a text or in the name of a key. */
export function isSecret(value: Json | undefined, secrets: Secrets): boolean {
  if (typeof value === "string") return secrets.all.has(value) || secrets.within.some((each) => value.includes(each));
  if (Array.isArray(value)) return value.some((each) => isSecret(each, secrets));
  if (!isObject(value)) return false;
  return Object.entries(value).some(([name, each]) => isSecret(name, secrets) || isSecret(each, secrets));
}

/** Whether Terraform marks anything in a value: `true`, or a tree that holds one. */
export function isMarked(marks: Json | undefined): boolean {
  if (Array.isArray(marks)) return marks.some(isMarked);
  return isObject(marks) ? Object.values(marks).some(isMarked) : marks === true;
}

/** A text for people with every secret in it replaced. */
export function withoutSecrets(text: string, secrets: Secrets): string {
  return secrets.within.reduce((masked, secret) => masked.replaceAll(secret, "(sensitive value)"), text);
}

/** Terraform puts `<name>_sensitive` beside `<name>`, `sensitive_values` beside `values` and `sensitive: true` beside `value`. */
function collectMarked(node: Json | undefined, secrets: Set<string>): void {
  if (Array.isArray(node)) for (const each of node) collectMarked(each, secrets);
  if (!isObject(node)) return;
  for (const [name, each] of Object.entries(node)) {
    const marks = name === "values" ? node.sensitive_values : node[`${name}_sensitive`];
    if (marks !== undefined) collectByMarks(each, marks, secrets);
    if (name === "value" && node.sensitive === true) collectStrings(each, secrets);
    collectMarked(each, secrets);
  }
}

function collectByMarks(value: Json | undefined, marks: Json | undefined, secrets: Set<string>): void {
  if (marks === true) collectStrings(value, secrets);
  else if (Array.isArray(value) && Array.isArray(marks))
    for (const [index, each] of value.entries()) collectByMarks(each, marks[index], secrets);
  else if (isObject(value) && isObject(marks))
    for (const [name, each] of Object.entries(value)) collectByMarks(each, marks[name], secrets);
}

function collectStrings(value: Json | undefined, secrets: Set<string>): void {
  if (typeof value === "string") secrets.add(value);
  else if (Array.isArray(value)) for (const each of value) collectStrings(each, secrets);
  else if (isObject(value)) for (const each of Object.values(value)) collectStrings(each, secrets);
}

export function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

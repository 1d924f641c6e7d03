import { Decimal, type Exact, isList, isObject } from "../json/exact-json.ts";
import { isLongNumber } from "./forms.ts";
import { type Secrets, textOf } from "./secrets.ts";
import { isTouched, squeeze, squeezeWithPlaces } from "./squeezed.ts";

/** What stands in a text in a secret's place. */
export const SENSITIVE = "(sensitive value)";

/**
 * Whether a value is a secret, or holds one at any depth, in a text or in the name of a key. A text that is no more than an open variable's value is none:
 * the request says it to everybody, and who could write a secret would hide it from the approver.
 */
export function isSecret(value: Exact | undefined, secrets: Secrets): boolean {
  if (typeof value === "string" || value instanceof Decimal) return isSecretLeaf(value, secrets);
  if (isList(value)) return value.some((each) => isSecret(each, secrets));
  if (!isObject(value)) return false;
  return Object.entries(value).some(([name, each]) => holdsSecret(name, secrets) || isSecret(each, secrets));
}

/** Whether a text holds a secret somewhere, in any form. */
export function holdsSecret(text: string, secrets: Secrets): boolean {
  return holdsAnother(text, secrets, undefined);
}

/** Whether a leaf that Terraform marks is known not to be secret (`plain-values.ts`), so that people may see it. */
export function isPlainThoughMarked(value: Exact | undefined, secrets: Secrets): boolean {
  return typeof value === "string" && secrets.plain.has(value) && !isSecret(value, secrets);
}

/** A text for people with every secret in it replaced, in whatever form it stands there. Doing it again changes nothing. */
export function withoutSecrets(text: string, secrets: Secrets): string {
  for (let now = text; ; ) {
    const next = replaced(now, secrets);
    if (next === now) return now;
    now = next;
  }
}

function isSecretLeaf(leaf: string | Decimal, secrets: Secrets): boolean {
  const text = textOf(leaf);
  if (!secrets.whole.has(text)) return holdsSecret(text, secrets);
  if (leaf instanceof Decimal && !isLongNumber(text)) return false;
  return !secrets.open.has(text) || holdsAnother(text, secrets, text);
}

function holdsAnother(text: string, { forms }: Secrets, than: string | undefined): boolean {
  return forms.some(text, than) || (isTouched(text) && forms.some(squeeze(text), than));
}

type Range = { from: number; to: number };

function replaced(text: string, secrets: Secrets): string {
  const hidden = [...text.matchAll(/\(sensitive value\)/g)].map(({ index }) => ({
    from: index,
    to: index + SENSITIVE.length,
  }));
  // What was hidden before is never cut in pieces.
  const found = rangesOf(text, secrets).flatMap((range) =>
    joined(text, [range, ...hidden.filter(({ from, to }) => from < range.to && range.from < to)]),
  );
  let [masked, done] = ["", 0];
  for (const { from, to } of joined(text, found)) {
    masked += text.slice(done, from) + SENSITIVE;
    done = to;
  }
  return masked + text.slice(done);
}

function rangesOf(text: string, { forms }: Secrets): Range[] {
  const { text: squeezed, starts, ends } = squeezeWithPlaces(text);
  const original = ({ from, to }: Range) => ({ from: starts[from] ?? 0, to: ends[to - 1] ?? text.length });
  return [...forms.all(text), ...[...forms.all(squeezed)].map(original)];
}

/** What overlaps, or has nothing but white space between it, is one. */
function joined(text: string, ranges: readonly Range[]): Range[] {
  const all: Range[] = [];
  for (const { from, to } of [...ranges].sort((one, other) => one.from - other.from)) {
    const last = all.at(-1);
    if (last && (from <= last.to || /^\s*$/.test(text.slice(last.to, from)))) last.to = Math.max(last.to, to);
    else all.push({ from, to });
  }
  return all;
}

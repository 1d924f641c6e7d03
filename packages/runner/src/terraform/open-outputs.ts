import type { ApplyOutput } from "@sluice/events";
import { Decimal, type Exact, isList } from "../json/exact-json.ts";
import { isSecret } from "../masking/masked.ts";
import { type Secrets, secretsAnd } from "../masking/secrets.ts";
import type { ApplyRun } from "./terraform.ts";

/** What an apply left that may be had by people and by configurations. Numbers have every digit: it is written with `exactText` and read with `parseExact`. */
export type OpenOutputs = Readonly<{
  outputs: Readonly<Record<string, Exact>>;
  hosts: readonly Exact[];
  /** The first plain ones as text, within what `ApplyOutput` promises. */
  shown: ApplyOutput["shown"];
}>;

/** Outputs that are not sensitive. One that gives a secret away is none of them, also a secret that only the apply's own outputs mark. */
export function openOutputs(outputs: ApplyRun["outputs"], secrets: Secrets): OpenOutputs {
  const all = Object.entries(outputs);
  const known = secretsAnd(
    secrets,
    all.flatMap(([, { sensitive, value }]) => (sensitive ? [value] : [])),
  );
  const plain = all
    .filter(([, { sensitive }]) => !sensitive)
    .map(([name, { value }]) => [name, value ?? null] as const);
  const open = Object.fromEntries(plain.filter(([, value]) => !isSecret(value, known)));
  return { outputs: open, hosts: isList(open.hosts) ? open.hosts : [], shown: shownOf(plain, known) };
}

const SHOWN = 6;
const NAME_CHARACTERS = 40;
const VALUE_BYTES = 120;

function shownOf(plain: readonly (readonly [string, Exact])[], secrets: Secrets): ApplyOutput["shown"] {
  const scalars = plain.flatMap(([name, value]) => {
    const text = textOf(value);
    if (!text || name.length > NAME_CHARACTERS) return [];
    return [[name, isSecret(value, secrets) ? "(sensitive)" : cut(text)] as const];
  });
  return Object.fromEntries(scalars.slice(0, SHOWN));
}

function textOf(value: Exact): string | undefined {
  if (value instanceof Decimal) return value.text;
  return typeof value === "string" || typeof value === "boolean" ? String(value) : undefined;
}

/** In bytes: what it stands in has a promised size. */
function cut(text: string): string {
  let kept = [...text].slice(0, VALUE_BYTES - 1);
  if (kept.length === [...text].length && Buffer.byteLength(text) <= VALUE_BYTES) return text;
  while (Buffer.byteLength(`${kept.join("")}…`) > VALUE_BYTES) kept = kept.slice(0, -1);
  return `${kept.join("")}…`;
}

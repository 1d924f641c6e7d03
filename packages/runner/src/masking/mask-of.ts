import type { Exact } from "../json/exact-json.ts";
import { holdsSecret, isPlainThoughMarked, isSecret } from "./masked.ts";
import { noSecrets, type Secrets, secretsOf } from "./secrets.ts";
import { toolWords, type Words } from "./words.ts";

/** Why a page hides a value: Terraform marks it, or it equals or holds one that Terraform marks elsewhere. */
export type Hidden = "marked" | "equal";

/** What must not be shown of a plan. */
export type Mask = Readonly<{
  secrets: Secrets;
  /** Whether a value is hidden, and why. A mark that says nothing (`plain-values.ts`) hides nothing. */
  hides(value: Exact, isMarked: boolean): Hidden | undefined;
  /** Whether a name, such as a key of a map, holds a secret. */
  hidesName(name: string): boolean;
  /** A tool's words with every secret in them replaced. */
  text(said: string): Words;
}>;

/** @param known what was a secret before there was a plan */
export function maskOf(plan: Exact, known: Secrets = noSecrets): Mask {
  const secrets = secretsOf(plan, known);
  return {
    secrets,
    hides(value, isMarked) {
      if (isMarked) return isPlainThoughMarked(value, secrets) ? undefined : "marked";
      return isSecret(value, secrets) ? "equal" : undefined;
    },
    hidesName: (name) => holdsSecret(name, secrets),
    text: (said) => toolWords(said, secrets),
  };
}

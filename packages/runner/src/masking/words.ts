import { withoutSecrets } from "./masked.ts";
import type { Secrets } from "./secrets.ts";

declare const mark: unique symbol;

/** Words that people may read: our own, or a tool's that every known secret was taken out of. Only this file makes them. */
export type Words = string & { readonly [mark]: "words" };

/** A tool's words as people may read them. Before anything else is done with them: what collapses or cuts a secret hides it from this. */
export function toolWords(said: string, secrets: Secrets): Words {
  return withoutSecrets(said, secrets) as Words;
}

/** Our own words around others: a sentence in the code with numbers and words that may be read. */
export function words(ours: TemplateStringsArray, ...others: readonly (Words | number)[]): Words {
  return String.raw({ raw: ours }, ...others) as Words;
}

/** Text of the release or of the request that everybody may read: the name of a workspace, an environment, a control, a playbook. Never what a tool said. */
export function openText(text: string): Words {
  return text as Words;
}

/** Words put together. */
export function joinWords(all: readonly Words[], between: string): Words {
  return all.join(between) as Words;
}

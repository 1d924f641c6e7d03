import { withoutSecrets } from "./masked.ts";
import type { Secrets } from "./secrets.ts";

declare const mark: unique symbol;

/** Words that people may read: our own, or a tool's that every known secret was taken out of. Only this file makes them. */
export type Words = string & { readonly [mark]: "words" };

/** A tool's words as people may read them. Before anything else is done with them: in what was cut or rewritten a secret may not be found any more. */
export function toolWords(said: string, secrets: Secrets): Words {
  return withoutSecrets(said, secrets) as Words;
}

/** Our own words around others: a sentence in the code with numbers and words that may be read. */
export function words(ours: TemplateStringsArray, ...others: readonly (Words | number)[]): Words {
  return String.raw({ raw: ours }, ...others) as Words;
}

/** A text of the code release or of the request, which everybody may read: a workspace, an environment, a control's title. Never what a tool said. */
export function openText(text: string): Words {
  return text as Words;
}

export function joinWords(all: readonly Words[], between: string): Words {
  return all.join(between) as Words;
}

/** Words that were rewritten after they were masked: for a terminal, on one line. */
export function rewritten(text: Words, by: (text: string) => string): Words {
  return by(text) as Words;
}

/** @param characters how many are kept at most, in UTF-16 units; a cut is marked */
export function cutTo(text: Words, characters: number): Words {
  if (text.length <= characters) return text;
  return rewritten(
    text,
    (whole) =>
      `${whole
        .slice(0, characters - 1)
        .trimEnd()
        .toWellFormed()}…`,
  );
}

export function inOneLine(text: Words): Words {
  return rewritten(text, (lines) => lines.replace(/\s+/g, " ").trim());
}

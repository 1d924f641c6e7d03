import type { Sha256 } from "@sluice/events";
import { cutTo, inOneLine, type Words, words } from "./masking/words.ts";

/** Why a job could not be done, in words for people and a stable code. It becomes the job's result; anything else thrown is a build that broke. */
export class JobFailure extends Error {
  override name = "JobFailure";
  /** A stable code that programs may test for. */
  readonly code: string;
  /** Whether doing it again can help. */
  readonly repeatable: boolean;
  readonly sentence: Words;
  /** Where a plan was not as approved, as a digest: two in a row of one digest will never be equal. */
  readonly differs: Sha256 | undefined;

  constructor(
    code: string,
    sentence: Words,
    { repeatable = false, differs, cause }: { repeatable?: boolean; differs?: Sha256; cause?: unknown } = {},
  ) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.code = code;
    this.sentence = sentence;
    this.repeatable = repeatable;
    this.differs = differs;
  }
}

/** The longest sentence that an event can carry. */
const SENTENCE_CHARACTERS = 1_000;

/**
 * A tool's own words with ours after them. Ours are never cut: "Nothing was changed." is what people look for. It takes only words that were masked before:
 * in what is cut here a secret is not found any more.
 */
export function sentenceOf(said: Words, ending: Words = words``): Words {
  const line = inOneLine(said);
  if (!ending) return cutTo(line, SENTENCE_CHARACTERS);
  return words`${cutTo(withStop(line), SENTENCE_CHARACTERS - ending.length - 1)} ${ending}`;
}

function withStop(text: Words): Words {
  return /[.!?…]$/.test(text) || text === "" ? text : words`${text}.`;
}

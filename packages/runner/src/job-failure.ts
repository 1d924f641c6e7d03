/** Why a job could not be done, in words for people and a stable code. It becomes the job's result; anything else thrown is a build that broke. */
export class JobFailure extends Error {
  override name = "JobFailure";
  /** A stable code that programs may test for. */
  readonly code: string;
  /** Whether doing it again can help. */
  readonly repeatable: boolean;

  constructor(
    code: string,
    sentence: string,
    { repeatable = false, cause }: { repeatable?: boolean; cause?: unknown } = {},
  ) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.code = code;
    this.repeatable = repeatable;
  }
}

/** The longest sentence that an event can carry. */
const SENTENCE_CHARACTERS = 1_000;

/**
 * A tool's own words with ours after them. Ours are never cut: "Nothing was changed." is what people look for.
 */
export function sentenceOf(words: string, ending = ""): string {
  const said = words.replace(/\s+/g, " ").trim();
  const room = SENTENCE_CHARACTERS - (ending ? ending.length + 1 : 0);
  const kept =
    said.length > room
      ? `${said
          .slice(0, room - 1)
          .trimEnd()
          .toWellFormed()}…`
      : said;
  return ending ? `${withStop(kept)} ${ending}`.slice(0, SENTENCE_CHARACTERS) : kept;
}

function withStop(text: string): string {
  return /[.!?…]$/.test(text) || text === "" ? text : `${text}.`;
}

/**
 * How many levels a message may be nested: twice as many as our deepest event has (a test counts them), and fewer than the 32 that DynamoDB keeps. Parameters are
 * flat. What recurses over a value, such as a schema, a digest or `JSON.stringify`, breaks from about 1,000 on.
 */
export const MAX_DEPTH = 24;

/** DynamoDB's least number above zero; its greatest is far above the integers that a double holds exactly. */
const LEAST_NUMBER = 1e-130;

/**
 * Names that somebody reads as something else: zod drops `__proto__`, so that what is digested is not what came; the AWS SDK takes a map with a `constructor` for
 * an object of a class; DynamoDB takes no empty name.
 */
const MISREAD_NAMES = ["__proto__", "constructor", ""];

/** Why a value cannot be handled, for programs and as a sentence that repeats nothing of it. */
export type Flaw = Readonly<{ code: "too_deep" | "invalid"; sentence: string }>;

/**
 * What is wrong with a value as `JSON.parse` gives it, whatever it is meant to be; nothing where every later reader can parse, digest, keep and say it again.
 * Every door asks before anything else looks at what came. It does not recurse, so no depth breaks it.
 */
export function flawOf(value: unknown): Flaw | undefined {
  let level: readonly unknown[] = [value];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return { code: "too_deep", sentence: `It is nested more than ${MAX_DEPTH} levels deep` };
    const flaw = level.map(flawOfOne).find((each) => each !== undefined);
    if (flaw) return { code: "invalid", sentence: flaw };
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
  }
  return undefined;
}

function flawOfOne(value: unknown): string | undefined {
  if (typeof value === "string" && !value.isWellFormed()) return HALF;
  if (typeof value === "number" && !isKept(value)) return "A number of it is not kept as it was sent";
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const names = Object.keys(value);
  if (!names.every((name) => name.isWellFormed())) return HALF;
  const misread = names.find((name) => MISREAD_NAMES.includes(name));
  return misread === undefined ? undefined : `The name "${misread}" in it would be read as something else`;
}

const HALF = "A text of it holds half a character (a lone surrogate)";

function isKept(value: number): boolean {
  const size = Math.abs(value);
  return size === 0 || (size >= LEAST_NUMBER && size <= Number.MAX_SAFE_INTEGER);
}

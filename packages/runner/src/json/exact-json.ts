/** JSON that lost nothing: a number is a `Decimal`, never a double. */
export type Exact = null | boolean | string | Decimal | readonly Exact[] | { readonly [key: string]: Exact };

/**
 * A number by its shortest plain decimal, so that equal values are equal texts: `1.10` and `1.1` are one, `9007199254740992` and `…993` are two.
 * It is a class of its own until it is written, so that a number equals neither a text nor a map that looks like one.
 */
export class Decimal {
  readonly text: string;

  /** @param source as JSON spells a number. @throws NotExact when it has more than 5,000 digits. */
  constructor(source: string) {
    this.text = plain(source);
  }

  /** As a number of JSON again, every digit of it. */
  toJSON(): unknown {
    return rawJson(this.text);
  }
}

/** A text that cannot be read without loss, or is no JSON. The message says which. */
export class NotExact extends Error {
  override name = "NotExact";
}

const MAX_DIGITS = 5_000;
const MAX_DEPTH = 200;

/**
 * Reads JSON without loss.
 *
 * @throws NotExact for what is no JSON, a number of more than 5,000 digits, nesting beyond 200 levels, or half a character (a lone surrogate):
 * what cannot be written again as it was is not read.
 */
export function parseExact(text: string): Exact {
  const value = parsed(text);
  refuseDepth(value, 0);
  return value;
}

/** JSON of an exact value, numbers with every digit. */
export function exactText(value: Exact | object): string {
  return JSON.stringify(value);
}

export function isObject(value: Exact | undefined): value is { readonly [key: string]: Exact } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Decimal);
}

/** What stands under a name; nothing where there is no such name, or no map. */
export function memberOf(value: Exact | undefined, name: string): Exact | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** `Array.isArray` does not narrow a read-only list. */
export function isList(value: Exact | undefined): value is readonly Exact[] {
  return Array.isArray(value);
}

type SourceReviver = (this: unknown, key: string, value: unknown, context: Readonly<{ source?: string }>) => unknown;

function parsed(text: string): Exact {
  const reviver: SourceReviver = (_, value, { source }) => {
    if (typeof value !== "number") return value;
    if (source === undefined) throw new Error("This Node does not say how a number was spelled: it needs 22 or newer");
    return new Decimal(source);
  };
  try {
    return JSON.parse(text, reviver as (key: string, value: unknown) => unknown) as Exact;
  } catch (cause) {
    // JSON.parse quotes what it could not read, which may be a secret.
    if (cause instanceof SyntaxError) throw new NotExact("It is no JSON");
    if (cause instanceof RangeError) throw new NotExact(TOO_DEEP, { cause });
    throw cause;
  }
}

const TOO_DEEP = `It is nested more than ${MAX_DEPTH} levels deep`;

function refuseDepth(value: Exact, depth: number): void {
  if (depth > MAX_DEPTH) throw new NotExact(TOO_DEEP);
  if (typeof value === "string") refuseHalves(value);
  else if (isList(value)) for (const each of value) refuseDepth(each, depth + 1);
  else if (isObject(value))
    for (const [name, each] of Object.entries(value)) {
      refuseHalves(name);
      refuseDepth(each, depth + 1);
    }
}

function refuseHalves(text: string): void {
  if (!text.isWellFormed()) throw new NotExact("It holds half a character (a lone surrogate)");
}

/** `1.10` → `1.1`, `1e3` → `1000`, `-0.0` → `0`, `2.50E-2` → `0.025`. */
function plain(source: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source);
  if (!parts) throw new NotExact("It holds a number that is none");
  const [, sign = "", whole = "", fraction = "", power = "0"] = parts;
  const exponent = Number(power);
  if (source.length > MAX_DIGITS || Math.abs(exponent) > MAX_DIGITS)
    throw new NotExact(`It holds a number of more than ${MAX_DIGITS.toLocaleString("en")} digits`);
  const digits = "0".repeat(Math.max(0, -exponent - whole.length)) + whole + fraction;
  const point = Math.max(0, whole.length + exponent);
  const left =
    digits
      .slice(0, point)
      .padEnd(point, "0")
      .replace(/^0+(?=.)/, "") || "0";
  const right = digits.slice(point).replace(/0+$/, "");
  const text = right ? `${left}.${right}` : left;
  return text === "0" ? "0" : sign + text;
}

/** https://tc39.es/proposal-json-parse-with-source/: in Node since 21, in TypeScript's library not yet. */
const { rawJSON: rawJson } = JSON as unknown as Readonly<{ rawJSON(text: string): unknown }>;

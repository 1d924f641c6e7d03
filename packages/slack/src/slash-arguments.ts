/** What a person typed after a command: `virtual-machine name=web-7 reason='load test'` is one word and two named values. */
export type SlashArguments =
  | Readonly<{ ok: true; words: readonly string[]; named: Readonly<Record<string, string>> }>
  | Readonly<{ ok: false; error: string }>;

const OPEN_TO_CLOSE: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "“": "”",
  "‘": "’",
  "„": "“",
  "”": "”",
  "’": "’",
};
const NAME = /^([A-Za-z][A-Za-z0-9_-]{0,59})=/;

/**
 * Splits at spaces; quotes (also the curly ones that telephones make) keep spaces, and nothing else has a meaning: no escapes,
 * no variables. `error` is a sentence for the person.
 */
export function parseArguments(text: string): SlashArguments {
  const words: string[] = [];
  const named = new Map<string, string>();
  let rest = text.trimStart();
  while (rest !== "") {
    const name = NAME.exec(rest)?.[1];
    const value = takeValue(name === undefined ? rest : rest.slice(name.length + 1));
    if (typeof value === "string") return { ok: false, error: value };
    if (name === undefined) words.push(value.taken);
    else if (named.has(name)) return { ok: false, error: `“${name}” is given twice.` };
    else named.set(name, value.taken);
    rest = value.rest.trimStart();
  }
  return { ok: true, words, named: Object.fromEntries(named) };
}

function takeValue(text: string): { taken: string; rest: string } | string {
  const close = OPEN_TO_CLOSE[text.charAt(0)];
  if (close === undefined) {
    const end = text.search(/\s/);
    return end < 0 ? { taken: text, rest: "" } : { taken: text.slice(0, end), rest: text.slice(end) };
  }
  const end = text.indexOf(close, 1);
  if (end < 0) return `A quotation mark is open: close it with ${close} after the value.`;
  if (/^\S/.test(text.slice(end + 1))) return `Put a space after the closing ${close}.`;
  return { taken: text.slice(1, end), rest: text.slice(end + 1) };
}

import { MIN_LENGTH } from "./form-index.ts";
import { squeeze } from "./squeezed.ts";

/**
 * What stands for a secret in a text, as it is or squeezed: the whole, each of its lines, and both in base64. Shorter ones than `MIN_LENGTH` are left out.
 *
 * @returns nothing for what is too short to be looked for within texts
 */
export function formsOf(secret: string): ReadonlySet<string> {
  if (secret.length < MIN_LENGTH) return new Set();
  const lines = secret.split(LINE_END).map((line) => line.trim());
  const collapsed = secret.replace(/\s+/g, " ").trim();
  const written = [secret, ...lines, collapsed].filter((each) => each.length >= MIN_LENGTH);
  // An encoded document has the secret as JSON has it.
  const escaped = [secret, ...lines].flatMap((each) => [jsonText(each), htmlSafe(jsonText(each))]);
  const encoded = [...written, ...escaped].filter((each) => each.length >= MIN_LENGTH).flatMap(base64Forms);
  const all = [...written, ...encoded].flatMap((each) => [each, squeeze(each)]);
  return new Set([...all, ...[secret, ...lines].flatMap(spelledOut)].filter((form) => form.length >= MIN_LENGTH));
}

/** What is nearly nothing but white space, quotation marks and escapes is too short when it is squeezed: it is known only as it is written. */
function spelledOut(text: string): string[] {
  if (squeeze(text).length >= MIN_LENGTH) return [];
  const percent = encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
  const json = [jsonText(text), htmlSafe(jsonText(text)), asciiOnly(jsonText(text)), hclText(text)];
  const percents = [
    percent.replace(/%../g, (each) => each.toUpperCase()),
    percent.replace(/%../g, (each) => each.toLowerCase()),
  ];
  return [...json, ...json.map(jsonText), ...percents, ...percents.map((each) => each.replaceAll("%20", "+"))];
}

/** A number is looked for by its digits, from six on, and as Go writes a float: `4.8151623e+07`. */
export function formsOfNumber(decimal: string): ReadonlySet<string> {
  if (!isLongNumber(decimal)) return new Set();
  const unsigned = decimal.replace("-", "");
  const [whole = "", ...digits] = unsigned.replace(/0+$/, "");
  const power = String(unsigned.length - 1).padStart(2, "0");
  const float =
    /^\d+$/.test(unsigned) && digits.length + 1 >= MIN_LENGTH ? [`${whole}.${digits.join("")}e+${power}`] : [];
  return new Set([unsigned, ...float].flatMap((each) => [...formsOf(each)]));
}

/** Whether a number has digits enough to be known by them: from six on, zeros before the first other digit not counted. */
export function isLongNumber(decimal: string): boolean {
  return decimal.replace(/\D/g, "").replace(/^0+/, "").length >= MIN_LENGTH;
}

const LINE_END = /[\r\n\v\f\u0085\u2028\u2029]+/;

/** As JSON has it between its quotation marks. */
function jsonText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** As HCL has it between its quotation marks. */
function hclText(text: string): string {
  return jsonText(text).replace(/[$%](?=\{)/g, "$&$&");
}

/** As Go, and with it Terraform's `jsonencode`, writes JSON. */
function htmlSafe(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, unicodeEscape);
}

/** As Python writes JSON. */
function asciiOnly(json: string): string {
  return json.replace(/[^ -~]/g, unicodeEscape);
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * The characters of base64 that are the text's alone, wherever in three bytes it begins, in both alphabets. The one before and after may hold a few bits of it
 * together with what stands beside it.
 */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const own = whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

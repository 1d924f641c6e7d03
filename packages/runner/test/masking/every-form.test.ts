import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSecret, withoutSecrets } from "../../src/masking/masked.ts";
import { noSecrets, secretsAnd } from "../../src/masking/secrets.ts";
import { squeeze } from "../../src/masking/squeezed.ts";

const secretsOfTexts = (...texts: string[]) => secretsAnd(noSecrets, texts);
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const html = (text: string) => json(text).replace(/[<>&\u2028\u2029]/g, unicode);
const ascii = (text: string) => json(text).replace(/[^ -~]/g, unicode);
const hcl = (text: string) => json(text).replaceAll("${", "$${").replaceAll("%{", "%%{");
const base64 = (text: string) => Buffer.from(text).toString("base64");
function unicode(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Everything of a text percent-encoded but what every tool leaves, as Go's QueryEscape does. */
function percent(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Each way in which a tool prints a text. */
const forms: Readonly<Record<string, (text: string) => string>> = {
  "as it is": (text) => text,
  "in one line": (text) => text.replace(/\s+/g, " ").trim(),
  "with other line ends": (text) => text.replace(/\r?\n/g, "\r\n"),
  indented: (text) => text.replaceAll("\n", "\n    "),
  "escaped for JSON": json,
  "escaped for JSON in a page": html,
  "escaped for JSON in ASCII": ascii,
  "escaped for HCL": hcl,
  "escaped for JSON twice": (text) => json(json(text)),
  "escaped for JSON in a page twice": (text) => html(html(text)),
  "escaped for JSON in HCL": (text) => hcl(html(text)),
  "escaped for JSON three times": (text) => json(json(json(text))),
  "as Python's repr": (text) => text.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\n"),
  "quoted for a shell": (text) => text.replaceAll("'", "'\\''"),
  "in base64": base64,
  "in base64 after one byte": (text) => base64(`-${text}`),
  "in base64 after two bytes": (text) => base64(`--${text}-`),
  "in base64 without padding": (text) => base64(text).replace(/=+$/, ""),
  "in base64 for URLs": (text) => Buffer.from(`-${text}`).toString("base64url"),
  "in wrapped base64": (text) => base64(text).replace(/.{20}/g, "$&\n"),
  "in JSON in base64": (text) => base64(html(text)),
  "percent-encoded": percent,
  "percent-encoded by few": encodeURI,
  "percent-encoded in small letters": (text) => percent(text).replace(/%../g, (each) => each.toLowerCase()),
  "percent-encoded with + for a blank": (text) => percent(text).replaceAll("%20", "+"),
  "percent-encoded JSON": (text) => percent(json(text)),
};

/** What must not be seen of a secret: itself and each of its longer lines, in clear or in any of the forms. */
function remains(secret: string, text: string): string[] {
  const parts = [secret, ...secret.split(/\r?\n/)].map((part) => part.trim()).filter((part) => part.length >= 6);
  return parts.filter((part) =>
    Object.values(forms).some((form) => form(part).length >= 8 && text.includes(form(part))),
  );
}

const line = fc.string({
  unit: fc.constantFrom(..."abcXYZ019 .,:;/+=-_<>&'\"\\%$#{}()üß漢😀\t"),
  minLength: 6,
  maxLength: 30,
});
const secret = fc
  .array(line, { minLength: 1, maxLength: 5 })
  .map((lines) => lines.join("\n"))
  .filter((text) => text.split("\n").every((each) => squeeze(each).length >= 6));
const around = fc.string({ unit: fc.constantFrom(..."kmnpqw ,:[]"), maxLength: 12 });

describe.each(Object.entries(forms))("a secret %s", (name, form) => {
  it("does not remain in a tool's words, and is found in a value", () => {
    fc.assert(
      fc.property(secret, around, around, (hidden, before, after) => {
        const said = `${before} ${form(hidden)} ${after}`;
        const secrets = secretsOfTexts(hidden);
        const masked = withoutSecrets(said, secrets);

        expect(remains(hidden, masked), `${name}: ${masked}`).toEqual([]);
        expect(masked).toContain("(sensitive value)");
        expect(withoutSecrets(masked, secrets)).toBe(masked);
        expect(isSecret({ list: [said] }, secrets)).toBe(true);
        expect(isSecret({ [said]: null }, secrets)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

it("a line of a secret is not seen by itself either", () => {
  fc.assert(
    fc.property(secret, fc.nat(), fc.constantFrom(...Object.values(forms)), (hidden, which, form) => {
      const lines = hidden.split("\n");
      const one = lines[which % lines.length]?.trim() ?? "";
      fc.pre(squeeze(one).length >= 6);

      const masked = withoutSecrets(`said ${form(one)}.`, secretsOfTexts(hidden));

      expect(remains(one, masked)).toEqual([]);
      expect(masked).toContain("(sensitive value)");
    }),
    { numRuns: 300 },
  );
});

/** Squeezed, nothing would be left of these to be found by. */
const sparse = fc
  .string({ unit: fc.constantFrom(..."a1<é '\"+\\%$\t\n"), minLength: 6, maxLength: 14 })
  .filter((text) => text.replace(/\s+/g, " ").trim().length >= 6 && squeeze(text).length < 6);

it.each([
  "as it is",
  "in one line",
  "escaped for JSON",
  "escaped for JSON in a page",
  "escaped for JSON in ASCII",
  "escaped for HCL",
  "escaped for JSON twice",
  "in base64",
  "in base64 after one byte",
  "in base64 for URLs",
  "percent-encoded",
  "percent-encoded in small letters",
  "percent-encoded with + for a blank",
])("a secret of little but white space and marks does not remain %s", (name) => {
  const form = forms[name] ?? ((text: string) => text);
  fc.assert(
    fc.property(sparse, around, (hidden, beside) => {
      const masked = withoutSecrets(`${beside} ${form(hidden)} ${beside}`, secretsOfTexts(hidden));

      expect(masked, `${name}: ${masked}`).not.toContain(form(hidden).trim().slice(0, -1));
    }),
    { numRuns: 60 },
  );
});

import { cut, visibleText } from "@sluice/text";
import type * as z from "zod";
import type { FormField } from "./form-fields.ts";

type Issue = z.core.$ZodIssue;

/**
 * What stands at the field: what is allowed, then what was wrong with what was given, as in
 * `Use 3 to 30 lower-case letters, digits or hyphens, starting with a letter. “Web 7” has a space.`
 */
export function errorSentence(field: FormField, given: unknown, issue: Issue): string {
  const wrong = issue.code === "custom" ? issue.message : wrongWith(field, given, issue);
  return `${field.allowed} ${wrong}`;
}

function wrongWith(field: FormField, given: unknown, issue: Issue): string {
  const value = part(given, issue.path.slice(1));
  if (value === undefined || value === null || value === "") return "Nothing was given.";
  if (Array.isArray(value)) return countWrong(value.length, issue);
  const shown = `“${cut(visibleText(String(value)), 40)}”`;
  if (field.kind === "choice") return `${shown} is none of them.`;
  if (typeof value === "number" || field.kind === "number" || field.items === "number")
    return `${shown} ${numberWrong(value, issue)}.`;
  return `${shown} ${textWrong(String(value), field, issue)}.`;
}

function countWrong(count: number, issue: Issue): string {
  if (count === 0) return "Nothing was given.";
  return issue.code === "too_big" || issue.code === "too_small" ? `There are ${count}.` : "This is a list.";
}

function numberWrong(value: unknown, issue: Issue): string {
  if (issue.code === "too_big") return "is too large";
  if (issue.code === "too_small") return "is too small";
  if (typeof value === "number") return "is not a whole number";
  return "is not a number";
}

function textWrong(value: string, field: FormField, issue: Issue): string {
  if (issue.code === "too_big" || issue.code === "too_small") return `has ${characters(value)}`;
  if (/[\n\r]/.test(value)) return "has a line break";
  if (/\s/.test(value)) return "has a space";
  if (visibleText(value) !== value) return "has a character that cannot be seen";
  return (field.pattern && whyNot(value, field.pattern)) ?? "does not fit";
}

/** Finds the smallest change that would make the value fit: that is what is wrong with it. */
function whyNot(value: string, pattern: RegExp): string | undefined {
  if (pattern.test(value.toLowerCase())) return "has an upper-case letter";
  if (isTooLong(value, pattern)) return `has ${characters(value)}`;
  if (pattern.test(value.slice(1))) return `starts with “${value.charAt(0)}”`;
  const odd = [...new Set(value.replace(/[\p{L}\p{N}]/gu, ""))];
  const alone = odd.find((character) => pattern.test(value.replaceAll(character, "")));
  if (alone !== undefined) return `has “${alone}”`;
  if (["a", "aa", "aaa"].some((more) => pattern.test(value + more))) return `has ${characters(value)}`;
  const classes = pattern.source.match(/\[[^\]]*\]/g)?.join("") ?? pattern.source;
  const strange = [...value].find((character) => !/[A-Za-z0-9]/.test(character) && !classes.includes(character));
  return strange === undefined ? undefined : `has “${strange}”`;
}

/** A beginning of it fits, and every character after that would be good in there as well. */
function isTooLong(value: string, pattern: RegExp): boolean {
  const shown = value.slice(0, 200);
  for (let length = shown.length - 1; length > 0; length--) {
    const start = shown.slice(0, length);
    if (pattern.test(start)) return [...shown.slice(length)].every((more) => pattern.test(start.slice(0, -1) + more));
  }
  return false;
}

function characters(value: string): string {
  const count = [...value].length;
  return count === 1 ? "1 character" : `${count} characters`;
}

function part(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (Array.isArray(value) ? value[Number(key)] : value), given);
}

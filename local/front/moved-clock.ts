import type { IncomingMessage } from "node:http";
import type { Answer } from "./answer.ts";

/**
 * The same answer at the time that its call was signed at. Functions live by a clock that can be moved ahead; by another one an SDK would take every refusal
 * for one of its own clock, and try again.
 */
export function byCallersClock({ headers }: IncomingMessage, answer: Answer): Answer {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers["x-amz-date"])) ?? [];
  if (parts.length === 0) return answer;
  const [year = 0, month = 1, day, hour, minute, second] = parts.map(Number);
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second)).toUTCString();
  return { ...answer, headers: { ...answer.headers, date } };
}

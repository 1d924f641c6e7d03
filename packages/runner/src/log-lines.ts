import type { Result } from "./run-job.ts";
import type { Doing } from "./terraform/ui-message.ts";

/** `Creating aws_instance.host, 20 s`: a line of the build's log. */
export function doingLine({ doing, seconds }: Doing): string {
  return oneLine(seconds === undefined ? doing : `${doing}, ${seconds} s`);
}

/** How the job ended: `apply completed`, or why it did not in the words that the request's message has. */
export function endLine(kind: string, result: Result): string {
  return oneLine(
    result.outcome === "completed" ? `${kind} completed` : `${kind} failed (${result.code}): ${result.sentence}`,
  );
}

/** Why a build broke. What JSON.parse says quotes what it read, which may be a state. */
export function crashLine({ name, message }: Error): string {
  return oneLine(name === "SyntaxError" ? name : `${name}: ${message}`);
}

/** Words of a tool must not look like lines of ours. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
}

import { type RequestId, titleOf } from "@sluice/events";
import { code, escapeMrkdwn, fitting, inWords, timeOfDay } from "@sluice/slack";
import { durationInWords } from "@sluice/text";
import { checksInWords, countsInWords, doneInWords } from "./counts.ts";
import { known } from "./facts/known.ts";
import type { Picture, StepPicture, StepState } from "./facts/picture.ts";
import { groupsInWords, listed, named, type People } from "./people.ts";

/** Status is glyph and word, never one alone. */
const glyphs: Readonly<Record<StepState, string>> = {
  done: "✓",
  running: "◐",
  waiting: "◐",
  to_come: "○",
  failed: "✗",
  skipped: "–",
};

const stateWords: Readonly<Record<StepState, string>> = {
  done: "",
  running: "running",
  waiting: "waiting",
  to_come: "",
  failed: "failed",
  skipped: "skipped",
};

/** What the request is doing, for whoever sees a line of it alone: `waits for approval by @infrastructure`, `Plan is running`. */
export function headline({ steps }: Pick<Picture, "steps">): string {
  const current = steps.find(({ state }) => state === "running" || state === "waiting" || state === "failed");
  if (!current) return "accepted";
  const opened = current.kind === "approval" && current.state === "waiting" && known.opened(current);
  if (opened) return `waits for approval by ${groupsInWords(opened.groups)}`;
  return current.state === "failed" ? `${stepTitle(current)} failed` : `${stepTitle(current)} is ${current.state}`;
}

/** What a step is called to people, for Slack. */
export function stepTitle({ kind, name }: Pick<StepPicture, "kind" | "name">): string {
  return escapeMrkdwn(titleOf(kind, name));
}

/**
 * A step as the request's message and its status show it: `✓ *Plan*   + 3 to add   ~ 0 to change   − 0 to destroy   _41 s_`.
 *
 * @param isExplained why a step failed is said elsewhere
 * @param requesterOf who asked for another request, as far as that is known: whose it is that holds the workspace
 */
export function stepLine(
  step: StepPicture,
  people: People,
  isExplained: boolean,
  requesterOf: RequesterOf = () => undefined,
): string {
  const title = stepTitle(step);
  if (step.state === "to_come") return `${glyphs.to_come} ${title}`;
  const words = detailOf(step, people, isExplained, requesterOf) || stateWords[step.state];
  const isTimed = step.seconds !== undefined && step.kind !== "approval" && step.state !== "skipped";
  const seconds = isTimed ? `_${durationInWords((step.seconds ?? 0) * 1_000)}_` : "";
  const again = step.attempt > 1 ? `attempt ${step.attempt}` : "";
  return [`${glyphs[step.state]} *${title}*`, words, again, seconds].filter(Boolean).join("   ");
}

function detailOf(step: StepPicture, people: People, isExplained: boolean, requesterOf: RequesterOf): string {
  const failure = known.failure(step);
  if (failure) return isExplained ? "failed" : `failed: ${fitting((n) => code(failure.sentence, n), 160, 400)}`;
  if (step.kind === "approval") return approvalDetail(step, people);
  if (step.state === "running") return progressDetail(step);
  if (step.state === "waiting") return waitDetail(step, people, requesterOf);
  return resultOf(step) ?? "";
}

function progressDetail(step: StepPicture): string {
  const progress = known.progress(step);
  if (!progress) return "";
  const since = progress.seconds ? `, ${durationInWords(progress.seconds * 1_000)}` : "";
  return `running: ${inWords(progress.doing, 160)}${since}`;
}

export type RequesterOf = (request: RequestId) => string | undefined;

function waitDetail(step: StepPicture, people: People, requesterOf: RequesterOf): string {
  const waits = known.waits(step);
  if (waits?.waitsFor !== "workspace") return "waiting for a build";
  const whose = waits.holder && requesterOf(waits.holder);
  const request = whose ? `a request of ${named(people, whose)} (${waits.holder})` : waits.holder;
  const holder = request ? `, held by ${request}` : "";
  return `waiting for the workspace${holder}${waits.position ? `, number ${waits.position} in line` : ""}`;
}

/** What an attempt came to, in a few words; nothing where it has no result. */
export function resultOf(step: Pick<StepPicture, "facts">): string | undefined {
  const planned = known.plan(step)?.output;
  if (planned) return countsInWords(planned);
  const applied = known.apply(step)?.output;
  if (applied) return doneInWords(applied.resources);
  const scanned = known.scan(step)?.output;
  if (scanned) return checksInWords(scanned);
  const configured = known.configuration(step)?.output;
  if (!configured) return undefined;
  if (!configured.ran) return `skipped: ${inWords(configured.reason, 200)}`;
  return `${configured.changed} changed on ${configured.hosts} ${configured.hosts === 1 ? "host" : "hosts"}`;
}

function approvalDetail(step: StepPicture, people: People): string {
  const granted = known.granted(step);
  if (granted) return passedBy(granted, people);
  const denied = known.denied(step);
  if (denied?.by) return `rejected by ${named(people, denied.by)}`;
  if (denied) return "refused: nobody decided in time";
  const opened = known.opened(step);
  if (!opened) return "";
  return `waiting for ${stillNeeded(step, people)} of ${groupsInWords(opened.groups)}, until ${timeOfDay(Date.parse(opened.until))}, then it is refused`;
}

/** `approved by Carol at 14:09`, or the rule that nobody had to decide by. */
export function passedBy(granted: NonNullable<ReturnType<typeof known.granted>>, people: People): string {
  const { decidedBy, grantedAt } = granted;
  if (Array.isArray(decidedBy))
    return `approved by ${listed(decidedBy.map((id) => named(people, id)))} at ${timeOfDay(Date.parse(grantedAt))}`;
  return decidedBy.rule === "automatic"
    ? "passed by this environment's rule: nobody has to approve here"
    : "passed by rule: the plan changes nothing";
}

/** `one`, or who has approved already and how many more there have to be. */
export function stillNeeded(gate: StepPicture, people: People): string {
  const needed = known.opened(gate)?.needed ?? 1;
  const have = known.approvals(gate).count;
  const left = Math.max(1, needed - have.length);
  const count = left === 1 ? "one" : String(left);
  return have.length > 0 ? `${count} more (after ${listed(have.map((id) => named(people, id)))})` : count;
}

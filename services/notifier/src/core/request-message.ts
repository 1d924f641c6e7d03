import { MAX_REASON, titleOf } from "@sluice/events";
import {
  actions,
  code,
  context,
  durationInWords,
  escapeMrkdwn,
  fitting,
  inWords,
  type MessageContent,
  paragraphs,
  quoting,
  section,
  timeOfDay,
} from "@sluice/slack";
import { buttonsOf } from "./buttons.ts";
import { outcomeOf } from "./outcome.ts";
import { type Picture, type StepPicture, told } from "./picture.ts";
import {
  checksInWords,
  countsInWords,
  doneInWords,
  glyphs,
  groupsInWords,
  listed,
  named,
  type People,
  shortDigest,
  subjectInWords,
} from "./words.ts";

/** The one message of a request in its environment's channel, as it is now. */
export function requestMessage(picture: Picture, people: People): MessageContent {
  const { itinerary, steps } = picture;
  const { request, subject, environment, workspace } = itinerary;
  const outcome = outcomeOf(picture, people);
  const buttons = buttonsOf(picture);
  const planned = told.plan(steps.find(({ kind }) => kind === "plan"));

  return {
    text: outcome
      ? [`${inWords(subject, 120)} ${outcome.plain}`, outcome.said].filter(Boolean).join("\n")
      : `${inWords(subject, 120)} in ${escapeMrkdwn(environment)}: ${headline(picture)}`,
    blocks: [
      section(`*${subjectInWords(subject)} in ${escapeMrkdwn(environment)}*`),
      section(askedBy(picture, people)),
      ...paragraphs(steps.map((step) => stepLine(step, people, outcome !== undefined))).map((text) => section(text)),
      ...(outcome ? [section(outcome.shown)] : []),
      ...(outcome?.said ? [section(outcome.said)] : []),
      ...(buttons.length > 0 ? [actions(`request.${request}`, ...buttons)] : []),
      context(
        [
          request,
          `workspace ${workspace}`,
          ...(planned ? [`plan ${shortDigest(planned.output.changeDigest)}`] : []),
        ].join(" · "),
      ),
    ],
  };
}

/**
 * `Asked by Ada:` and below it `“load test for the June release”`: a block of its own. For whom another system asks is that system's word, which nobody has proven:
 * `Asked by Pipeline, which says it is for Ada:`.
 */
export function askedBy({ itinerary }: Picture, people: People): string {
  const { requester, onBehalfOf, reason } = itinerary;
  const whom = onBehalfOf ? `, which says it is for ${named(people, onBehalfOf)}` : "";
  return quoting(`Asked by ${named(people, requester)}${whom}`, reason, MAX_REASON);
}

/** What the request is doing, for whoever sees the text alone. */
function headline({ steps }: Picture): string {
  const current = steps.find(({ state }) => state === "running" || state === "waiting" || state === "failed");
  if (!current) return "accepted";
  const title = escapeMrkdwn(titleOf(current.kind, current.name));
  const opened = current.kind === "approval" && current.state === "waiting" && told.opened(current);
  if (opened) return `waits for approval by ${groupsInWords(opened.groups)}`;
  return current.state === "failed" ? `${title} failed` : `${title} is ${current.state}`;
}

const stateWords = {
  done: "",
  running: "running",
  waiting: "waiting",
  to_come: "",
  failed: "failed",
  skipped: "skipped",
} as const;

function stepLine(step: StepPicture, people: People, isExplained: boolean): string {
  const title = escapeMrkdwn(titleOf(step.kind, step.name));
  if (step.state === "to_come") return `${glyphs.to_come} ${title}`;
  const words = detailOf(step, people, isExplained) || stateWords[step.state];
  const isTimed = step.seconds !== undefined && step.kind !== "approval" && step.state !== "skipped";
  const seconds = isTimed ? `_${durationInWords((step.seconds ?? 0) * 1_000)}_` : "";
  const again = step.attempt > 1 ? `attempt ${step.attempt}` : "";
  return [`${glyphs[step.state]} *${title}*`, words, again, seconds].filter(Boolean).join("   ");
}

function detailOf(step: StepPicture, people: People, isExplained: boolean): string {
  const failure = told.failure(step);
  if (failure) return isExplained ? "failed" : `failed: ${fitting((n) => code(failure.sentence, n), 160, 400)}`;
  if (step.kind === "approval") return approvalDetail(step, people);
  if (step.state === "running") return progressDetail(step);
  if (step.state === "waiting") return waitDetail(step);
  return resultDetail(step);
}

function progressDetail(step: StepPicture): string {
  const progress = told.progress(step);
  if (!progress) return "";
  const since = progress.seconds ? `, ${durationInWords(progress.seconds * 1_000)}` : "";
  return `running: ${inWords(progress.doing, 160)}${since}`;
}

function waitDetail(step: StepPicture): string {
  const waits = told.waits(step);
  if (waits?.waitsFor !== "workspace") return "waiting for a build";
  const holder = waits.holder ? `, held by ${waits.holder}` : "";
  return `waiting for the workspace${holder}${waits.position ? `, number ${waits.position} in line` : ""}`;
}

function resultDetail(step: StepPicture): string {
  const planned = told.plan(step);
  if (planned) return countsInWords(planned.output);
  const applied = told.apply(step);
  if (applied) return doneInWords(applied.output.resources);
  const scanned = told.scan(step);
  if (scanned) return checksInWords(scanned.output);
  const configured = told.configuration(step)?.output;
  if (!configured) return "";
  if (!configured.ran) return `skipped: ${inWords(configured.reason, 200)}`;
  return `${configured.changed} changed on ${configured.hosts} ${configured.hosts === 1 ? "host" : "hosts"}`;
}

function approvalDetail(step: StepPicture, people: People): string {
  const granted = told.granted(step);
  if (granted) return passedBy(granted, people);
  const denied = told.denied(step);
  if (denied?.by) return `rejected by ${named(people, denied.by)}`;
  if (denied) return "refused: nobody decided in time";
  const opened = told.opened(step);
  if (!opened) return "";
  return `waiting for ${stillNeeded(step, people)} of ${groupsInWords(opened.groups)}, until ${timeOfDay(Date.parse(opened.until))}, then it is refused`;
}

/** `approved by Carol at 14:09`, or the rule that nobody had to decide by. */
export function passedBy(granted: NonNullable<ReturnType<typeof told.granted>>, people: People): string {
  const { decidedBy, grantedAt } = granted;
  if (Array.isArray(decidedBy))
    return `approved by ${listed(decidedBy.map((id) => named(people, id)))} at ${timeOfDay(Date.parse(grantedAt))}`;
  return decidedBy.rule === "automatic"
    ? "passed by this environment's rule: nobody has to approve here"
    : "passed by rule: the plan changes nothing";
}

/** `one`, or who has approved already and how many more there have to be. */
export function stillNeeded(gate: StepPicture, people: People): string {
  const needed = told.opened(gate)?.needed ?? 1;
  const have = told.approvals(gate).count;
  const left = Math.max(1, needed - have.length);
  const count = left === 1 ? "one" : String(left);
  return have.length > 0 ? `${count} more (after ${listed(have.map((id) => named(people, id)))})` : count;
}

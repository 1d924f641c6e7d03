import {
  type DataOf,
  MAX_REASON,
  pausingFor,
  type RequestPaused,
  type RequestStalled,
  titleOf,
  WorkspaceBlocked,
} from "@sluice/events";
import { code, dayAndTime, escapeMrkdwn, fitting, quoting } from "@sluice/slack";
import { durationInWords, isBlank } from "@sluice/text";
import { checksInWords } from "./counts.ts";
import { type Fact, isFactOf } from "./facts/fact.ts";
import { known } from "./facts/known.ts";
import type { EndFact, Picture } from "./facts/picture.ts";
import { named, type People, subjectInWords } from "./people.ts";
import { stepTitle } from "./steps.ts";

/**
 * How a request ended, or why it does not go on. `plain` continues "Virtual machine web-7 …" and stands alone in a notification. `said` is what the person
 * wrote who ended it, for a block of its own or the end of a text.
 */
export type Outcome = Readonly<{ shown: string; plain: string; said?: string }>;

/** What happened, what it means, what to do; nothing while the request goes on. */
export function outcomeOf(picture: Picture, people: People): Outcome | undefined {
  if (picture.end) return endOf(picture, picture.end, people);
  if (picture.paused) return pauseOf(picture, picture.paused.data);
  return picture.stalled && stallOf(picture.stalled.data);
}

function endOf(picture: Picture, end: EndFact, people: People): Outcome {
  const environment = escapeMrkdwn(picture.itinerary.environment);
  const stays = whatStays(picture);
  switch (end.type) {
    case "request.completed.v1":
      return { plain: `is ${doneWord(picture)} in ${environment}.`, shown: readyIn(picture, end.data.seconds) };
    case "request.rejected.v1": {
      const by = `by ${named(people, end.data.by)}`;
      return {
        plain: `was rejected ${by}. ${stays}`,
        shown: `✗ *Rejected* ${by}. ${stays}`,
        ...saidBy(end.data, people),
      };
    }
    case "request.expired.v1": {
      const at = dayAndTime(Date.parse(end.data.at));
      return {
        plain: `is refused, because nobody decided by ${at}. ${stays}`,
        shown: `✗ *Refused*, because nobody decided by ${at}. ${stays}`,
      };
    }
    case "request.withdrawn.v1": {
      const by = `by ${named(people, end.data.by)}`;
      return {
        plain: `was withdrawn ${by}. ${stays}`,
        shown: `– *Withdrawn* ${by}. ${stays}`,
        ...saidBy(end.data, people),
      };
    }
    case "request.failed.v1":
      return failedWith(`${titleIn(picture, end.data.step)} failed`, end.data.sentence);
    case "request.refused.v1":
      return failedWith("Failed", end.data.sentence);
  }
}

function failedWith(what: string, sentence: string): Outcome {
  return {
    plain: `has failed. ${what}: ${sentenceIn(sentence)}`,
    shown: `✗ *${what}:* ${sentenceIn(sentence)}`,
  };
}

function saidBy({ by, reason }: Readonly<{ by: string; reason?: string | undefined }>, people: People) {
  return isBlank(reason ?? "") ? {} : { said: quoting(`${named(people, by)} wrote`, reason, MAX_REASON) };
}

/** How a request ended, in a few words, and what stays of it. */
export function endWords({ end, facts }: Pick<Picture, "facts"> & Readonly<{ end: EndFact }>): string {
  return `${glyphAndWord[end.type]}${whatStaysAfter({ end, facts })}`;
}

const glyphAndWord: Readonly<Record<EndFact["type"], string>> = {
  "request.completed.v1": "✓ done",
  "request.refused.v1": "✗ refused",
  "request.rejected.v1": "✗ rejected",
  "request.expired.v1": "✗ refused, because nobody decided in time",
  "request.withdrawn.v1": "– withdrawn",
  "request.failed.v1": "✗ failed",
};

/** `. Nothing was changed`, where the end does not say itself what was: a failure's own sentence does, and what is done was changed. */
export function whatStaysAfter({
  end,
  facts,
}: Readonly<{ end: Pick<EndFact, "type">; facts: readonly Fact[] }>): string {
  if (end.type === "request.completed.v1" || end.type === "request.failed.v1") return "";
  return `. ${whatStays({ facts }).replace(/\.$/, "")}`;
}

/** An end before any apply changed nothing; after one that stopped in the middle that would not be true, whatever the end. */
export function whatStays({ facts }: Pick<Picture, "facts">): string {
  return facts.some((fact) => isFactOf(WorkspaceBlocked, fact))
    ? "What its stopped apply changed is still there."
    : "Nothing was changed.";
}

/** A removal leaves nothing that could be ready. */
function doneWord({ itinerary: { steps } }: Picture): string {
  return steps.some(({ kind, config }) => kind === "plan" && config.destroy === true) ? "done" : "ready";
}

function readyIn(picture: Picture, seconds: number): string {
  const { itinerary, steps } = picture;
  const scanned = known.scan(steps.find(({ kind }) => kind === "scan"))?.output;
  const checks = scanned ? ` ${capital(checksInWords(scanned))}.`.replace("..", ".") : "";
  const outputs = known.apply(steps.find(({ kind }) => kind === "apply"))?.output.shown ?? {};
  return [
    `✓ *${subjectInWords(itinerary.subject)} is ${doneWord(picture)} in ${escapeMrkdwn(itinerary.environment)}.*${checks} ${tookInWords(picture, seconds)}`,
    ...Object.entries(outputs).map(
      ([name, value]) => `• ${code(name, 40)}: ${fitting((n) => code(value, n), 120, 260)}`,
    ),
  ].join("\n");
}

/** People's time and tools' time are told apart: who looks for what is slow looks at one of them. */
function tookInWords({ steps }: Picture, seconds: number): string {
  const waited = steps.reduce((sum, step) => sum + (step.kind === "approval" ? (step.seconds ?? 0) : 0), 0);
  const people = waited >= 1 ? `, of which ${durationInWords(waited * 1_000)} waiting for approval` : "";
  return `It took ${durationInWords(seconds * 1_000)}${people}.`;
}

/** After an apply that was let go. */
const usedUp =
  "The approval is used up and nothing will be tried again by itself. *Plan again* shows what is left to do. Nobody else can apply in this workspace meanwhile.";

function pauseOf(picture: Picture, { step, sentence, until, reason }: DataOf<typeof RequestPaused>): Outcome {
  const { verb, goesOnWith, stands } = pausingFor(reason);
  const what = `${titleIn(picture, step)} ${goesOnWith ? "stopped" : "failed"}`;
  const repeat = goesOnWith ? "makes a new plan, which is decided on anew" : "repeats only this step";
  const next = goesOnWith && picture.isBlocked ? usedUp : `${stands} *${verb}* ${repeat}.`;
  const deadline = `If nobody goes on by ${dayAndTime(Date.parse(until))}, the request ends as failed.`;
  return {
    plain: `waits for you. ${what}: ${sentenceIn(sentence)}`,
    shown: `✗ *${what}:* ${sentenceIn(sentence)}\n${next} ${deadline}`,
  };
}

function stallOf({ kind, owner }: DataOf<typeof RequestStalled>): Outcome {
  const what = `${escapeMrkdwn(owner)} has not answered for the step ${escapeMrkdwn(titleOf(kind, kind))}`;
  return {
    plain: `is stalled: ${what}.`,
    shown: `✗ *Stalled:* ${what}. Nothing is lost. Tell the people who run Sluice; it goes on by itself once the step is answered.`,
  };
}

/** A tool's words in code style, within a section. */
export const sentenceIn = (sentence: string) => fitting((n) => code(sentence, n), 900, 2_300);
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function titleIn({ steps }: Picture, name: string): string {
  const step = steps.find((each) => each.name === name);
  return step ? stepTitle(step) : escapeMrkdwn(name);
}

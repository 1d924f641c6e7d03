import { type DataOf, MAX_REASON, pausingFor, type RequestPaused, titleOf, WorkspaceBlocked } from "@sluice/events";
import { code, dayAndTime, durationInWords, escapeMrkdwn, fitting, isBlank, quoting } from "@sluice/slack";
import { type Picture, told } from "./picture.ts";
import { checksInWords, named, type People, subjectInWords } from "./words.ts";

/**
 * How a request ended, or why it does not go on. `plain` continues "Virtual machine web-7 …" and stands alone in a notification. `said` is what the person
 * wrote who ended it, for a block of its own or the end of a text.
 */
export type Outcome = Readonly<{ shown: string; plain: string; said?: string }>;

/** What happened, what it means, what to do; nothing while the request goes on. */
export function outcomeOf(picture: Picture, people: People): Outcome | undefined {
  if (picture.end) return endOf(picture, picture.end, people);
  if (picture.paused) return pauseOf(picture, picture.paused.data as DataOf<typeof RequestPaused>);
  return picture.stalled && stallOf(picture.stalled.data as { kind: string; owner: string });
}

type EndData = { by?: string; reason?: string; sentence?: string; at?: string; seconds?: number; step?: string };

function endOf(picture: Picture, end: NonNullable<Picture["end"]>, people: People): Outcome {
  const environment = escapeMrkdwn(picture.itinerary.environment);
  const data = end.data as EndData;
  const by = data.by ? ` by ${named(people, data.by)}` : "";
  const stays = whatStays(picture);
  const said = saidBy(data, people);
  switch (end.type) {
    case "request.completed.v1":
      return { plain: `is ${doneWord(picture)} in ${environment}.`, shown: readyIn(picture, data.seconds) };
    case "request.rejected.v1":
      return {
        plain: `was rejected${by}. ${stays}`,
        shown: `✗ *Rejected*${by}. ${stays}`,
        ...said,
      };
    case "request.expired.v1": {
      const at = dayAndTime(Date.parse(data.at ?? ""));
      return {
        plain: `is refused, because nobody decided by ${at}. ${stays}`,
        shown: `✗ *Refused*, because nobody decided by ${at}. ${stays}`,
      };
    }
    case "request.withdrawn.v1":
      return {
        plain: `was withdrawn${by}. ${stays}`,
        shown: `– *Withdrawn*${by}. ${stays}`,
        ...said,
      };
    default: {
      const what = data.step ? `${titleIn(picture, data.step)} failed` : "Failed";
      return {
        plain: `has failed. ${what}: ${sentenceIn(data.sentence)}`,
        shown: `✗ *${what}:* ${sentenceIn(data.sentence)}`,
      };
    }
  }
}

function saidBy({ by, reason = "" }: EndData, people: People): Pick<Outcome, "said"> {
  return by && !isBlank(reason) ? { said: quoting(`${named(people, by)} wrote`, reason, MAX_REASON) } : {};
}

/** An end before any apply changed nothing; after one that stopped in the middle that would not be true, whatever the end. */
export function whatStays({ facts }: Picture): string {
  return facts.some(({ type }) => type === WorkspaceBlocked.type)
    ? "What its stopped apply changed is still there."
    : "Nothing was changed.";
}

/** A removal leaves nothing that could be ready. */
function doneWord({ itinerary: { steps } }: Picture): string {
  return steps.some(({ kind, config }) => kind === "plan" && config.destroy === true) ? "done" : "ready";
}

function readyIn(picture: Picture, seconds: number | undefined): string {
  const { itinerary, steps } = picture;
  const scanned = told.scan(steps.find(({ kind }) => kind === "scan"))?.output;
  const checks = scanned ? ` ${capital(checksInWords(scanned))}.`.replace("..", ".") : "";
  const took = seconds === undefined ? "" : ` It took ${durationInWords(seconds * 1_000)}.`;
  const outputs = told.apply(steps.find(({ kind }) => kind === "apply"))?.output.shown ?? {};
  return [
    `✓ *${subjectInWords(itinerary.subject)} is ${doneWord(picture)} in ${escapeMrkdwn(itinerary.environment)}.*${checks}${took}`,
    ...Object.entries(outputs).map(
      ([name, value]) => `• ${code(name, 40)}: ${fitting((n) => code(value, n), 120, 260)}`,
    ),
  ].join("\n");
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

function stallOf({ kind, owner }: { kind: string; owner: string }): Outcome {
  const what = `${escapeMrkdwn(owner)} has not answered for the step ${escapeMrkdwn(titleOf(kind, kind))}`;
  return {
    plain: `is stalled: ${what}.`,
    shown: `✗ *Stalled:* ${what}. Nothing is lost. Tell the people who run Sluice; it goes on by itself once the step is answered.`,
  };
}

/** A tool's words in code style, within a section. */
export const sentenceIn = (sentence = "") => fitting((n) => code(sentence, n), 900, 2_300);
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function titleIn({ steps }: Picture, name: string): string {
  const step = steps.find((each) => each.name === name);
  return escapeMrkdwn(step ? titleOf(step.kind, step.name) : name);
}

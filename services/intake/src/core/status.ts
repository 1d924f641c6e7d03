import { MAX_REASON, type Pausing, titleOf, WorkspaceBlocked } from "@sluice/events";
import { code, dayAndTime, escapeMrkdwn, quoting } from "@sluice/slack";
import type { Fact } from "./facts.ts";
import { pauseOf, pictureOf, type StepPicture } from "./picture.ts";
import type { Accepted } from "./record.ts";
import { timelineOf } from "./timeline.ts";

export type NameOf = (actor: string) => string;

/** How what only has an id is told to a reader: people by name, a build by the page with its log. */
export type Reader = Readonly<{ nameOf: NameOf; logUrl(build: string): string }>;

/** People stop reading long before Slack cuts a text, at 40,000 characters. Only decisions and outcomes may take more than the first. */
const ROOM = { usual: 12_000, most: 38_000 };

/** One request in one line. */
export function statusLine(record: Accepted, facts: readonly Fact[]): string {
  const { subject, environment } = record.itinerary;
  return `${code(subject, 80)} in ${escapeMrkdwn(environment)}: ${standing(record, facts)} · ${record.request}`;
}

/** All that is known of a request: what it is, each step as the message shows it, why it stands, and everything that happened. */
export function statusText(record: Accepted, facts: readonly Fact[], reader: Reader): string {
  const { itinerary, request } = record;
  const { subject, environment, requester, onBehalfOf, reason, workspace } = itinerary;
  const whom = onBehalfOf ? `, which says it is for ${reader.nameOf(onBehalfOf)}` : "";
  const picture = pictureOf(record, facts);
  const pause = record.end ? undefined : pauseOf(picture);
  const head = [
    `*${code(subject, 120)} in ${escapeMrkdwn(environment)}*: ${standing(record, facts)}`,
    ...quoting(`asked by ${reader.nameOf(requester)}${whom}`, reason, MAX_REASON).split("\n"),
    ...picture.steps.map((step) => stepLine(step, record.end !== undefined)),
    ...(pause ? [`${code(pause.sentence, 600)} It is failed at ${dayAndTime(pause.until)} if nobody goes on.`] : []),
    "",
  ];
  const ids = `${request} · workspace ${escapeMrkdwn(workspace)}`;
  const taken = [...head, ids].join("\n").length;
  const room = { usual: ROOM.usual - taken, most: ROOM.most - taken };
  return [...head, ...timelineOf(record, facts, reader, room), ids].join("\n");
}

/** How a request stands, in a few words. */
function standing(record: Accepted, facts: readonly Fact[]): string {
  if (record.end) return `${endWords[record.end.type] ?? "ended"}${whatStays(record.end.type, facts)}`;
  if (record.closing) return "being withdrawn";
  const picture = pictureOf(record, facts);
  const pause = pauseOf(picture);
  if (pause) return `stopped, ${howItGoesOn(pause.means)}`;
  if (record.dueAt === undefined) return "stalled: a step's owner does not answer";
  const { front } = picture;
  if (!front) return "accepted";
  const title = titleOf(front.kind, front.name);
  if (front.kind === "approval" && front.facts.opened && !front.facts.ended) return "waits for approval";
  if (front.facts.ended) return `${title} done`;
  return waitsInLine(front.facts) ? `${title} waits for the workspace` : `${title} running`;
}

const endWords: Readonly<Record<string, string>> = {
  "request.completed.v1": "✓ done",
  "request.rejected.v1": "✗ rejected",
  "request.expired.v1": "✗ refused, because nobody decided in time",
  "request.withdrawn.v1": "– withdrawn",
  "request.failed.v1": "✗ failed",
};

/** An end before any apply changed nothing; after one that stopped in the middle that would not be true. A failure says it in its own sentence. */
export function whatStays(end: string, facts: readonly Fact[]): string {
  if (end === "request.completed.v1" || end === "request.failed.v1") return "";
  const stays = facts.some(({ type }) => type === WorkspaceBlocked.type);
  return stays ? ". What its stopped apply changed is still there" : ". Nothing was changed";
}

function howItGoesOn({ verb, goesOnWith, workspace }: Pausing): string {
  if (!goesOnWith) return `${verb} repeats only that step`;
  return `${verb} ${workspace === "kept" ? "shows what is left to do" : "asks the approvers anew"}`;
}

function stepLine({ name, kind, attempt, facts }: StepPicture, over: boolean): string {
  const title = escapeMrkdwn(titleOf(kind, name));
  const again = attempt > 1 ? `   attempt ${attempt}` : "";
  if (!facts.ended) return attempt === 0 || over ? `○ ${title}` : `◐ ${title}   ${openWords(facts)}${again}`;
  if (/\.(failed|denied)\./.test(facts.ended.type)) return `✗ ${title}   failed${again}`;
  const { output } = facts.ended.data as { output?: { ran?: boolean; reason?: string } };
  return output?.ran === false
    ? `– ${title}   skipped: ${code(output.reason ?? "", 200)}`
    : `✓ ${title}   done${again}`;
}

function openWords(facts: StepPicture["facts"]): string {
  const { opened, waits } = facts;
  if (opened) return `waiting until ${dayAndTime(Date.parse(String(opened.data.until)))}, then it is refused`;
  if (!waitsInLine(facts)) return "running";
  const holder = waits?.data.holder;
  return `waiting for the workspace${holder ? `, held by ${escapeMrkdwn(String(holder))}` : ""}`;
}

function waitsInLine({ waits, taken }: StepPicture["facts"]): boolean {
  return waits?.data.waitsFor === "workspace" && taken === undefined;
}

import { MAX_REASON } from "@sluice/events";
import { code, cut, dayAndTime, link, quoting } from "@sluice/slack";
import { type Fact, isRefused } from "./facts.ts";
import type { Accepted } from "./record.ts";
import { type NameOf, type Reader, whatStays } from "./status.ts";

/** How long a timeline may be, in UTF-16 units: usually, so that it is read, and at most, where Slack would cut. */
export type Room = Readonly<{ usual: number; most: number }>;

/**
 * What happened to a request, the oldest first: a time, who, a sentence each, and the log of the build that did it. Equal neighbours are one line with a count.
 * Where it is too long, what decided nothing is left out first, the oldest of it, and counted; then all is told in brief. Decisions and outcomes of a request that
 * has as many attempts as it may (`MAX_ATTEMPTS`) always stay.
 */
export function timelineOf(record: Accepted, facts: readonly Fact[], reader: Reader, room: Room): readonly string[] {
  const whole = within(linesOf(record, facts, { ...reader, words: 600 }), room.usual, MAX_REASON);
  if (!whole.isMissing) return whole.lines;
  return within(linesOf(record, facts, { nameOf: reader.nameOf, words: BRIEF }), room.most, BRIEF).lines;
}

/** Characters of what a tool or a person wrote, where there is no room for more. */
const BRIEF = 80;

/** How much is told: characters of a tool's words, and where the logs are, if that is told at all. */
type Telling = Readonly<{ nameOf: NameOf; logUrl?: Reader["logUrl"]; words: number }>;

/** One thing that happened, or several that read alike one after the other. */
type Line = Readonly<{
  at: number;
  text: string;
  /** What a person wrote, for a line of its own. */
  said: string | undefined;
  /** Nothing was decided or done in it. */
  isDetail: boolean;
  times: number;
  last: number;
}>;

function linesOf(record: Accepted, facts: readonly Fact[], telling: Telling): readonly Line[] {
  const line = (at: number, text: string, isDetail: boolean, said?: string): Line => ({
    at,
    text,
    said,
    isDetail,
    times: 1,
    last: at,
  });
  const told = facts
    .toSorted((one, other) => one.at - other.at)
    .map((fact) => line(fact.at, sentenceIn(fact, telling), isDetail(fact), wordsIn(fact)));
  const accepted = line(record.askedAt, `${telling.nameOf(record.itinerary.requester)} asked for it`, false);
  const { end } = record;
  // What a withdrawal's person wrote stands at their click.
  const ended = end && `${sentenceOf(end.type, end.data, "", telling)}${whatStays(end.type, facts)}`;
  return [accepted, ...told, ...(end && ended ? [line(end.at, ended, false)] : [])].reduce(withNext, []);
}

function withNext(before: readonly Line[], next: Line): readonly Line[] {
  const last = before.at(-1);
  const isAlike = last?.text === next.text && last.said === next.said && last.isDetail === next.isDetail;
  return last && isAlike
    ? [...before.slice(0, -1), { ...last, times: last.times + 1, last: next.at }]
    : [...before, next];
}

/** As many lines as there is room for: first what was decided and done, the newest before the older, then the rest. */
function within(all: readonly Line[], most: number, reason: number) {
  const byRank = all.toReversed().toSorted((one, other) => Number(one.isDetail) - Number(other.isDetail));
  let left = most - ROOM_FOR_COUNT;
  const shown = new Set<Line>();
  for (const each of byRank) {
    left -= written(each, reason).length + 1;
    if (left < 0) break;
    shown.add(each);
  }
  const missing = all.filter((each) => !shown.has(each));
  return {
    isMissing: missing.some(({ isDetail }) => !isDetail),
    lines: [
      ...all.filter((each) => shown.has(each)).flatMap((each) => written(each, reason).split("\n")),
      ...(missing.length > 0 ? [countInWords(missing)] : []),
    ],
  };
}

const ROOM_FOR_COUNT = 100;

function countInWords(missing: readonly Line[]): string {
  const count = missing.reduce((sum, { times }) => sum + times, 0);
  return missing.every(({ isDetail }) => isDetail)
    ? `${count} more are left out: nothing was decided or done in them.`
    : `${count} more are left out, the older ones.`;
}

function written({ at, text, said, times, last }: Line, reason: number): string {
  const again = times > 1 ? ` · ${times} times, last ${dayAndTime(last)}` : "";
  return quoting(`${dayAndTime(at)}  ${text}${again}`, said, reason);
}

type Data = Readonly<Record<string, unknown>>;

/** What is asked for, waits or came to nothing decides nothing. */
function isDetail(fact: Fact): boolean {
  return isRefused(fact) || details.includes(fact.type) || fact.type.endsWith(".requested.v1") || !isTold(fact.type);
}

const details = ["approval.opened.v1", "step.suspended.v1", "workspace.taken.v1", "closing.refused.v1"];

function sentenceIn({ type, data, actor }: Fact, telling: Telling): string {
  const log = telling.logUrl && data.build ? ` · ${link(telling.logUrl(String(data.build)), "log")}` : "";
  return sentenceOf(type, data, telling.nameOf(actor), telling) + log;
}

/** One event as a sentence. A type that is not known here is told by its name rather than left out. */
function sentenceOf(type: string, data: Data, who: string, telling: Telling): string {
  const known = sentences[type] ?? stepSentence(type);
  return known ? known(data, who, telling) : `${who}: ${type.replaceAll(".", " ")}`;
}

function isTold(type: string): boolean {
  return (sentences[type] ?? stepSentence(type)) !== undefined;
}

type Sentence = (data: Data, who: string, telling: Telling) => string;

/** Events whose `reason` a person wrote; elsewhere it is a word of ours. */
const saying = ["approval.denied.v1", "withdrawal.submitted.v1", "workspace.unlocked.v1"];

function wordsIn({ type, data: { reason } }: Fact): string | undefined {
  return saying.includes(type) && typeof reason === "string" ? reason : undefined;
}

const text = (value: unknown, most: number) => code(String(value ?? ""), most);
const by = ({ by }: Data, { nameOf }: Telling) => nameOf(String(by ?? ""));
const why = ({ sentence }: Data, { words }: Telling) => text(sentence, Math.min(words, 300));

/** Whose approval counted before this decision and does not any more. */
function lapsedIn({ lapsed }: Data, { nameOf }: Telling): string {
  if (!Array.isArray(lapsed)) return "";
  return `; the approval of ${cut(lapsed.map(nameOf).join(" and "), 200)} does not count any more`;
}

const sentences: Readonly<Record<string, Sentence>> = {
  "approval.opened.v1": (data) => `Approval is open, until ${dayAndTime(Date.parse(String(data.until)))}`,
  "approval.granted.v1": ({ decidedBy }, _who, { nameOf }) =>
    Array.isArray(decidedBy) ? `Approved by ${decidedBy.map(nameOf).join(" and ")}` : "Passed by rule, without anybody",
  "approval.denied.v1": (data, _who, telling) =>
    data.how === "rejected" ? `Rejected by ${by(data, telling)}` : "Nobody decided in time",
  "decision.recorded.v1": (data, _who, telling) =>
    `${by(data, telling)} ${data.verdict === "approve" ? "approved" : "rejected"}, ${data.have} of ${data.needed}${lapsedIn(data, telling)}`,
  "decision.refused.v1": ({ code }, who) => `${who} may not decide, or not any more (${text(code, 40)})`,
  "step.suspended.v1": ({ waitsFor, holder }) =>
    waitsFor === "build"
      ? "Waits for a build"
      : `Waits for the workspace${holder ? `, held by ${text(holder, 40)}` : ""}`,
  "workspace.taken.v1": () => "Holds its workspace",
  "workspace.blocked.v1": (data, _who, telling) => `The workspace is blocked: ${why(data, telling)}`,
  "workspace.unlocked.v1": (data, _who, telling) => `${by(data, telling)} unlocked the workspace`,
  "workspace.refused.v1": (data, _who, telling) => `The workspace was not given: ${why(data, telling)}`,
  "withdrawal.submitted.v1": (_data, who) => `${who} wants to withdraw it`,
  "closing.refused.v1": () => "Too late to withdraw it",
  "closing.completed.v1": () => "Nothing of it runs any more",
  "repetition.submitted.v1": ({ step }, who) => `${who} wants ${text(step, 40)} done again`,
  "repetition.refused.v1": (data, _who, telling) => `Not done again: ${why(data, telling)}`,
  "unlock.refused.v1": (data, _who, telling) => `Not unlocked: ${why(data, telling)}`,
  "proposal.refused.v1": (data, _who, telling) => `Refused a proposal of the same id: ${why(data, telling)}`,
  "request.completed.v1": () => "Done",
  "request.rejected.v1": () => "Ended: rejected",
  "request.expired.v1": () => "Ended: nobody decided in time",
  "request.withdrawn.v1": (data, _who, telling) => `Ended: withdrawn by ${by(data, telling)}`,
  "request.failed.v1": ({ sentence }, _who, { words }) => `Ended: failed. ${text(sentence, words)}`,
};

/** A step's own events read alike, whatever its kind. */
function stepSentence(type: string): Sentence | undefined {
  const [kind = "", participle] = type.split(".");
  const attempt = ({ attempt }: Data) => (Number(attempt) > 1 ? `, attempt ${attempt}` : "");
  const title = kind.charAt(0).toUpperCase() + kind.slice(1);
  if (participle === "requested") return (data, who) => `${title} was asked for by ${who}${attempt(data)}`;
  if (participle === "completed") return (data) => `${title} is done${attempt(data)}`;
  if (participle === "failed")
    return (data, _who, { words }) => `${title} failed${attempt(data)}: ${text(data.sentence, words)}`;
  return undefined;
}

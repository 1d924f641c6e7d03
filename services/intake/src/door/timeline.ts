import { MAX_REASON } from "@sluice/events";
import { dayAndTime, quoting } from "@sluice/slack";
import { actorInWords, whatStaysAfter } from "@sluice/words";
import type { Fact } from "@sluice/words/facts";
import type { Accepted } from "../core/record.ts";
import { BRIEF, endSentence, isDetail, sentenceIn, type Telling, wordsIn } from "./fact-in-words.ts";
import type { Reader } from "./reader.ts";

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
  return within(linesOf(record, facts, { people: reader.people, words: BRIEF }), room.most, BRIEF).lines;
}

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
  const accepted = line(
    record.askedAt,
    `${actorInWords(telling.people, record.itinerary.requester)} asked for it`,
    false,
  );
  const { end } = record;
  // What a withdrawal's person wrote stands at their click.
  const ended = end && `${endSentence(end, telling)}${whatStaysAfter({ end, facts })}`;
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

import { escapeMrkdwn, inWords, timeOfDay } from "@sluice/slack";
import { calledToDecide, type People, shortDigest, stillNeeded } from "@sluice/words";
import { known, type Picture, type StepPicture } from "@sluice/words/facts";

/** A post in the thread of a gate's message that calls who may decide. */
export type Reminder = Readonly<{
  /** Under which its place is noted, so that it is posted once. */
  name: string;
  gate: StepPicture;
  /** Milliseconds since 1970. */
  at: number;
  text: string;
}>;

const MINUTE_MS = 60_000;
/** Before a gate's end. */
const LAST_MS = 15 * MINUTE_MS;
/** A gate that is open for less has the last reminder alone. */
const LONG_MS = 60 * MINUTE_MS;

/**
 * When those who may decide are called again: at half of the time of a gate, and 15 minutes before its end; of one that is open for less than an hour only then.
 * None for a gate that is decided, or whose plan was made again.
 */
export function remindersOf(picture: Picture, people: People): readonly Reminder[] {
  if (picture.end) return [];
  return picture.steps.flatMap((gate) => {
    const opened = gate.state === "waiting" ? known.opened(gate) : undefined;
    const from = gate.facts.opened?.at;
    if (!opened || from === undefined) return [];
    const until = Date.parse(opened.until);
    const name = (which: string) => `reminder#${gate.name}#${gate.attempt}#${which}`;
    const text = reminderText(picture, gate, people);
    return [
      ...(until - from >= LONG_MS ? [{ name: name("half"), gate, at: from + (until - from) / 2, text }] : []),
      ...(until - from > LAST_MS ? [{ name: name("last"), gate, at: until - LAST_MS, text }] : []),
    ];
  });
}

/** The reminders whose time has come, of each gate the latest: who was late says it once. None is due once its gate's time is over. */
export function dueReminders(picture: Picture, people: People, now: number): readonly Reminder[] {
  const come = remindersOf(picture, people).filter(({ at, gate }) => at <= now && now < endOf(gate));
  return come.filter(({ gate, at }) => !come.some((other) => other.gate === gate && other.at > at));
}

/** When the next reminder is due after now, if any is. */
export function nextReminderAt(picture: Picture, people: People, now: number): number | undefined {
  const times = remindersOf(picture, people).flatMap(({ at }) => (at > now ? [at] : []));
  return times.length > 0 ? Math.min(...times) : undefined;
}

const endOf = (gate: StepPicture) => Date.parse(known.opened(gate)?.until ?? "");

function reminderText({ itinerary: { subject, environment } }: Picture, gate: StepPicture, people: People): string {
  const { groups = [], approvers = [], until = "", changeDigest = "" } = known.opened(gate) ?? {};
  const have = known.approvals(gate).count;
  const left = approvers.filter((id) => !have.includes(id));
  return [
    `${inWords(subject, 120)} in ${escapeMrkdwn(environment)} still waits for approval of plan ${shortDigest(changeDigest)},`,
    `by ${stillNeeded(gate, people)} of ${calledToDecide(people, groups, left)}.`,
    `Until ${timeOfDay(Date.parse(until))}, then it is refused.`,
  ].join(" ");
}

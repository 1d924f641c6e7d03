import type { RequestId } from "@sluice/events";
import type { Owed } from "@sluice/steps";
import type { Fact } from "@sluice/words/facts";
import { owedClosing } from "./close.ts";
import { settle } from "./hear.ts";
import { owedFirst, owedWhenStalled, verbatim } from "./owed.ts";
import { owedRepeat } from "./owed-repeat.ts";
import { type Picture, pauseOf, pictureOf } from "./picture.ts";
import type { Ports } from "./ports.ts";
import { type Accepted, isAccepted } from "./record.ts";
import { tellEnd } from "./use-quota.ts";
import { MAX_NUDGES, SILENCE_MS } from "./watch.ts";

/**
 * Looks at a request whose time has come. A pause that nobody ended fails it; an owner that is silent is asked again, verbatim, and after three times people are told.
 * Safe to repeat: what was asked again has the same id.
 */
export async function lookAgain(ports: Ports, request: RequestId): Promise<void> {
  const { store, now } = ports;
  const record = await store.request(request);
  if (!record || !isAccepted(record)) return;
  if (record.end) return record.end.cause.causationId ? undefined : tellEnd(ports, record); // Ended by time: nobody else tells it.
  if (record.dueAt === undefined || record.dueAt > now()) return;

  const facts = await store.facts(request);
  const picture = pictureOf(record, facts);
  if (pauseOf(picture)) {
    await settle(ports, request, undefined);
    const ended = await store.request(request);
    return ended?.end ? tellEnd(ports, ended) : undefined;
  }
  await nudge(ports, record, picture, lastAsked(record, picture, facts));
}

async function nudge(ports: Ports, record: Accepted, { front }: Picture, asked: Owed): Promise<void> {
  const { store, publish, now } = ports;
  const times = record.nudged?.asked === asked.id ? record.nudged.times : 0;
  const { dueAt, ...rest } = record;
  if (times < MAX_NUDGES) {
    await publish([asked]);
    await store.replace(record, { ...rest, nudged: { asked: asked.id, times: times + 1 }, dueAt: now() + SILENCE_MS });
    return; // When somebody was first, something was heard, and that is better than a nudge.
  }
  const { data } = asked as { data: { step?: string } };
  const step = front ?? { ...firstStep(record), attempt: 1, facts: {} };
  if (data.step !== undefined || front) await publish([owedWhenStalled(record, step, asked, dueAt ?? now())]);
  await store.replace(record, rest); // It is still open: whatever is heard of it goes on from there.
}

/** What the request waits for an answer to. */
function lastAsked(record: Accepted, picture: Picture, facts: readonly Fact[]): Owed {
  const { front, steps } = picture;
  if (record.closing) return owedClosing(record, record.closing);
  const asked =
    front?.facts.asked ??
    steps.findLast(({ attempt, facts }) => attempt === front?.attempt && facts.asked)?.facts.asked;
  if (asked) return verbatim(asked);
  const repeat = record.repeats.findLast((each) => each.step === front?.name && each.attempt === front.attempt);
  return (repeat && owedRepeat(record, repeat, facts)) ?? owedFirst(record.itinerary, record.cause);
}

function firstStep({ itinerary, request }: Accepted) {
  const [first] = itinerary.steps;
  if (!first) throw new Error(`${request} has no steps`);
  return first;
}

import type { RequestId } from "@sluice/events";
import type { MessageContent } from "@sluice/slack";
import type { People, RequesterOf } from "@sluice/words";
import { attemptsOf, known, type Picture, pictureOf, stepAt } from "@sluice/words/facts";
import { approvalMessage } from "./approval-message.ts";
import type { Messenger, PictureStore, Place, Ports, Posted, Shown } from "./ports.ts";
import { dueReminders, nextReminderAt } from "./reminders.ts";
import { requestMessage } from "./request-message.ts";
import { threadOf } from "./thread.ts";

/**
 * Brings Slack up to what is known of a request. Only the holder of the lease calls Slack, and it goes on while there is something newer; somebody else's
 * news is rendered by the holder, or by the sweep if the holder has died.
 *
 * @param take how the lease is taken
 */
export async function render(
  ports: Ports,
  request: RequestId,
  take: PictureStore["takeLease"] = ports.store.takeLease,
): Promise<void> {
  const holder = ports.holder();
  let shown = await take(request, holder, ports.now());
  while (shown) {
    const inTime = { ...ports, messenger: until(ports.now() + RENDERS_FOR_MS, ports) };
    const isBehind = shown.rendered < shown.changed || (shown.dueAt ?? Infinity) <= ports.now();
    const outcome = isBehind ? await show(inTime, request, shown) : { againAt: shown.dueAt };
    if ("laterAtMs" in outcome) return ports.store.postpone(request, holder, outcome.laterAtMs);
    if (await ports.store.release(request, holder, shown.changed, outcome.againAt)) return;
    // Somebody was told something while we held the lease, and left it to us.
    shown = await ports.store.takeLease(request, holder, ports.now());
  }
}

/** Much less than a lease lasts: the call that was begun last has come back before anybody else may begin, so that nothing older overwrites newer. */
const RENDERS_FOR_MS = 10_000;

/** Slack, to somebody whose time runs out: afterwards nothing is begun, and the rest is for later. */
function until(end: number, { messenger, now }: Ports): Messenger {
  const inTime =
    <A extends unknown[], T>(call: (...given: A) => Promise<Posted<T>>) =>
    async (...given: A): Promise<Posted<T>> =>
      now() < end ? call(...given) : { laterAtMs: now() };
  return {
    post: inTime(messenger.post),
    update: inTime(messenger.update),
    whisper: inTime(messenger.whisper),
  };
}

/** All is shown, and there is a reminder to come or none; or Slack takes it later. */
type Outcome = Readonly<{ againAt?: number | undefined }> | Readonly<{ laterAtMs: number }>;

async function show(ports: Ports, request: RequestId, shown: Shown): Promise<Outcome> {
  const facts = await ports.store.facts(request);
  const picture = pictureOf(facts);
  if (!picture) return {}; // Without the acceptance nobody knows what it is about; its arrival renders all of it.
  const people = await ports.people();
  const now = ports.now(); // One for all: what becomes due while we show is due at the next look, and not skipped.

  const channel = ports.channel(picture.itinerary.environment);
  if (!channel) return {};
  const message = requestMessage(picture, people, await requestersAhead(ports, picture));
  const place = await bring(ports, request, shown, "request", channel, message);
  if ("laterAtMs" in place) return place;

  const gates = await showGates(ports, request, shown, picture, people, now);
  if ("laterAtMs" in gates) return gates;
  const thread = await showThread(ports, request, shown, picture, people, place.done);
  return "laterAtMs" in thread ? thread : { againAt: nextReminderAt(picture, people, now) };
}

/** Who asked for the requests that hold what this one waits for. */
async function requestersAhead({ store }: Ports, { steps }: Picture): Promise<RequesterOf> {
  const holders = steps.flatMap((step) => (step.state === "waiting" ? (known.waits(step)?.holder ?? []) : []));
  const requesters = await Promise.all(
    holders.map(async (holder) => [holder, pictureOf(await store.facts(holder))?.itinerary.requester] as const),
  );
  return (request) => new Map(requesters).get(request);
}

async function showGates(
  ports: Ports,
  request: RequestId,
  shown: Shown,
  picture: Picture,
  people: People,
  now: number,
): Promise<Outcome> {
  const channel = ports.channel("approvers");
  if (!channel) return {};
  const reminders = dueReminders(picture, people, now);
  for (const step of picture.steps.filter(({ kind }) => kind === "approval"))
    for (const attempt of attemptsOf(picture.facts, step.name)) {
      const message = approvalMessage(picture, stepAt(picture.facts, step.name, step.kind, attempt), people);
      if (!message) continue;
      const place = await bring(ports, request, shown, `approval#${step.name}#${attempt}`, channel, message);
      if ("laterAtMs" in place) return place;
      const posts = reminders
        .filter(({ gate }) => gate.name === step.name && gate.attempt === attempt)
        .map(({ name, text }) => ({ name, text }));
      const posted = await postOnce(ports, request, shown, place.done, posts);
      if ("laterAtMs" in posted) return posted;
    }
  return {};
}

async function showThread(
  ports: Ports,
  request: RequestId,
  shown: Shown,
  picture: Picture,
  people: People,
  parent: Place | undefined,
): Promise<Outcome> {
  const posts = threadOf(picture, people).map(({ key, text }) => ({ name: `thread#${key}`, text }));
  return postOnce(ports, request, shown, parent, posts);
}

/** Posts below a message what does not stand there yet. Nothing where the message itself was refused for good. */
async function postOnce(
  ports: Ports,
  request: RequestId,
  shown: Shown,
  parent: Place | undefined,
  posts: readonly Readonly<{ name: string; text: string }>[],
): Promise<Outcome> {
  if (!parent) return {};
  for (const { name, text } of posts) {
    if (shown.places[name]) continue;
    const posted = await ports.messenger.post(parent.channel, { text }, parent.ts);
    if ("laterAtMs" in posted) return posted;
    if ("done" in posted) await ports.store.notePlace(request, name, posted.done);
  }
  return {};
}

/** Posts a message where there is none, else changes the one there is. What Slack refuses for good is not tried again. */
async function bring(
  { store, messenger }: Ports,
  request: RequestId,
  shown: Shown,
  name: string,
  channel: string,
  message: MessageContent,
): Promise<Readonly<{ done: Place | undefined }> | Readonly<{ laterAtMs: number }>> {
  const there = shown.places[name];
  if (there) {
    const updated = await messenger.update(there, message);
    return "laterAtMs" in updated ? updated : { done: there };
  }
  const posted = await messenger.post(channel, message);
  if ("laterAtMs" in posted) return posted;
  if ("never" in posted) return { done: undefined };
  await store.notePlace(request, name, posted.done);
  return { done: posted.done };
}

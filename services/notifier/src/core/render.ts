import type { RequestId } from "@sluice/events";
import type { MessageContent } from "@sluice/slack";
import type { People } from "@sluice/words";
import { attemptsOf, type Picture, pictureOf, stepAt } from "@sluice/words/facts";
import { approvalMessage } from "./approval-message.ts";
import type { Messenger, Place, Ports, Posted, Shown } from "./ports.ts";
import { requestMessage } from "./request-message.ts";
import { threadOf } from "./thread.ts";

/**
 * Brings Slack up to what is known of a request. Only the holder of the lease calls Slack, and it goes on while there is something newer; somebody else's
 * news is rendered by the holder, or by the sweep if the holder has died.
 */
export async function render(ports: Ports, request: RequestId): Promise<void> {
  const holder = ports.holder();
  if (!(await ports.store.takeLease(request, holder, ports.now()))) return;

  for (;;) {
    const inTime = { ...ports, messenger: until(ports.now() + RENDERS_FOR_MS, ports) };
    const shown = await ports.store.shown(request);
    const outcome = shown.rendered < shown.changed ? await show(inTime, request, shown) : "shown";
    if (outcome !== "shown") return ports.store.postpone(request, holder, outcome.laterAtMs);
    if (await ports.store.release(request, holder, shown.changed)) return;
    // Somebody was told something while we held the lease, and left it to us.
    if (!(await ports.store.takeLease(request, holder, ports.now()))) return;
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

type Outcome = "shown" | Readonly<{ laterAtMs: number }>;

async function show(ports: Ports, request: RequestId, shown: Shown): Promise<Outcome> {
  const facts = await ports.store.facts(request);
  const picture = pictureOf(facts);
  if (!picture) return "shown"; // Without the acceptance nobody knows what it is about; its arrival renders all of it.
  const people = await ports.people();

  const channel = ports.channel(picture.itinerary.environment);
  if (!channel) return "shown";
  const place = await bring(ports, request, shown, "request", channel, requestMessage(picture, people));
  if ("laterAtMs" in place) return place;

  const gates = await showGates(ports, request, shown, picture, people);
  return gates === "shown" ? showThread(ports, request, shown, picture, people, place.done) : gates;
}

async function showGates(
  ports: Ports,
  request: RequestId,
  shown: Shown,
  picture: Picture,
  people: People,
): Promise<Outcome> {
  const channel = ports.channel("approvers");
  if (!channel) return "shown";
  for (const step of picture.steps.filter(({ kind }) => kind === "approval"))
    for (const attempt of attemptsOf(picture.facts, step.name)) {
      const message = approvalMessage(picture, stepAt(picture.facts, step.name, step.kind, attempt), people);
      if (!message) continue;
      const place = await bring(ports, request, shown, `approval#${step.name}#${attempt}`, channel, message);
      if ("laterAtMs" in place) return place;
    }
  return "shown";
}

async function showThread(
  ports: Ports,
  request: RequestId,
  shown: Shown,
  picture: Picture,
  people: People,
  parent: Place | undefined,
): Promise<Outcome> {
  if (!parent) return "shown";
  for (const { key, text } of threadOf(picture, people)) {
    const name = `thread#${key}`;
    if (shown.places[name]) continue;
    const posted = await ports.messenger.post(parent.channel, { text }, parent.ts);
    if ("laterAtMs" in posted) return posted;
    if ("done" in posted) await ports.store.notePlace(request, name, posted.done);
  }
  return "shown";
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

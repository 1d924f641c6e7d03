import type { AnyEvent, RequestId } from "@sluice/events";
import { factOf, pictureOf } from "@sluice/words/facts";
import type { Ports } from "./ports.ts";
import { privateAnswer } from "./private-answers.ts";
import { render } from "./render.ts";

/** Keeps what an event tells, shows it, and answers the one person it is for. Safe to repeat and in any order. */
export async function hear(ports: Ports, event: AnyEvent): Promise<void> {
  if (!tellsOnePerson(event)) {
    const fact = factOf(event);
    await ports.store.keep(fact);
    // Also for a fact that was known: if we died between the two writes the first time, this is what shows it.
    await render(ports, fact.request, ports.store.noteHeard);
  }
  await answerPrivately(ports, event);
}

/** The sweep found that a request's messages are behind. */
export function catchUp(ports: Ports, request: RequestId): Promise<void> {
  return render(ports, request);
}

/** What is answered privately and changes no message: pressing a button a hundred times leaves nothing to show. */
function tellsOnePerson({ type }: AnyEvent): boolean {
  switch (type) {
    case "proposal.refused.v1":
    case "decision.refused.v1":
    case "repetition.refused.v1":
    case "withdrawal.refused.v1":
    case "unlock.refused.v1":
      return true;
    default:
      return false;
  }
}

/** @throws when Slack cannot take it now: the message comes back and it is told then. */
async function answerPrivately(ports: Ports, event: AnyEvent): Promise<void> {
  const { store, messenger } = ports;
  const { id, correlationId: request } = event.metadata;
  if (!("who" in event.data) || !event.data.who) return;
  const kind = `${event.type}#${"code" in event.data ? event.data.code : ""}`;
  const about = { request, event: id, to: event.data.who, kind };
  if (await store.wasTold(about)) return;

  const answer = privateAnswer(event, pictureOf(await store.facts(request)), await ports.people());
  const channel = answer && (ports.channel(answer.place) ?? ports.channel("approvers"));
  if (!channel) return;
  const told = await messenger.whisper(channel, answer.who.user, answer.text);
  if ("laterAtMs" in told)
    throw new Error(`Slack cannot take a private answer before ${new Date(told.laterAtMs).toISOString()}`);
  await store.noteTold(about);
}

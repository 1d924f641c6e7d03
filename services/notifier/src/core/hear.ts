import type { RequestId, SlackIdentity } from "@sluice/events";
import { type AnyEvent, factOf } from "./facts.ts";
import { pictureOf } from "./picture.ts";
import type { Ports } from "./ports.ts";
import { privateAnswer } from "./private-answers.ts";
import { render } from "./render.ts";

/** Keeps what an event tells, shows it, and answers the one person it is for. Safe to repeat and in any order. */
export async function hear(ports: Ports, event: AnyEvent): Promise<void> {
  const fact = factOf(event);
  if (fact) {
    await ports.store.keep(fact);
    await render(ports, fact.request);
  }
  await answerPrivately(ports, event);
}

/** The sweep found that a request's messages are behind. */
export function catchUp(ports: Ports, request: RequestId): Promise<void> {
  return render(ports, request);
}

/** @throws when Slack cannot take it now: the message comes back and it is told then. */
async function answerPrivately(ports: Ports, event: AnyEvent): Promise<void> {
  const { store, messenger } = ports;
  const { id, correlationId: request } = event.metadata;
  const { who, code = "" } = event.data as Readonly<{ who?: SlackIdentity; code?: string }>;
  if (!who) return;
  const about = { request, event: id, to: who, kind: `${event.type}#${code}` };
  if (await store.wasTold(about)) return;

  const answer = privateAnswer(event, pictureOf(await store.facts(request)), await ports.people());
  const channel = answer && (ports.channel(answer.place) ?? ports.channel("approvers"));
  if (!channel) return;
  const told = await messenger.whisper(channel, answer.who.user, answer.text);
  if ("laterAtMs" in told)
    throw new Error(`Slack cannot take a private answer before ${new Date(told.laterAtMs).toISOString()}`);
  await store.noteTold(about);
}

import {
  type ClosingCompleted,
  type ClosingRefused,
  ClosingRequested,
  type EventOf,
  mayChange,
  NonRetriableError,
  RequestWithdrawn,
  WithdrawalRefused,
  type WithdrawalSubmitted,
} from "@sluice/events";
import { type Cause, type Owed, owe } from "@sluice/steps";
import { factOf, refusedClick, takenClick } from "@sluice/words/facts";
import { type Click, type ClickRefusal, clicker, endedSentence } from "./clicker.ts";
import { known } from "./hear.ts";
import type { Ports } from "./ports.ts";
import { type Accepted, type Closing, withEnd } from "./record.ts";
import { tellEnd } from "./use-quota.ts";

/**
 * Judges who wants to take a request back: its requester, or an operator who says why. Whether it is too late is for the provisioner to say (docs/design.md, rule 8);
 * a request that can change nothing is ended here.
 *
 * @throws NonRetriableError `unknown_request`
 */
export async function withdraw(ports: Ports, event: EventOf<typeof WithdrawalSubmitted>): Promise<void> {
  const { data, metadata } = event;
  const record = await known(ports, data.request, event.type);
  if (record.closing || record.end?.cause.causationId === metadata.id) return answerAgain(ports, record);

  const click = { who: data.who, signedAt: Date.parse(data.signedAt) };
  const judged = record.end
    ? { code: "closed", sentence: endedSentence(record) }
    : judge(await ports.directory(), click, record, data.reason?.trim(), ports.now());
  if ("code" in judged) {
    await ports.store.keep(refusedClick(event, judged.code));
    const cause = { cause: metadata.id, causationId: metadata.id, actor: metadata.actor };
    return ports.publish([
      owe(WithdrawalRefused, data.request, { request: data.request, ...judged, who: data.who }, cause),
    ]);
  }

  await ports.store.keep(takenClick(event));
  const closing: Closing = {
    asked: metadata.id,
    by: judged.by,
    who: data.who,
    ...(data.reason?.trim() && { reason: data.reason.trim() }),
  };
  const changesNothing = !record.itinerary.steps.some(({ kind }) => mayChange(kind));
  const after = changesNothing ? withdrawn(record, closing, metadata.id, ports.now()) : { ...record, closing };
  if (!(await ports.store.replace(record, after))) return withdraw(ports, event); // Ends: each loss is somebody else's change.
  await answerAgain(ports, after);
}

/** No build of the request is alive and none can begin: now it is withdrawn. */
export async function finishClosing(ports: Ports, event: EventOf<typeof ClosingCompleted>): Promise<void> {
  const { data, metadata } = event;
  const record = await known(ports, data.request, event.type);
  if (record.end)
    return record.end.cause.causationId === metadata.id
      ? tellEnd(ports, record)
      : tellTooLate(ports, record, { code: "closed", sentence: endedSentence(record) }, metadata);
  if (!record.closing) throw new NonRetriableError("not_closing", `Nobody asked to close ${data.request}`);

  await ports.store.keep(factOf(event));
  const after = withdrawn(record, record.closing, metadata.id, ports.now());
  if (!(await ports.store.replace(record, after))) return finishClosing(ports, event);
  await tellEnd(ports, after);
}

/** It was too late: the request goes on, and whoever wanted it back is told. */
export async function refuseClosing(ports: Ports, event: EventOf<typeof ClosingRefused>): Promise<void> {
  const { data, metadata } = event;
  const record = await known(ports, data.request, event.type);
  await ports.store.keep(factOf(event));
  const { closing, ...rest } = record;
  if (!closing || owedClosing(record, closing).id !== metadata.causationId) return; // Answered before.

  const why = record.end
    ? { code: "closed", sentence: endedSentence(record) }
    : { code: "too_late", sentence: tooLate[data.code] };
  await tellTooLate(ports, record, why, metadata);
  if (!record.end && !(await ports.store.replace(record, rest))) await refuseClosing(ports, event);
}

/** Whoever wanted it back hears what came of it, also when the request has ended otherwise meanwhile. */
async function tellTooLate(
  ports: Ports,
  { request, closing }: Accepted,
  why: ClickRefusal,
  { id }: Readonly<{ id: Closing["asked"] }>,
): Promise<void> {
  if (!closing) return;
  const cause = { cause: id, causationId: id, actor: "service:intake" };
  await ports.publish([owe(WithdrawalRefused, request, { request, ...why, who: closing.who }, cause)]);
}

/** What a closing owes while nobody has answered it. */
export function owedClosing({ request, itinerary }: Accepted, { asked, by, reason, who }: Closing): Owed {
  const { environment, workspace } = itinerary;
  const data = { request, environment, workspace, by, who, ...(reason && { reason }) };
  return owe(ClosingRequested, request, data, { cause: asked, causationId: asked, actor: by });
}

const tooLate = {
  applying: "It is too late to withdraw this: its apply has begun and goes on.",
  applied: "It is too late to withdraw this: its plan has been applied.",
} as const;

async function answerAgain(ports: Ports, record: Accepted): Promise<void> {
  if (record.end) return tellEnd(ports, record);
  if (record.closing) await ports.publish([owedClosing(record, record.closing)]);
}

function withdrawn(record: Accepted, { by, reason }: Closing, causationId: Closing["asked"], now: number): Accepted {
  const cause: Cause = { cause: causationId, causationId, actor: "service:intake" };
  const data = { request: record.request, by, ...(reason && { reason }) };
  return withEnd(record, { type: RequestWithdrawn.type, data, cause, at: now });
}

function judge(
  directory: Parameters<typeof clicker>[0],
  click: Click,
  record: Accepted,
  reason: string | undefined,
  now: number,
): Readonly<{ by: Closing["by"] }> | ClickRefusal {
  const clicked = clicker(directory, click, record, now);
  if ("code" in clicked) return clicked;
  if (clicked.isRequester) return { by: clicked.person.id };
  if (!clicked.isOperator)
    return {
      code: "not_yours",
      sentence: "Only who asked for this, or an operator with a reason, can withdraw it. Nothing was changed.",
    };
  return reason
    ? { by: clicked.person.id }
    : {
        code: "reason_missing",
        sentence: "An operator withdraws a request of somebody else with a reason. Nothing was changed.",
      };
}

import {
  catalogue,
  type Itinerary,
  type PrincipalId,
  RequestAccepted,
  RequestPaused,
  RequestRefused,
  RequestStalled,
  readEvent,
  type Slip,
  type StepName,
} from "@sluice/events";
import { type Cause, newSlip, type Owed, owe } from "@sluice/steps";
import { type Fact, factOf } from "@sluice/words/facts";
import type { Pause, StepPicture } from "./picture.ts";
import type { Accepted, Instant, RequestRecord } from "./record.ts";

const iso = (instant: Instant) => new Date(instant).toISOString();

/** A taken up request owes the news of it, and the first step's work. */
export function owedWhenAccepted({ itinerary, cause }: Accepted): readonly Owed[] {
  const slip = newSlip(itinerary);
  return [
    owe(
      RequestAccepted,
      itinerary.request,
      { itinerary, digest: slip.digest },
      { ...cause, actor: itinerary.requester },
    ),
    owedFirst(itinerary, cause),
  ];
}

/** The first step's work. */
export function owedFirst(itinerary: Itinerary, cause: Cause): Owed {
  const [first] = itinerary.steps;
  if (!first) throw new Error(`${itinerary.request} has no steps`);
  return owedStep(first, 1, newSlip(itinerary), cause);
}

/** One step's work. */
export function owedStep(
  { name, kind }: Readonly<{ name: StepName; kind: string }>,
  attempt: number,
  slip: Slip,
  cause: Cause,
): Owed {
  const { request } = slip.itinerary;
  return owe(
    definitionOf(`${kind}.requested.v1`),
    request,
    { request, step: name, attempt, slip },
    { ...cause, actor: "service:intake" },
  );
}

/** An event as it was heard, to be sent again: same id, same content. */
export function verbatim({ id, type, request, causationId, actor, data }: Fact): Owed {
  return { id, type, request, ...(causationId && { causationId }), actor, data };
}

/** An event of our own as a fact: we do not hear it. */
export function ownFact({ id, type, request, causationId, actor, data }: Owed, at: Instant): Fact {
  const metadata = { id, correlationId: request, ...(causationId && { causationId }), occurredAt: iso(at), actor };
  return factOf(readEvent({ type, source: "sluice.intake", metadata, data }));
}

/** An ended request owes its end, always the same. */
export function owedAtEnd({ request, end }: RequestRecord): readonly Owed[] {
  return end ? [owe(definitionOf(end.type), request, end.data, end.cause)] : [];
}

/** A refused request owes the reason. This is its end. */
export function owedWhenPaused({ request }: RequestRecord, { step, attempt, means, sentence, until, failed }: Pause) {
  return owe(
    RequestPaused,
    request,
    { request, step, attempt, reason: means.pauses, sentence, until: iso(until) },
    { cause: failed.id, causationId: failed.id, actor: "service:intake" },
  );
}

/** An owner that has not answered three times is named, once for each thing that it was asked. */
export function owedWhenStalled(record: Accepted, { name, kind, attempt }: StepPicture, asked: Owed, since: Instant) {
  const { request } = record;
  return owe(
    RequestStalled,
    request,
    { request, step: name, attempt, kind, owner: ownerOf(kind), since: iso(since) },
    { cause: `silence about ${asked.id} since ${since}`, actor: "service:intake" },
  );
}

/** Who may tell the outcome of a kind. */
function ownerOf(kind: string): string {
  const outcome = catalogue.get(`${kind}.completed.v1`) ?? catalogue.get(`${kind}.granted.v1`);
  return outcome?.sources[0] ?? `the owner of ${kind}`;
}

export function refusedEnd(
  request: RequestRecord["request"],
  refusal: Readonly<{ code: string; sentence: string; field?: string | undefined }>,
  about: Pick<RequestRecord, "who" | "cause"> &
    Readonly<{ environment?: string; at: Instant; actor: PrincipalId | string }>,
) {
  const { code, sentence, field } = refusal;
  const data = {
    request,
    code,
    sentence,
    ...(about.environment && { environment: about.environment }),
    ...(field && { field }),
    ...(about.who && { who: about.who }),
  };
  return { type: RequestRefused.type, data, cause: { ...about.cause, actor: about.actor }, at: about.at };
}

function definitionOf(type: string) {
  const definition = catalogue.get(type);
  if (!definition) throw new Error(`No event ${type} is defined`);
  return definition;
}

import { type DataOf, type EventDefinition, type EventId, eventId, type RequestId, type Service } from "@sluice/events";

/**
 * An event that a state owes. It is derived, never stored: publishing it again is harmless, because its id is the same.
 * The publisher adds `source` and `occurredAt`.
 */
export type Owed = Readonly<{
  id: EventId;
  type: string;
  request: RequestId;
  causationId?: EventId;
  actor: string;
  data: object;
}>;

/** What brought an event about: the causing event's id, or a name for a click or a timer that is the same at every repeat. */
export type Cause = Readonly<{
  cause: string;
  /** Only where the cause is an event. */
  causationId?: EventId;
  /** A principal, `service:<name>`, or `slack:<team>/<user>`. */
  actor: string;
}>;

/** The cause of what a service does because of an event. */
export function causedBy(metadata: { id: EventId; actor: string }, service: Service): Cause {
  return { cause: metadata.id, causationId: metadata.id, actor: `service:${service}` };
}

/** One owed event, with its id derived from request, step, attempt, type and cause (docs/design.md, rule 3). */
export function owe<D extends Pick<EventDefinition, "type" | "data">>(
  definition: D,
  request: RequestId,
  data: DataOf<D>,
  { cause, causationId, actor }: Cause,
): Owed {
  const { step, attempt } = stepIn(data);
  return {
    id: eventId({ request, step, attempt, type: definition.type, cause }),
    type: definition.type,
    request,
    ...(causationId && { causationId }),
    actor,
    data: data as object,
  };
}

function stepIn(data: unknown): { step?: string; attempt?: number } {
  if (!data || typeof data !== "object") return {};
  const { step, attempt, gate } = data as { step?: unknown; attempt?: unknown; gate?: unknown };
  if (gate && typeof gate === "object") return stepIn(gate);
  return {
    ...(typeof step === "string" && { step }),
    ...(typeof attempt === "number" && { attempt }),
  };
}

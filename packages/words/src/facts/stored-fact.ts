import { NonRetriableError, readEvent } from "@sluice/events";
import * as z from "zod";
import type { Fact } from "./fact.ts";
import { factOf } from "./fact-of-event.ts";

const Stored = z.object({
  request: z.string(),
  id: z.string(),
  causationId: z.string().optional(),
  key: z.string(),
  rank: z.number(),
  type: z.string(),
  at: z.number().min(0).max(Date.UTC(10_000, 0)),
  actor: z.string(),
  data: z.unknown(),
});

/**
 * A fact as it was stored, read again as strictly as the event that told it.
 *
 * @throws NonRetriableError `unreadable_fact` where it is none, naming it
 */
export function storedFact(item: unknown): Fact {
  const stored = Stored.safeParse(item);
  if (!stored.success) throw unreadable("A stored fact", stored.error);
  const { request, id, causationId, key, rank, type, at, actor, data } = stored.data;
  const occurredAt = new Date(at).toISOString();
  const metadata = { id, correlationId: request, ...(causationId && { causationId }), occurredAt, actor };
  try {
    return { ...factOf(readEvent({ type, source: "", metadata, data })), key, rank };
  } catch (cause) {
    throw unreadable(`The fact ${key} of ${request}, told by ${type},`, cause);
  }
}

function unreadable(what: string, cause: unknown): NonRetriableError {
  return new NonRetriableError(
    "unreadable_fact",
    `${what} is not as its event is defined. What it is needed for is parked until somebody mends it`,
    { cause },
  );
}

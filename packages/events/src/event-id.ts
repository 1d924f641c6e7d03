import { createHash } from "node:crypto";
import { EventId } from "./identifiers.ts";

/**
 * The id of an event: a hash of what caused it, so that publishing it again is publishing the same event.
 * The parts are joined by a character that stands in none of them.
 */
export function eventId(parts: {
  request: string;
  step?: string | undefined;
  attempt?: number | undefined;
  type: string;
  /** The causing event's id, or the hash of a click's signature, or the name of a timer. */
  cause: string;
}): EventId {
  const text = [parts.request, parts.step ?? "", parts.attempt ?? 0, parts.type, parts.cause].join("\n");
  return EventId.parse(`evt_${createHash("sha256").update(text).digest("hex").slice(0, 32)}`);
}

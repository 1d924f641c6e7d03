import * as z from "zod";
import { EventId, RequestId } from "./identifiers.ts";

export const services = ["intake", "provisioner", "approvals", "notifier", "compliance"] as const;
export type Service = (typeof services)[number];
export type Source = `sluice.${Service}`;

/** `<noun>.<past participle>.v<major>`: the EventBridge detail-type. */
export type EventType = `${string}.${string}.v${number}`;

/** The largest `detail` that is taken, in bytes of UTF-8. EventBridge takes 256 KB; ours are small by promise. */
export const MAX_DETAIL_BYTES = 16 * 1024;

export const Metadata = z.strictObject({
  id: EventId.describe("Derived from what caused the event: a repeat has the same id"),
  correlationId: RequestId,
  causationId: EventId.optional().describe("Absent where no event was the cause"),
  occurredAt: z.iso.datetime(),
  actor: z
    .string()
    .min(1)
    .max(80)
    .describe("A principal id, service:<name>, or slack:<team>/<user> while nobody has judged who that is"),
});
export type Metadata = z.infer<typeof Metadata>;

/**
 * One value that is the event's type, schema, rule pattern and example. Its schemas are made when they are first asked for, because a function starts with
 * all definitions and needs few; that the examples satisfy them is checked by the contract tests.
 */
export function defineEvent<const T extends EventType, D extends z.ZodType>(definition: {
  type: T;
  /** One or two sentences: what is now true, and what is not yet. */
  says: string;
  sources: readonly [Source, ...Source[]];
  data: () => D;
  example: z.input<D>;
}) {
  const { type, sources } = definition;
  const data = once(definition.data);
  const detail = once(() => z.strictObject({ metadata: Metadata, data: data() }));
  return {
    ...definition,
    get data() {
      return data();
    },
    get detail() {
      return detail();
    },
    pattern: { source: sources, "detail-type": [type], "replay-name": [{ exists: false }] },
  } as const;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Any event definition, when only its common parts matter. */
export type EventDefinition = ReturnType<typeof defineEvent<EventType, z.ZodType>>;
export type DataOf<D extends { data: z.ZodType }> = z.infer<D["data"]>;

/** A typed event as a consumer receives it and a publisher owes it. */
export type EventOf<D extends { type: string; data: z.ZodType }> = Readonly<{
  type: D["type"];
  source: string;
  metadata: Metadata;
  data: DataOf<D>;
}>;

import type { AnyDefinition, AnyEvent, EventId, RequestId } from "@sluice/events";

/** When and by whom it was said, and where it belongs among all that is known. */
export type Said = Readonly<{
  request: RequestId;
  /** The event that told it. */
  id: EventId;
  causationId?: EventId;
  key: string;
  rank: number;
  /** Milliseconds since 1970, by the publisher's word. */
  at: number;
  actor: string;
}>;

/**
 * Something that is known of a request: an event as it came, under a key. Facts of one key are merged by rank: the higher one stays, in whatever order they come,
 * so that any order and any repetition of events give the same picture (docs/design.md, rule 10). Its type tells what its data is.
 */
export type Fact<E extends AnyEvent = AnyEvent> = E extends unknown
  ? Said & Readonly<{ type: E["type"]; data: E["data"] }>
  : never;

/** A fact that one of these events told. */
export type FactOf<D extends AnyDefinition> = Extract<Fact, Readonly<{ type: D["type"] }>>;

/** Whether this event told the fact. */
export function isFactOf<D extends AnyDefinition>(definition: D, fact: Fact | undefined): fact is FactOf<D> {
  return fact?.type === definition.type;
}

/** What an event told, if it is this one that told the fact. */
export function dataOf<D extends AnyDefinition>(definition: D, fact: Fact | undefined): FactOf<D>["data"] | undefined {
  const told: FactOf<D> | undefined = isFactOf(definition, fact) ? fact : undefined;
  return told && dataIn<FactOf<D>>(told);
}

const dataIn = <F extends Fact>(fact: F): F["data"] => fact.data;

/** Whether one of these events told it. */
export function isToldByOneOf<D extends AnyDefinition, T extends Readonly<{ type: string }>>(
  definitions: readonly D[],
  told: T,
): told is T & Readonly<{ type: D["type"] }> {
  return definitions.some(({ type }) => type === told.type);
}

/** Whether a fact stays when the other one of its key comes. A repeat of an event is the same fact. */
export function staysBefore(there: Pick<Fact, "rank" | "id">, other: Pick<Fact, "rank" | "id">): boolean {
  return there.rank !== other.rank ? there.rank > other.rank : there.id >= other.id;
}

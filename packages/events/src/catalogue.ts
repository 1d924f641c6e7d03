import { type EventDefinition, type EventOf, Metadata } from "./define-event.ts";
import * as definitions from "./definitions/index.ts";
import { NonRetriableError } from "./errors.ts";
import { stepKinds } from "./step-kinds.ts";
import { ApprovalOpened } from "./steps/approval.ts";

const everything = [
  ...Object.values(definitions),
  ApprovalOpened,
  ...Object.values(stepKinds).flatMap(({ requested, completed, failed }) => [requested, completed, failed]),
];

/** The definition of anything that can happen. */
export type AnyDefinition = (typeof everything)[number];

/** Whichever of several events it is: its type tells what its data is. */
export type OneOf<D extends Pick<EventDefinition, "type" | "data">> = D extends unknown ? EventOf<D> : never;

/** Anything that can happen, as a consumer receives it. */
export type AnyEvent = OneOf<AnyDefinition>;

/** Everything that can happen, by detail-type. */
export const catalogue: ReadonlyMap<string, EventDefinition> = new Map(
  everything.map((definition) => [definition.type, definition as unknown as EventDefinition]),
);

/**
 * An event that was written down, read again: its type says by which definition.
 *
 * @throws NonRetriableError `unknown_event` for a type that is not defined (any more), `invalid` for what is not as it is defined
 */
export function readEvent(
  written: Readonly<{ type: string; source: string; metadata: unknown; data: unknown }>,
): AnyEvent {
  const { type, source } = written;
  const definition = catalogue.get(type);
  if (!definition) throw new NonRetriableError("unknown_event", `No event ${type} is defined`);
  const metadata = Metadata.safeParse(written.metadata);
  const data = definition.data.safeParse(written.data);
  const cause = metadata.error ?? data.error;
  if (!metadata.success || !data.success)
    throw new NonRetriableError("invalid", `A ${type} that was written down is not as it is defined`, { cause });
  return { type, source, metadata: metadata.data, data: data.data } as AnyEvent; // The definition of this type has parsed the data.
}

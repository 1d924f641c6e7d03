import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { catalogue, type Service } from "@sluice/events";
import type { Owed } from "@sluice/steps";
import { count } from "@sluice/telemetry";

/** AWS's limit of one PutEvents call. */
const MAX_ENTRIES = 10;

/**
 * Publishes owed events in their order, as this service. Each is parsed by its own definition first, so that what we send is what we said.
 *
 * @param now milliseconds since 1970
 * @throws when an event is not as defined or the bus does not take one: a 200 is no proof, each entry is judged for itself.
 */
export function publisher(client: EventBridgeClient, busName: string, service: Service, now: () => number) {
  return async (owed: readonly Owed[]): Promise<void> => {
    const entries = owed.map((event) => ({
      EventBusName: busName,
      Source: `sluice.${service}`,
      DetailType: event.type,
      Detail: JSON.stringify(detailOf(event, now())),
    }));
    for (let at = 0; at < entries.length; at += MAX_ENTRIES) {
      const { FailedEntryCount, Entries } = await client.send(
        new PutEventsCommand({ Entries: entries.slice(at, at + MAX_ENTRIES) }),
      );
      const refused = Entries?.find(({ ErrorCode }) => ErrorCode);
      if (FailedEntryCount) throw new Error(`The bus refused an event: ${refused?.ErrorCode} ${refused?.ErrorMessage}`);
    }
    for (const { type } of owed) count("EventPublished", { event: type });
  };
}

function detailOf({ id, type, request, causationId, actor, data }: Owed, now: number) {
  const definition = catalogue.get(type);
  if (!definition) throw new Error(`No event ${type} is defined`);
  return definition.detail.parse({
    metadata: {
      id,
      correlationId: request,
      ...(causationId && { causationId }),
      occurredAt: new Date(now).toISOString(),
      actor,
    },
    data,
  });
}

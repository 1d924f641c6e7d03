import { type apply, type EventOf, plan } from "@sluice/events";
import { known } from "./hear.ts";
import type { Ports } from "./ports.ts";

/**
 * Keeps what an apply left.
 *
 * @throws NonRetriableError `unknown_request`
 */
export async function keepInventory(
  { store }: Pick<Ports, "store">,
  { data, metadata }: EventOf<typeof apply.completed>,
): Promise<void> {
  const { itinerary } = await known({ store }, data.request, "apply.completed.v1");
  const { environment, workspace, subject, requester, blueprint, steps, request } = itinerary;
  await store.keepInventory({
    entry: {
      environment,
      workspace,
      blueprint: blueprint.id,
      subject,
      owner: requester,
      since: Date.parse(metadata.occurredAt),
      request,
    },
    epoch: data.output.epoch,
    removed: steps.some(({ kind, config }) => kind === "plan" && plan.config.parse(config).destroy === true),
  });
}

import type { EnvironmentName, PrincipalId, RequestId, WorkspaceName } from "@sluice/events";
import { type apply, type EventOf, plan } from "@sluice/events";
import { known } from "./hear.ts";
import type { Ports } from "./ports.ts";
import type { Instant } from "./record.ts";

/** What an apply left in a workspace: `/sluice list` shows it until a removal has been applied there. */
export type Entry = Readonly<{
  environment: EnvironmentName;
  workspace: WorkspaceName;
  blueprint: string;
  subject: string;
  /** Whose request made it. */
  owner: PrincipalId;
  /** When that was applied. */
  since: Instant;
  /** The request that changed it last. */
  request: RequestId;
}>;

/** One apply's word on its workspace. Of two the one with the higher epoch stays, whatever the order. */
export type InventoryChange = Readonly<{ entry: Entry; epoch: number; removed: boolean }>;

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

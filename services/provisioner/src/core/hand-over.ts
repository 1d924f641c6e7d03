import type { Change, JobStore } from "@sluice/jobs";
import type { Wake } from "./ports.ts";
import { handingOver, nextHolder, type WorkspaceChange } from "./transactions.ts";

/** The writes of a workspace's change, and whom to wake once they are done. */
export type HandOver = Readonly<{ changes: readonly Change[]; wakes: readonly Wake[] }>;

/** Reads who comes next, if somebody does. */
export async function handOver(
  store: Pick<JobStore, "request">,
  change: WorkspaceChange,
  now: number,
): Promise<HandOver> {
  const request = nextHolder(change);
  const environment = change.after?.environment;
  if (!request || !environment) return { changes: handingOver(change, undefined, now), wakes: [] };
  const next = await store.request(environment, request);
  if (!next) throw new Error(`Nothing is known of ${request}, which waits for ${change.after?.name}`);
  return { changes: handingOver(change, next, now), wakes: [{ message: "request.due", environment, request }] };
}

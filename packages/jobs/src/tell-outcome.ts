import type { Owed } from "@sluice/steps";
import { changeRequest, type JobStore } from "./job-store.ts";
import { told } from "./reconcile.ts";
import type { Settled } from "./settle-job.ts";

/**
 * Publishes what a job owes now that something was heard of it. What was published whole is not said again to whoever only wakes us: CodeBuild's word that
 * a build is over comes after the build's own report. A step that is asked for again is answered again all the same.
 */
export async function tellOutcome(
  { store, publish, now }: Readonly<{ store: JobStore; publish(owed: readonly Owed[]): Promise<void>; now(): number }>,
  key: string,
  settled: Settled,
  owedBy: (settled: Settled) => Promise<readonly Owed[]>,
): Promise<void> {
  if (settled.job.told) return;
  await publish(await owedBy(settled));
  if (settled.job.end) await changeRequest<never>(store, settled.item, (before) => told(before, key, now()));
}

import { ApplyOutput, type apply, type DataOf, NonRetriableError, type RequestId, type StepName } from "@sluice/events";
import type { JobStore, TableKey } from "@sluice/jobs";
import { digestOf } from "@sluice/steps";
import type { Ports } from "./ports.ts";

type Applied = Readonly<{ request: RequestId; step: StepName; attempt: number }>;

function appliedKey({ request, step, attempt }: Applied): TableKey {
  return { pk: request, sk: `applied#${step}#${attempt}` };
}

/**
 * Keeps our own copy of what an apply left, once, and goes on with the scans that waited for it. A slip could say anything; this came from the provisioner.
 *
 * @throws NonRetriableError `apply_changed` when the same attempt was told differently before.
 */
export async function keepApplied(
  { store, early, wake }: Pick<Ports, "store" | "early" | "wake">,
  { request, step, attempt, output }: DataOf<typeof apply.completed>,
): Promise<void> {
  const of = { request, step, attempt };
  await store.commit([{ is: "beside", key: appliedKey(of), value: { output } }]); // "lost": it was kept already.
  const kept = await appliedOf(store, of);
  if (digestOf(kept) !== digestOf(output))
    throw new NonRetriableError("apply_changed", `Attempt ${attempt} of ${step} of ${request} was told differently`);
  await wake((await early.of(request)).map((event) => ({ message: "step.kept", event })));
}

/** Our own copy, or nothing while it has not come. */
export async function appliedOf(store: JobStore, of: Applied): Promise<ApplyOutput | undefined> {
  const kept = await store.beside(appliedKey(of));
  return kept && ApplyOutput.parse(kept.output);
}

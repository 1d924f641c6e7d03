import {
  type Change,
  type JobItem,
  type JobStore,
  type JobVoid,
  jobRefOf,
  leaseOf,
  type RequestItem,
  voided,
} from "@sluice/jobs";

/** A request's applies without an end, by key: the own item of each, or nothing where none lies. */
export type OpenApplies = ReadonlyMap<string, JobItem | undefined>;

export async function openAppliesOf(store: Pick<JobStore, "job">, item: RequestItem): Promise<OpenApplies> {
  const open = Object.entries(item.jobs).filter(([, { kind, end }]) => kind === "apply" && !end);
  return new Map(
    await Promise.all(open.map(async ([key, job]) => [key, await store.job(jobRefOf(item, key, job))] as const)),
  );
}

/** Whether a build may be at work on one of them, or nobody knows. */
export function isUnderWay(applies: OpenApplies): boolean {
  return [...applies.values()].some((said) => !said || leaseOf(said));
}

/** Whether one of them was let go and its end is not written yet, or nobody knows. */
export function isApplying(applies: OpenApplies): boolean {
  return [...applies.values()].some((said) => !said || said.state.is === "applying");
}

/** None of them may begin any more. Written in the transaction that closes or plans again, so that a start that comes in between wins or loses there. */
export function voiding(applies: OpenApplies, why: JobVoid): readonly Change[] {
  return [...applies.values()].flatMap((before) =>
    before ? [{ is: "job", before, after: voided(before, why) } as const] : [],
  );
}

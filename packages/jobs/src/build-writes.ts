import type { BuildId, RequestId } from "@sluice/events";
import type { JobItem, JobRef, JobReport } from "./job-item.ts";
import { type BuildStore, untilCommitted } from "./job-store.ts";
import { type LeaseRefusal, lease, report } from "./lease.ts";
import { type Start, type StartRefusal, startApply, startWrites } from "./start-apply.ts";

/** The runner's first act. A refusal is no failure: the build prints "superseded" and exits. */
export function takeLease(
  store: BuildStore,
  ref: JobRef,
  build: BuildId,
  now: () => number,
): Promise<JobItem | LeaseRefusal> {
  return changeJob<LeaseRefusal>(store, ref, (before) => lease(before, build, now()));
}

/** So many commits without an answer, each read back as not ours, are a store that cannot be reached. */
const MAX_UNANSWERED = 5;

/**
 * The act directly before `terraform apply`. "started" means: this build alone may apply, once.
 * When the answer is lost the grant's item says whose start it was: ours and we go on, another's and we stop, absent and we try again.
 *
 * @throws when the store cannot be reached; nothing may be applied then.
 */
export function takeStart(
  store: BuildStore,
  ref: JobRef,
  place: Readonly<{ request: RequestId; workspace: string; key: string }>,
  start: Pick<Start, "build" | "grant">,
  now: () => number,
): Promise<"started" | StartRefusal> {
  let unanswered = 0;
  return untilCommitted(async () => {
    const job = await store.job(ref);
    const workspace = await store.workspace(ref.environment, place.workspace);
    // Read last: a start of ours that lands between these reads must be seen here, or it would be taken for a refusal.
    const spent = await store.spentGrant(ref.environment, start.grant.jti);
    if (!job || !workspace) return "lease_lost";

    const after = startApply(job, workspace, spent, { ...place, ...start }, now());
    if (after === "already") return "started";
    if (typeof after === "string") return after;
    try {
      const committed = await store.commit(startWrites(job, workspace, after));
      return committed === "done" ? "started" : "lost";
    } catch (cause) {
      unanswered += 1;
      if (unanswered >= MAX_UNANSWERED) throw cause;
      return "lost"; // A lost answer is not a lost race: the next round reads whose start it was.
    }
  });
}

/** The runner's last write, beside its lease. Saying it again is fine. */
export async function giveReport(store: BuildStore, ref: JobRef, said: JobReport): Promise<"reported" | LeaseRefusal> {
  const item = await changeJob<LeaseRefusal>(store, ref, (before) => report(before, said));
  return typeof item === "string" ? item : "reported";
}

/** Changes a job's item by a pure transition, as one conditional write. The transition may say no, or hand back the same item when there is nothing to do. */
function changeJob<R extends string>(
  store: BuildStore,
  ref: JobRef,
  transition: (item: JobItem | undefined) => JobItem | R,
): Promise<JobItem | R> {
  return untilCommitted<JobItem | R>(async () => {
    const before = await store.job(ref);
    const after = transition(before);
    if (typeof after === "string" || after === before) return after;
    return (await store.commit([{ is: "job", before, after }])) === "done" ? after : "lost";
  });
}

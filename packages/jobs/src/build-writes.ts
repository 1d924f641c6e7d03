import type { BuildId } from "@sluice/events";
import type { Job, JobReport } from "./job.ts";
import { changeRequest, type JobStore, untilCommitted } from "./job-store.ts";
import { type LeaseRefusal, lease, report } from "./lease.ts";
import { type Start, type StartRefusal, startApply } from "./start-apply.ts";

/** Where a build's job lies. */
export type JobPlace = Readonly<{ environment: string; request: string; workspace: string; key: string }>;

/** The runner's first act. A refusal is no failure: the build prints "superseded" and exits (design §7.3). */
export async function takeLease(
  store: JobStore,
  { environment, request, key }: JobPlace,
  build: BuildId,
  now: () => number,
): Promise<Job | LeaseRefusal> {
  const item = await changeRequest<LeaseRefusal>(store, { environment, request }, (before) =>
    lease(before, key, build, now()),
  );
  return typeof item === "string" ? item : (item.jobs[key] ?? "unknown_job");
}

/** So many commits without an answer, each read back as not ours, are a store that cannot be reached. */
const MAX_UNANSWERED = 5;

/**
 * The act directly before `terraform apply`. "started" means: this build alone may apply, once.
 * When the answer is lost the grant's item says whose start it was: ours and we go on, another's and we stop, absent and we try again (design §7.5).
 *
 * @throws when the store cannot be reached; nothing may be applied then.
 */
export function takeStart(
  store: JobStore,
  { environment, request, workspace: name }: JobPlace,
  start: Start,
  now: () => number,
): Promise<"started" | StartRefusal> {
  let unanswered = 0;
  return untilCommitted(async () => {
    const item = await store.request(environment, request);
    const workspace = await store.workspace(environment, name);
    // Read last: a start of ours that lands between these reads must be seen here, or it would be taken for a refusal.
    const spent = await store.spentGrant(environment, start.grant.jti);
    if (!item || !workspace) return "lease_lost";

    const after = startApply(item, workspace, spent, start, now());
    if (after === "already") return "started";
    if (typeof after === "string") return after;
    try {
      const committed = await store.commit([
        { is: "request", before: item, after: after.item },
        { is: "workspace", before: workspace, after: after.workspace },
        { is: "grant", spent: after.spent },
      ]);
      return committed === "done" ? "started" : "lost";
    } catch (cause) {
      unanswered += 1;
      if (unanswered >= MAX_UNANSWERED) throw cause;
      return "lost"; // A lost answer is not a lost race: the next round reads whose start it was.
    }
  });
}

/** The runner's last write, beside its lease. Saying it again is fine. */
export async function giveReport(
  store: JobStore,
  { environment, request, key }: JobPlace,
  said: JobReport,
  now: () => number,
): Promise<"reported" | LeaseRefusal> {
  const item = await changeRequest<LeaseRefusal>(store, { environment, request }, (before) =>
    report(before, key, said, now()),
  );
  return typeof item === "string" ? item : "reported";
}

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

/**
 * The act directly before `terraform apply`. "started" means: this build alone may apply, once.
 * When the answer was lost it reads back: the grant's item says whose start it was (design §7.5).
 *
 * @throws when the store cannot be reached at all; nothing may be applied then.
 */
export function takeStart(
  store: JobStore,
  { environment, request, workspace: name }: JobPlace,
  start: Start,
  now: () => number,
): Promise<"started" | StartRefusal> {
  return untilCommitted(async () => {
    const spent = await store.spentGrant(environment, start.grant.jti);
    const before = {
      item: await store.request(environment, request),
      workspace: await store.workspace(environment, name),
    };
    if (!before.item || !before.workspace) return "lease_lost";

    const after = startApply(before.item, before.workspace, spent, start, now());
    if (after === "already") return "started";
    if (typeof after === "string") return after;
    return commitOrReadBack(store, [
      { is: "request", before: before.item, after: after.item },
      { is: "workspace", before: before.workspace, after: after.workspace },
      { is: "grant", spent: after.spent },
    ]);
  });
}

/** A lost answer is not a lost race: whether it was ours is read, not guessed. */
async function commitOrReadBack(
  store: JobStore,
  changes: Parameters<JobStore["commit"]>[0],
): Promise<"started" | "lost"> {
  try {
    return (await store.commit(changes)) === "done" ? "started" : "lost";
  } catch {
    return "lost"; // takeStart reads the grant's item next: ours, another's, or absent and tried again.
  }
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

import { type BuildId, NonRetriableError } from "@sluice/events";
import type { StepOutcome } from "@sluice/steps";
import type { Builds } from "./builds.ts";
import type { JobInput } from "./input.ts";
import type { Job, JobEnd, PastBuild } from "./job.ts";
import { jobRefOf } from "./job-id.ts";
import { type JobItem, type JobRef, leaseOf } from "./job-item.ts";
import type { JobObjects } from "./job-objects.ts";
import { outcomeOf } from "./job-outcome.ts";
import { type Change, changeRequest, type JobStore, untilCommitted } from "./job-store.ts";
import { outcomeKey } from "./keys.ts";
import {
  bothWrites,
  countStart,
  decisiveBuild,
  end,
  endWrites,
  type JobFacts,
  reclaim,
  reconcile,
  recordStart,
  renew,
} from "./reconcile.ts";
import type { RequestItem } from "./request-item.ts";
import type { Refused } from "./result.ts";

/** What was found that no honest build leaves: an own item that is none, or void by nobody who may, or a result that is not the one reported. */
export type Suspicion = "item_unreadable" | "item_void" | "result_changed";

/** What an owner of jobs has to give, and what it adds to each ending. */
export type SettlePorts = Readonly<{
  store: JobStore;
  builds: Builds;
  objects: JobObjects;
  /** Milliseconds since 1970. */
  now(): number;
  /** Somebody has written in a job's place what no honest build leaves there. Counted for an alarm. */
  suspect(of: JobRef, what: Suspicion): void;
  /** What the job's builds are told; put before each start. The same for each. */
  inputOf(item: RequestItem, key: string): Promise<JobInput>;
  /**
   * What else changes in the transaction that ends the job: the owner's other items.
   *
   * @param lease the build that had the lease, by the job's own item
   */
  alongside(ended: RequestItem, lease: BuildId | undefined): Promise<readonly Change[]>;
}>;

export type Settled = Readonly<{ item: RequestItem; job: Job; outcome: StepOutcome | undefined }>;

/** What was read of a job: its request's item, and its own. */
type Read = Readonly<{ item: RequestItem; key: string; job: Job; ref: JobRef; said: JobItem | undefined }>;

/**
 * Brings a job as far as it can be brought now, whatever woke us: starts a build, takes the lease from a dead one, or ends the job.
 * Safe to repeat at any point and by many at once: each step is one conditional write on what was read.
 *
 * @throws NonRetriableError `unknown_job` when the request has no such job.
 */
export async function settleJob(
  ports: SettlePorts,
  place: Readonly<{ environment: string; request: string; key: string }>,
): Promise<Settled> {
  const { store, now } = ports;
  const { environment, request, key } = place;
  return untilCommitted(async () => {
    const item = await store.request(environment, request);
    const job = item?.jobs[key];
    if (!item || !job) throw new NonRetriableError("unknown_job", `${request} has no job ${key}`);
    if (job.end) return { item, job, outcome: await storedOutcome(store, item, key) };

    const ref = jobRefOf(item, key, job);
    const read: Read = { item, key, job, ref, said: await store.job(ref) };
    const { facts, refused, past } = await factsOf(ports, read);
    const decision = reconcile(item, key, read.said, facts);
    switch (decision.next) {
      case "wait":
        return { item, job, outcome: undefined };
      case "count":
        await changeRequest<never>(store, place, (before) => countStart(before, key, job.starts.length, now()));
        return "lost"; // Something is new: judge again.
      case "start":
        return (await startBuild(ports, read, decision.number)) ?? "lost";
      case "renew":
        ports.suspect(ref, "item_unreadable");
        await commitBoth(store, read, renew(item, key, ref, now()));
        return "lost";
      case "reclaim":
        await commitBoth(store, read, read.said && reclaim(item, key, read.said, decision.from, now(), past));
        return "lost";
      case "end":
        return endJob(ports, read, decision.end, refused);
    }
  });
}

async function commitBoth(
  store: JobStore,
  { item, said }: Read,
  after: Readonly<{ item: RequestItem; said: JobItem }> | undefined,
): Promise<void> {
  if (after) await store.commit(bothWrites(item, said, after)); // Done or lost: it is judged again either way.
}

async function factsOf({ builds, objects }: SettlePorts, { job, ref, said }: Read) {
  const build = decisiveBuild(job, said);
  if (!said || said.report || !build) return { facts: {} as JobFacts };
  const seen = await builds.facts(build, ref);
  const over = seen?.over ?? true; // CodeBuild keeps builds for a year; one of this job that it has never heard of does no work.
  const refused = over && said.state.is === "claimed" ? await objects.refusal(ref) : undefined;
  return {
    facts: { build: over ? "over" : "alive", refused: Boolean(refused) } as JobFacts,
    refused: refused?.reason,
    past: pastBuild(build, seen),
  };
}

function pastBuild(build: BuildId, seen: Awaited<ReturnType<Builds["facts"]>>): PastBuild | undefined {
  if (!seen?.over || seen.startedAt === undefined || seen.endedAt === undefined) return undefined;
  return { build, startedAt: seen.startedAt, endedAt: seen.endedAt };
}

/** Nothing when CodeBuild refused this start for good: then the next one is judged. */
async function startBuild(
  { store, builds, objects, inputOf, now }: SettlePorts,
  { item, key, job, ref }: Read,
  number: number,
): Promise<Settled | undefined> {
  const { environment, request } = item;
  await objects.putInput(await inputOf(item, key));
  const answer = await builds.start({ id: ref.job, kind: job.kind, environment }, number);
  const after = await changeRequest<never>(store, { environment, request }, (before) =>
    recordStart(before, key, number, answer, now()),
  );
  return "refused" in answer ? undefined : { item: after, job: after.jobs[key] ?? job, outcome: undefined };
}

async function endJob(
  ports: SettlePorts,
  { item, key, job, ref, said }: Read,
  how: JobEnd,
  refused: Refused["reason"] | undefined,
): Promise<Settled | "lost"> {
  const { store, objects, now } = ports;
  const result = how === "reported" && said?.report ? await objects.result(ref, said.report) : undefined;
  const differs = typeof result === "object" && result.outcome === "failed" ? result.differs : undefined;
  const spent = await spentByItsLease(store, { item, key, job, ref, said });

  const after = end(item, key, how, { said, spent, differs }, now());
  const endedJob = after.jobs[key] ?? job;
  const outcome = outcomeOf(endedJob, how, { item: said, result, refused }, now());
  const changes: Change[] = [...endWrites(item, after, said, ref)];
  if (outcome) changes.push({ is: "beside", key: outcomeKey(item.environment, item.request, key), value: { outcome } });
  changes.push(...(await ports.alongside(after, said && leaseOf(said))));
  if ((await store.commit(changes)) === "lost") return "lost";
  const suspicion = suspicionOf(how, said, outcome);
  if (suspicion) ports.suspect(ref, suspicion);
  return { item: { ...after, version: item.version + 1 }, job: endedJob, outcome };
}

function suspicionOf(how: JobEnd, said: JobItem | undefined, outcome: StepOutcome | undefined): Suspicion | undefined {
  if (!said) return "item_unreadable";
  if (how === "could_not_start" && said.void) return "item_void";
  return outcome?.ended === "failed" && outcome.code === "result_changed" ? "result_changed" : undefined;
}

/** Whether the build that says it is applying has spent the grant that the job was claimed with: what an apply's builds say of themselves is not enough. */
async function spentByItsLease(store: JobStore, { item, key, job, said }: Read): Promise<boolean> {
  if (said?.state.is !== "applying" || !job.grant) return false;
  const spent = await store.spentGrant(item.environment, job.grant);
  return spent?.build === said.state.build && spent.request === item.request && spent.job === key;
}

/** How an attempt ended, as it was kept in the transaction that ended it. */
export async function storedOutcome(
  store: JobStore,
  { environment, request }: Pick<RequestItem, "environment" | "request">,
  key: string,
): Promise<StepOutcome | undefined> {
  const kept = await store.beside(outcomeKey(environment, request, key));
  return kept?.outcome as StepOutcome | undefined;
}

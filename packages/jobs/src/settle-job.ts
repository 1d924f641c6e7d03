import { type BuildId, NonRetriableError } from "@sluice/events";
import type { StepOutcome } from "@sluice/steps";
import type { Builds } from "./builds.ts";
import type { JobInput } from "./input.ts";
import type { Job, JobEnd, PastBuild } from "./job.ts";
import { jobIdOf, stepOfKey } from "./job-id.ts";
import type { JobObjects } from "./job-objects.ts";
import { outcomeOf } from "./job-outcome.ts";
import { type Change, changeRequest, type JobStore, untilCommitted } from "./job-store.ts";
import { outcomeKey } from "./keys.ts";
import { countStart, decisiveBuild, end, type JobFacts, reclaim, reconcile, recordStart } from "./reconcile.ts";
import type { RequestItem } from "./request-item.ts";
import type { Refused } from "./result.ts";

/** What an owner of jobs has to give, and what it adds to each ending. */
export type SettlePorts = Readonly<{
  store: JobStore;
  builds: Builds;
  objects: JobObjects;
  /** Milliseconds since 1970. */
  now(): number;
  /** What the job's builds are told; put before each start. The same for each. */
  inputOf(item: RequestItem, key: string): Promise<JobInput>;
  /** What else changes in the transaction that ends a job: the owner's other items. */
  alongside(ended: RequestItem, key: string): Promise<readonly Change[]>;
}>;

export type Settled = Readonly<{ item: RequestItem; job: Job; outcome: StepOutcome | undefined }>;

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

    const { facts, refused, past } = await factsOf(ports, item, key, job);
    const decision = reconcile(item, key, facts);
    switch (decision.next) {
      case "wait":
        return { item, job, outcome: undefined };
      case "count":
        await changeRequest<never>(store, place, (before) => countStart(before, key, job.starts.length, now()));
        return "lost"; // Something is new: judge again.
      case "start":
        return (await startBuild(ports, item, key, job, decision.number)) ?? "lost";
      case "reclaim":
        await changeRequest<never>(store, place, (before) => reclaim(before, key, decision.from, now(), past));
        return "lost";
      case "end":
        return endJob(ports, item, key, decision.end, refused);
    }
  });
}

async function factsOf({ builds, objects }: SettlePorts, item: RequestItem, key: string, job: Job) {
  const build = decisiveBuild(job);
  if (job.report || !build) return { facts: {} as JobFacts };
  const seen = await builds.facts(build);
  const over = seen?.over ?? true; // CodeBuild keeps builds for a year; one that it has never heard of does no work.
  const refused =
    over && job.state.is === "claimed"
      ? await objects.refusal(item.environment, job.kind, jobIdOf({ request: item.request, ...stepOfKey(key) }))
      : undefined;
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
  item: RequestItem,
  key: string,
  job: Job,
  number: number,
): Promise<Settled | undefined> {
  const { environment, request } = item;
  await objects.putInput(await inputOf(item, key));
  const id = jobIdOf({ request, ...stepOfKey(key) });
  const answer = await builds.start({ id, kind: job.kind, environment }, number);
  const after = await changeRequest<never>(store, { environment, request }, (before) =>
    recordStart(before, key, number, answer, now()),
  );
  return "refused" in answer ? undefined : { item: after, job: after.jobs[key] ?? job, outcome: undefined };
}

async function endJob(
  ports: SettlePorts,
  item: RequestItem,
  key: string,
  how: JobEnd,
  refused: Refused["reason"] | undefined,
): Promise<Settled | "lost"> {
  const { store, objects, now } = ports;
  const job = item.jobs[key];
  if (!job) return "lost";
  const result = how === "reported" && job.report ? await objects.result(job.kind, job.report.result) : undefined;
  const outcome = outcomeOf(job, how, { result, refused }, now());

  const differs = typeof result === "object" && result.outcome === "failed" ? result.differs : undefined;
  const after = end(item, key, how, now(), differs);
  const changes: Change[] = [{ is: "request", before: item, after }];
  if (outcome) changes.push({ is: "beside", key: outcomeKey(item.environment, item.request, key), value: { outcome } });
  changes.push(...(await ports.alongside(after, key)));
  if ((await store.commit(changes)) === "lost") return "lost";
  return { item: { ...after, version: item.version + 1 }, job: after.jobs[key] ?? job, outcome };
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

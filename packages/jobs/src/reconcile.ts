import { type BuildId, type Sha256, stepKinds } from "@sluice/events";
import { type Job, type JobEnd, MAX_STARTS, type PastBuild } from "./job.ts";
import { type JobItem, type JobRef, leaseOf, newJobItem, voided } from "./job-item.ts";
import type { Change } from "./job-store.ts";
import { isNewest } from "./lease.ts";
import { type RequestItem, withJob } from "./request-item.ts";

/** What CodeBuild says of the build that matters: the lease's, else the last one started. A build that is not of this job is over. */
export type JobFacts = Readonly<{
  build?: "alive" | "over";
  /** Whether the buildspec's own shell left a `refused.json`. */
  refused?: boolean;
}>;

/** What is to be done about a job now. */
export type Decision =
  | Readonly<{ next: "wait" }>
  /** Ask CodeBuild for this start, under its own number: its answer never came. */
  | Readonly<{ next: "start"; number: number }>
  /** Count one more start first. */
  | Readonly<{ next: "count" }>
  /** What lies where the job's item should is none: put it anew, and count that as a start. */
  | Readonly<{ next: "renew" }>
  /** Take the lease from a build that died without a word. */
  | Readonly<{ next: "reclaim"; from: BuildId }>
  | Readonly<{ next: "end"; end: JobEnd }>;

/** The build whose fate decides what happens next. */
export function decisiveBuild(job: Job, said: JobItem | undefined): BuildId | undefined {
  return (said && leaseOf(said)) ?? job.starts.at(-1)?.build;
}

/**
 * What a terminal build, or none, means (design, "Apply protocol"). Everything is read from the two items; an event only woke us.
 *
 * @param said the job's own item, or nothing when what lies there is none
 */
export function reconcile(item: RequestItem, key: string, said: JobItem | undefined, facts: JobFacts): Decision {
  const job = item.jobs[key];
  if (!job || job.end) return { next: "wait" };
  if (!said) return nothingSaid(item, job);
  if (said.report) return { next: "end", end: "reported" };
  return said.state.is === "claimed" ? claimed(item, job, said, facts) : leased(job, said, said.state.build, facts);
}

/** Of an apply nobody knows what was done: only its own builds write there. Of any other job a build of its kind has lied. */
function nothingSaid(item: RequestItem, job: Job): Decision {
  if (job.kind === "apply") return { next: "end", end: "interrupted" };
  if (item.closed) return { next: "end", end: "dropped" };
  return job.starts.length < MAX_STARTS ? { next: "renew" } : { next: "end", end: "could_not_start" };
}

function claimed(item: RequestItem, job: Job, said: JobItem, { build, refused }: JobFacts): Decision {
  if (item.closed || !isNewest(item, job)) return { next: "end", end: "dropped" };
  if (said.void) return { next: "end", end: "could_not_start" }; // Whoever makes an item void writes the request's too: a build has lied.
  const last = job.starts.at(-1);
  if (!last) return { next: "count" };
  if (!last.refused && !last.build) return { next: "start", number: job.starts.length };
  if (build === "alive") return { next: "wait" };
  if (refused) return { next: "end", end: "refused" };
  return job.starts.length < MAX_STARTS ? { next: "count" } : { next: "end", end: "could_not_start" };
}

function leased(job: Job, { state }: JobItem, holder: BuildId, { build }: JobFacts): Decision {
  if (build !== "over") return { next: "wait" };
  if (state.is === "applying" || stepKinds[job.kind].repeats === "by a person")
    return { next: "end", end: "interrupted" };
  return { next: "reclaim", from: holder };
}

/** Counts a start before it is asked for, so that a lost answer is counted too. `seen` is how many there were when this was decided: two who decide it count one. */
export function countStart(item: RequestItem, key: string, seen: number, now: number): RequestItem {
  const job = item.jobs[key];
  if (!job || job.end || item.closed) return item;
  if (job.starts.length !== seen || seen >= MAX_STARTS) return item;
  return withJob(item, key, { ...job, starts: [...job.starts, {}] }, now);
}

/** Keeps what StartBuild answered for a start. A second answer for the same number changes nothing: the lease decides between two builds. */
export function recordStart(
  item: RequestItem,
  key: string,
  number: number,
  answer: Readonly<{ build: BuildId } | { refused: string }>,
  now: number,
): RequestItem {
  const job = item.jobs[key];
  const start = job?.starts[number - 1];
  if (!job || job.end || !start || start.build || start.refused) return item;
  return withJob(item, key, { ...job, starts: job.starts.with(number - 1, answer) }, now);
}

/** `running(b) → claimed`, in both items: b is over and has said nothing. Nothing when it is not b's any more. */
export function reclaim(
  item: RequestItem,
  key: string,
  said: JobItem,
  from: BuildId,
  now: number,
  past?: PastBuild,
): Readonly<{ item: RequestItem; said: JobItem }> | undefined {
  const job = item.jobs[key];
  if (!job || job.end || said.report || said.state.is !== "running" || said.state.build !== from) return undefined;
  const starts = job.starts.map((start, index) =>
    index === job.starts.length - 1 && !start.build && !start.refused ? { build: from } : start,
  );
  const lastBuild = past && { lastBuild: past };
  return {
    item: withJob(item, key, { ...job, starts, ...lastBuild }, now),
    said: { ...said, state: { is: "claimed" }, ...lastBuild },
  };
}

/** Puts a job's item anew and counts that as a start. */
export function renew(
  item: RequestItem,
  key: string,
  ref: JobRef,
  now: number,
): Readonly<{ item: RequestItem; said: JobItem }> {
  const job = item.jobs[key];
  const { lastBuild } = job ?? {};
  return {
    item: countStart(item, key, job?.starts.length ?? 0, now),
    said: newJobItem(ref, lastBuild && { lastBuild }),
  };
}

/** Marks that all that an ended job owes was published. */
export function told(item: RequestItem, key: string, now: number): RequestItem {
  const job = item.jobs[key];
  if (!job?.end || job.told) return item;
  return withJob(item, key, { ...job, told: true }, now);
}

/** What is known of an ended job from its own item, its result and its grant's item. */
export type EndFacts = Readonly<{
  said?: JobItem | undefined;
  /** Of an apply that says that it is applying: whether the grant that it was claimed with names that build. */
  spent?: boolean;
  differs?: Sha256 | undefined;
}>;

/** Ends a job, once. From now on it is the request's item that says how. */
export function end(item: RequestItem, key: string, how: JobEnd, facts: EndFacts, now: number): RequestItem {
  const job = item.jobs[key];
  if (!job || job.end) return item;
  const applied = job.kind === "apply" && how !== "answered" && how !== "dropped" ? appliedBy(facts) : undefined;
  const { differs } = facts;
  return withJob(item, key, { ...job, end: how, ...(differs && { differs }), ...(applied && { applied }) }, now);
}

/** Of an apply whose item is none, or that spent no grant of its own, nobody knows what it did. */
function appliedBy({ said, spent = false }: EndFacts): Job["applied"] {
  if (!said) return { clean: false };
  if (said.state.is !== "applying") return undefined;
  const clean = spent && said.report?.outcome === "completed" && said.report.clean;
  return { build: said.state.build, clean };
}

/** A job's end leaves its own item void: no build begins on it any more. What was read of it is what the end is conditional on. */
export function endWrites(
  before: RequestItem,
  after: RequestItem,
  said: JobItem | undefined,
  ref: JobRef,
): readonly Change[] {
  return bothWrites(before, said, { item: after, said: voided(said ?? newJobItem(ref), "over") });
}

/** A request's item and a job's own in one transaction, each conditional on what was read; where no job's item lay, it is put. */
export function bothWrites(
  item: RequestItem,
  said: JobItem | undefined,
  after: Readonly<{ item: RequestItem; said: JobItem }>,
): readonly Change[] {
  return [
    { is: "request", before: item, after: after.item },
    { is: "job", before: said, after: after.said },
  ];
}

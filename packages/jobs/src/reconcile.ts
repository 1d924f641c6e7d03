import { type BuildId, type Sha256, stepKinds } from "@sluice/events";
import { type Job, type JobEnd, leaseOf, MAX_STARTS, type PastBuild } from "./job.ts";
import { isNewest } from "./lease.ts";
import { type RequestItem, withJob } from "./request-item.ts";

/** What CodeBuild says of the build that matters: the lease's, else the last one started. */
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
  /** Take the lease from a build that died without a word. */
  | Readonly<{ next: "reclaim"; from: BuildId }>
  | Readonly<{ next: "end"; end: JobEnd }>;

/** The build whose fate decides what happens next. */
export function decisiveBuild(job: Job): BuildId | undefined {
  return leaseOf(job) ?? job.starts.at(-1)?.build;
}

/** What a terminal build, or none, means: the table of design §7.6. Everything is read from the item; an event only woke us. */
export function reconcile(item: RequestItem, key: string, facts: JobFacts): Decision {
  const job = item.jobs[key];
  if (!job || job.end) return { next: "wait" };
  if (job.report) return { next: "end", end: "reported" };
  return job.state.is === "claimed" ? claimed(item, job, facts) : leased(job, job.state.build, facts);
}

function claimed(item: RequestItem, job: Job, { build, refused }: JobFacts): Decision {
  if (item.closed || !isNewest(item, job)) return { next: "end", end: "dropped" };
  const last = job.starts.at(-1);
  if (!last) return { next: "count" };
  if (!last.refused && !last.build) return { next: "start", number: job.starts.length };
  if (build === "alive") return { next: "wait" };
  if (refused) return { next: "end", end: "refused" };
  return job.starts.length < MAX_STARTS ? { next: "count" } : { next: "end", end: "could_not_start" };
}

function leased(job: Job, holder: BuildId, { build }: JobFacts): Decision {
  if (build !== "over") return { next: "wait" };
  if (job.state.is === "applying" || stepKinds[job.kind].repeats === "by a person")
    return { next: "end", end: "interrupted" };
  return { next: "reclaim", from: holder };
}

/** Counts a start before it is asked for, so that a lost answer is counted too. `seen` is how many there were when this was decided: two who decide it count one. */
export function countStart(item: RequestItem, key: string, seen: number, now: number): RequestItem {
  const job = item.jobs[key];
  if (!job || job.end || job.state.is !== "claimed" || item.closed) return item;
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

/** `running(b) → claimed`, on condition that it is still b's and b has said nothing (design §7.6). */
export function reclaim(item: RequestItem, key: string, from: BuildId, now: number, past?: PastBuild): RequestItem {
  const job = item.jobs[key];
  if (!job || job.end || job.report || job.state.is !== "running" || job.state.build !== from) return item;
  const answered = job.starts.map((start, index) =>
    index === job.starts.length - 1 && !start.build && !start.refused ? { build: from } : start,
  );
  return withJob(
    item,
    key,
    { ...job, state: { is: "claimed" }, starts: answered, ...(past && { lastBuild: past }) },
    now,
  );
}

/** Marks that all that an ended job owes was published. */
export function told(item: RequestItem, key: string, now: number): RequestItem {
  const job = item.jobs[key];
  if (!job?.end || job.told) return item;
  return withJob(item, key, { ...job, told: true }, now);
}

/** Ends a job, once. Nobody can lease it or report on it any more. */
export function end(item: RequestItem, key: string, how: JobEnd, now: number, differs?: Sha256): RequestItem {
  const job = item.jobs[key];
  if (!job || job.end) return item;
  return withJob(item, key, { ...job, end: how, ...(differs && { differs }) }, now);
}

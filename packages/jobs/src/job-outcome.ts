import type { StepEnd, StepOutcome } from "@sluice/steps";
import { hasApplied, type Job, type JobEnd } from "./job.ts";
import { type JobItem, leaseOf } from "./job-item.ts";
import { type JobResult, type Refused, tenths } from "./result.ts";

const refusedSentences: Record<Refused["reason"], string> = {
  release_missing: "The code release of this request is no longer there. Nothing was run.",
  release_changed: "The code release of this request is not the one that was accepted. Nothing was run.",
  input_missing: "The job's input could not be read. Nothing was run.",
};

/** The job's own item, as it was when the job ended, and what was found in the jobs bucket. */
type Known = Readonly<{
  item?: JobItem | undefined;
  result?: JobResult | "unreadable" | undefined;
  refused?: Refused["reason"] | undefined;
}>;

/**
 * What an ended job says of its step, and whose log tells more. Nothing for a job that was dropped or whose function answers by itself.
 *
 * @param job with its end
 */
export function outcomeOf(job: Job, end: JobEnd, known: Known, now: number): StepOutcome | undefined {
  const said = saidOf(job, end, known);
  if (!said) return undefined;
  const build = (known.item && leaseOf(known.item)) ?? job.starts.findLast(({ build }) => build)?.build;
  const seconds = Math.max(0, Math.round((now - job.claimedAt) / 1_000));
  return { seconds, ...said, ...(build && { build }) };
}

/** Without seconds where no build measured them. */
type Said = StepEnd & Readonly<{ seconds?: number }>;

function saidOf(job: Job, end: JobEnd, { item, result, refused }: Known): Said | undefined {
  switch (end) {
    case "reported":
      return reported(job, item?.report?.outcome, result);
    case "refused": {
      const code = refused ?? "input_missing";
      return { ended: "failed", code, sentence: refusedSentences[code], repeatable: false };
    }
    case "could_not_start":
      return { ended: "failed", code: end, sentence: couldNotStartSentence(job), repeatable: true };
    case "interrupted":
      return { ended: "failed", code: end, sentence: interruptedSentence(job), repeatable: true };
    case "answered":
    case "dropped":
      return undefined;
  }
}

function reported(
  job: Job,
  outcome: JobResult["outcome"] | undefined,
  result: JobResult | "unreadable" | undefined,
): Said {
  if (!result || result === "unreadable" || contradicts(job, outcome, result))
    return {
      ended: "failed",
      code: "result_changed",
      sentence: "The build's result is not the one that it reported, so nothing in it is believed.",
      repeatable: true,
    };
  if (result.outcome === "completed")
    return { ended: "completed", output: result.output as never, seconds: tenths(result.seconds) }; // Parsed by its kind's own schema.
  const { code, sentence, repeatable, seconds } = result;
  return { ended: "failed", code, sentence, repeatable, seconds: tenths(seconds) };
}

/** A result that says another thing than the report, or more than the owner knows to be true. */
function contradicts(job: Job, outcome: JobResult["outcome"] | undefined, result: JobResult): boolean {
  if (result.outcome !== outcome) return true;
  if (result.outcome !== "completed") return false;
  const { epoch = 0 } = job;
  if (job.kind === "apply") return !hasApplied(job) || !("epoch" in result.output) || result.output.epoch !== epoch + 1;
  return job.kind === "plan" && "epoch" in result.output && result.output.epoch !== epoch;
}

function couldNotStartSentence({ starts }: Job): string {
  const refusals = starts.flatMap(({ refused }) => refused ?? []);
  if (refusals.length === 0) return startedInVain(starts.length);
  const last = refusals.at(-1);
  const refused =
    refusals.length === starts.length
      ? `CodeBuild refused three times to start a build (${last}).`
      : `Of three builds, CodeBuild refused to start ${refusals.length === 1 ? "one" : "two"} (${last}) and none of the rest came to an end.`;
  return `${refused} Nothing was changed. Tell the people who run Sluice.`;
}

function startedInVain(builds: number): string {
  if (builds === 0) return "No build could be started. Nothing was changed.";
  const started =
    builds === 1
      ? "A build was started and it"
      : `${builds === 2 ? "Two" : "Three"} builds were started and none of them`;
  return `${started} ${builds === 1 ? "did not come" : "came"} to an end. Nothing was changed.`;
}

function interruptedSentence({ kind }: Job): string {
  return kind === "apply"
    ? "The build was killed in the middle of the apply. What it changed is not known: plan again to see."
    : "The build was killed in the middle of its work.";
}

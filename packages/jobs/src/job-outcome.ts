import type { StepOutcome } from "@sluice/steps";
import { hasApplied, type Job, type JobEnd } from "./job.ts";
import type { JobResult, Refused } from "./result.ts";

const refusedSentences: Record<Refused["reason"], string> = {
  release_missing: "The code release of this request is no longer there. Nothing was run.",
  release_changed: "The code release of this request is not the one that was accepted. Nothing was run.",
  input_missing: "The job's input could not be read. Nothing was run.",
};

type Failed = Omit<Extract<StepOutcome, { ended: "failed" }>, "ended" | "seconds">;

/** What an ended job says of its step. Nothing for a job that was dropped or whose function answers by itself. */
export function outcomeOf(
  job: Job,
  end: JobEnd,
  known: Readonly<{ result?: JobResult | "unreadable" | undefined; refused?: Refused["reason"] | undefined }>,
  now: number,
): StepOutcome | undefined {
  const seconds = Math.max(0, Math.round((now - job.claimedAt) / 1_000));
  const failed = (said: Failed): StepOutcome => ({ ended: "failed", ...said, seconds });

  switch (end) {
    case "reported":
      return reported(job, known.result, failed);
    case "refused": {
      const code = known.refused ?? "input_missing";
      return failed({ code, sentence: refusedSentences[code], repeatable: false });
    }
    case "could_not_start":
      return failed({ code: "could_not_start", sentence: couldNotStartSentence(job), repeatable: true });
    case "interrupted":
      return failed({ code: "interrupted", sentence: interruptedSentence(job), repeatable: true });
    case "answered":
    case "dropped":
      return undefined;
  }
}

function reported(
  job: Job,
  result: JobResult | "unreadable" | undefined,
  failed: (said: Failed) => StepOutcome,
): StepOutcome {
  if (!result || result === "unreadable" || contradicts(job, result))
    return failed({
      code: "result_changed",
      sentence: "The build's result is not the one that it reported, so nothing in it is believed.",
      repeatable: true,
    });
  if (result.outcome === "completed")
    return { ended: "completed", output: result.output as never, seconds: result.seconds }; // Parsed by its kind's own schema.
  const { code, sentence, repeatable, seconds } = result;
  return { ended: "failed", code, sentence, repeatable, seconds };
}

/** A result that says more than the item knows to be true. */
function contradicts(job: Job, result: JobResult): boolean {
  if (result.outcome !== "completed") return job.report?.outcome === "completed";
  if (job.report?.outcome !== "completed") return true;
  if (job.kind === "apply") return !hasApplied(job);
  return job.kind === "plan" && "epoch" in result.output && result.output.epoch !== job.epoch;
}

function couldNotStartSentence({ starts }: Job): string {
  return starts.every(({ refused }) => refused)
    ? `CodeBuild refused three times to start a build (${starts.at(-1)?.refused}). Nothing was changed. Tell the people who run Sluice.`
    : "Three builds were started and none of them got to work. Nothing was changed.";
}

function interruptedSentence({ kind }: Job): string {
  return kind === "apply"
    ? "The build was killed in the middle of the apply. What it changed is not known: plan again to see."
    : "The build was killed in the middle of its work.";
}

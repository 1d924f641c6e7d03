import { JobFailure, sentenceOf } from "./job-failure.ts";

/** What a kind made of its job. `clean: false` is an apply that was started and did not end as it should. */
export type Done =
  | Readonly<{ clean: true; output: object }>
  | Readonly<{ clean: false; code: string; sentence: string }>;

/** What the owner reads: `result.json`. */
export type Result =
  | Readonly<{ outcome: "completed"; output: object; seconds: number }>
  | Readonly<{
      outcome: "failed";
      code: string;
      sentence: string;
      repeatable: boolean;
      seconds: number;
      clean: boolean;
    }>;

export type JobDesk = Readonly<{
  /** Takes the job's lease for this build; false when another build has it, or the job is over. */
  lease(): Promise<boolean>;
  work(): Promise<Done>;
  /** Writes the result, then the report beside the lease. */
  report(result: Result): Promise<void>;
  /** Wakes the owner. */
  tellEnded(): Promise<void>;
  /** Seconds since the build began. */
  seconds(): number;
}>;

/**
 * One job in one build: lease, work, result, report, wake. A build without the lease does nothing. Whatever is thrown but a `JobFailure` leaves no report:
 * the owner then judges by the lease whether the job is started again.
 */
export async function runJob(desk: JobDesk): Promise<"superseded" | Result["outcome"]> {
  if (!(await desk.lease())) return "superseded";
  const result = await resultOf(desk);
  await desk.report(result);
  await desk.tellEnded();
  return result.outcome;
}

async function resultOf({ work, seconds }: JobDesk): Promise<Result> {
  try {
    const done = await work();
    if (done.clean) return { outcome: "completed", output: done.output, seconds: seconds() };
    const { code, sentence } = done;
    return { outcome: "failed", code, sentence, repeatable: false, seconds: seconds(), clean: false };
  } catch (cause) {
    if (!(cause instanceof JobFailure)) throw cause;
    const { code, message, repeatable } = cause;
    return { outcome: "failed", code, sentence: sentenceOf(message), repeatable, seconds: seconds(), clean: true };
  }
}

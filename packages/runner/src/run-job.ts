import type { Sha256 } from "@sluice/events";
import { JobFailure, sentenceOf } from "./job-failure.ts";
import type { Words } from "./masking/words.ts";

/** What a kind made of its job. `clean: false` is an apply that was started and did not end as it should. */
export type Done =
  | Readonly<{ clean: true; output: object }>
  | Readonly<{ clean: false; code: string; sentence: Words }>;

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
      differs?: Sha256;
    }>;

/** @typeParam J the job as its lease gives it; @typeParam R why a lease is refused */
export type JobDesk<J extends object, R extends string> = Readonly<{
  /** Takes the job's lease for this build, or says why another has it or nobody wants it. */
  lease(): Promise<J | R>;
  work(job: J): Promise<Done>;
  /** Writes the result, then the report beside the lease. */
  report(result: Result): Promise<void>;
  /** Wakes the owner. */
  tellEnded(): Promise<void>;
  /** Seconds since the build began. */
  seconds(): number;
}>;

/**
 * One job in one build: lease, work, result, report, wake. A build without the lease does nothing and says why. Whatever is thrown but a `JobFailure` leaves
 * no report: the owner then judges by the lease whether the job is started again.
 */
export async function runJob<J extends object, R extends string>(
  desk: JobDesk<J, R>,
): Promise<{ superseded: R } | Result> {
  const job = await desk.lease();
  if (typeof job === "string") return { superseded: job };
  const result = await resultOf(desk, job);
  await desk.report(result);
  await desk.tellEnded();
  return result;
}

async function resultOf<J extends object, R extends string>({ work, seconds }: JobDesk<J, R>, job: J): Promise<Result> {
  try {
    const done = await work(job);
    if (done.clean) return { outcome: "completed", output: done.output, seconds: seconds() };
    const { code, sentence } = done;
    return { outcome: "failed", code, sentence, repeatable: false, seconds: seconds(), clean: false };
  } catch (cause) {
    if (!(cause instanceof JobFailure)) throw cause;
    const { code, sentence: words, repeatable, differs } = cause;
    const failed = { outcome: "failed", code, sentence: sentenceOf(words), repeatable, seconds: seconds() } as const;
    return { ...failed, clean: true, ...(differs && { differs }) };
  }
}

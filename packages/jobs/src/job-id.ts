import { JobId, type RequestId, type StepName, type StepRef } from "@sluice/events";
import type { Job } from "./job.ts";
import type { JobRef } from "./job-item.ts";
import type { RequestItem } from "./request-item.ts";

const REQUEST_PREFIX = "req_";

/** The id of an attempt's job: it names its own item, so that nobody has to look one up. */
export function jobIdOf({
  request,
  step,
  attempt,
}: Readonly<{ request: string; step: string; attempt: number }>): JobId {
  return JobId.parse(`job_${request.slice(REQUEST_PREFIX.length)}_${step}_${attempt}`);
}

/** The attempt that a job's id names. */
export function stepOfJob(job: JobId): StepRef {
  const [, request = "", step = "", attempt = ""] = job.split("_");
  return { request: `${REQUEST_PREFIX}${request}` as RequestId, step: step as StepName, attempt: Number(attempt) };
}

/** What a job is called inside its request's item. */
export function jobKey({ step, attempt }: Readonly<{ step: string; attempt: number }>): string {
  return `${step}#${attempt}`;
}

/** The step and attempt that a key inside a request's item names. */
export function stepOfKey(key: string): Readonly<{ step: StepName; attempt: number }> {
  const [step = "", attempt = ""] = key.split("#");
  return { step: step as StepName, attempt: Number(attempt) };
}

/** Which item is a job's own. */
export function jobRefOf(
  { environment, request }: Pick<RequestItem, "environment" | "request">,
  key: string,
  { kind }: Pick<Job, "kind">,
): JobRef {
  return { environment, kind, job: jobIdOf({ request, ...stepOfKey(key) }) };
}

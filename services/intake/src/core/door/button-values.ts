import { RequestId, StepRef } from "@sluice/events";

/** A step's attempt as a button names it: `req_x.approve.1`. Nothing when it names none. */
export function stepRefOf(value: string): StepRef | undefined {
  const [request, step, attempt, more] = value.split(".");
  if (more !== undefined) return undefined;
  const ref = StepRef.safeParse({ request, step, attempt: Number(attempt) });
  return ref.success ? ref.data : undefined;
}

/** A page of a step's result: `req_x.plan.1.2`; pages count from 1. */
export function pageRefOf(value: string): Readonly<{ ref: StepRef; page: number }> | undefined {
  const at = value.lastIndexOf(".");
  const ref = stepRefOf(value.slice(0, at));
  const page = Number(value.slice(at + 1));
  return ref && Number.isInteger(page) && page > 0 ? { ref, page } : undefined;
}

export function buttonValue({ request, step, attempt }: StepRef): string {
  return `${request}.${step}.${attempt}`;
}

export function requestIn(value: string): RequestId | undefined {
  const request = RequestId.safeParse(value.split(".")[0]);
  return request.success ? request.data : undefined;
}

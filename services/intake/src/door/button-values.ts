import { RequestId, StepRef } from "@sluice/events";

/** A step's attempt as a button names it: `req_x.approve.1`. Nothing when it names none. */
export function stepRefOf(value: string): StepRef | undefined {
  const [request, step, attempt, more] = value.split(".");
  if (more !== undefined) return undefined;
  const ref = StepRef.safeParse({ request, step, attempt: Number(attempt) });
  return ref.success ? ref.data : undefined;
}

/** A page of a step's result: `req_x.plan.1.2`, or `req_x.plan.1.2.replace` where one is chosen of several; pages count from 1. */
export function pageRefOf(value: string): Readonly<{ ref: StepRef; page: number }> | undefined {
  const [, step, at] = /^(.+)\.(\d{1,6})(?:\.[a-z]+)?$/.exec(value) ?? [];
  const ref = stepRefOf(step ?? "");
  const page = Number(at);
  return ref && page > 0 ? { ref, page } : undefined;
}

export function buttonValue({ request, step, attempt }: StepRef): string {
  return `${request}.${step}.${attempt}`;
}

export function requestIn(value: string): RequestId | undefined {
  const request = RequestId.safeParse(value.split(".")[0]);
  return request.success ? request.data : undefined;
}

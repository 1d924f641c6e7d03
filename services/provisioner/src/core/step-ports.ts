import { StepSuspended } from "@sluice/events";
import { itemOf } from "@sluice/jobs";
import { type Cause, causedBy, type Owed, owe, type Step, type StepPorts } from "@sluice/steps";
import type { Ports } from "./ports.ts";

/** What every step of this service begins with: the accepted digest, and a place for what came too early. */
export function stepPorts({ store, early, publish }: Ports): StepPorts {
  return {
    async standing(request) {
      const item = await itemOf(store, request);
      return item?.digest && { digest: item.digest, closed: item.closed !== undefined };
    },
    keepEarly: (event) => early.keep(event),
    publish,
  };
}

/** The cause of everything that a step owes: the event that asked for it. */
export function causeOfStep({ cause }: Pick<Step<unknown>, "cause">): Cause {
  return causedBy({ id: cause, actor: "service:provisioner" }, "provisioner");
}

/** The answer to a step that is asked for again while its build is at work. */
export function waitsForBuild(step: Step<unknown>): Owed {
  const { request, name, attempt } = step;
  return owe(StepSuspended, request, { request, step: name, attempt, waitsFor: "build" }, causeOfStep(step));
}

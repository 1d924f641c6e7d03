import { apply } from "@sluice/events";
import { isNewest, jobKey, keepSlip } from "@sluice/jobs";
import { type Owed, performStep, type StepOutcome, type StepRequest } from "@sluice/steps";
import { answerStep, claimApply } from "./answer-step.ts";
import { type ApplyStep, judgeApply } from "./judge-apply.ts";
import { owedAfterJob } from "./owed-after-job.ts";
import type { Ports } from "./ports.ts";
import { settle } from "./settle.ts";
import { stepPorts, waitsForBuild } from "./step-ports.ts";

/** An approved plan is to be applied. */
export function applyStep(ports: Ports, event: StepRequest): Promise<void> {
  return performStep(apply, stepPorts(ports), event, (step) => workOnApply(ports, step));
}

const tooLate: StepOutcome = {
  ended: "failed",
  code: "grant_expired",
  sentence: "The approval came too late to be used. Nothing was changed.",
  repeatable: true,
  seconds: 0,
};

async function workOnApply(ports: Ports, step: ApplyStep): Promise<readonly Owed[]> {
  const { environment } = step.slip.itinerary;
  const { request, name, attempt, cause } = step;
  const key = jobKey({ step: name, attempt });
  const item = await ports.store.request(environment, request);
  if (!item) return [];

  const known = item.jobs[key];
  if (known && !isNewest(item, known)) return []; // Its outcome was told before its plan was made again (design, rule 9).
  if (!known) {
    // Only a genuine grant may leave a trace: what was forged must not stand in the real one's place.
    const { claims, expected, inTime } = await judgeApply(ports, item, step);
    await keepSlip(ports.store, step);
    const { jti, plan } = claims;
    const job = {
      kind: "apply",
      plan: { step: plan.step, attempt: plan.attempt },
      grant: jti,
      epoch: plan.epoch,
    } as const;
    const wanted = { step: name, attempt, cause, job };
    const where = { environment, request };
    const claimed = await (inTime
      ? claimApply(ports, where, wanted, expected)
      : answerStep(ports, where, wanted, tooLate));
    if (claimed !== "done") return []; // Closed or superseded: no outcome, and nothing ends.
  }

  const settled = await settle(ports, { environment, request }, key);
  const owed = await owedAfterJob(ports, key, settled);
  return settled.job.end || !known ? owed : [...owed, waitsForBuild(step)];
}

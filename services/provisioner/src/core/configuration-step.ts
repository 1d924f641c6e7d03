import { configuration, NonRetriableError } from "@sluice/events";
import { jobKey, keepSlip, untilCommitted } from "@sluice/jobs";
import { type Owed, performStep, type StepOutcome, type StepRequest } from "@sluice/steps";
import { answerStep } from "./answer-step.ts";
import { claim } from "./claims.ts";
import { owedAfterJob } from "./owed-after-job.ts";
import { type ConfigurationStep, judgeSource, type OwnApply } from "./own-apply.ts";
import type { Ports } from "./ports.ts";
import { settle } from "./settle.ts";
import { stepPorts, waitsForBuild } from "./step-ports.ts";
import { claimed } from "./transactions.ts";
import { standingOf } from "./turns.ts";

/** What an apply made is to be configured. */
export function configurationStep(ports: Ports, event: StepRequest): Promise<void> {
  return performStep(configuration, stepPorts(ports), event, (step) => workOnConfiguration(ports, step));
}

/** Where an installation says that it has no hosts the step says so, and the request goes on. */
const noHosts: StepOutcome = {
  ended: "completed",
  output: { ran: false, reason: "This installation has no hosts." },
  seconds: 0,
};

async function workOnConfiguration(ports: Ports, step: ConfigurationStep): Promise<readonly Owed[]> {
  const { environment } = step.slip.itinerary;
  const { request, name, attempt } = step;
  const key = jobKey({ step: name, attempt });
  const item = await ports.store.request(environment, request);
  if (!item) return [];

  const wasKnown = item.jobs[key] !== undefined;
  if (!wasKnown) {
    const own = await judgeSource(ports, item, step); // What is forged must leave no trace in the real one's place.
    await keepSlip(ports.store, step);
    if ((await takeUp(ports, step, own)) === "late") return [];
  }

  const settled = await settle(ports, { environment, request }, key);
  const owed = await owedAfterJob(ports, key, settled);
  return settled.job.end || !wasKnown ? owed : [...owed, waitsForBuild(step)];
}

async function takeUp(ports: Ports, step: ConfigurationStep, own: OwnApply): Promise<"done" | "late"> {
  const { environment } = step.slip.itinerary;
  const { request, name, attempt, cause, config } = step;
  const wanted = { step: name, attempt, cause, job: { kind: "configuration" } } as const;
  if (config.hosts !== "build" && ports.hosts === "none") {
    const answered = await answerStep(ports, { environment, request }, wanted, noHosts);
    return answered === "done" ? "done" : "late";
  }

  return untilCommitted<"done" | "late">(async () => {
    const before = await ports.store.request(environment, request);
    if (!before) return "late";
    const after = claim(before, wanted, new Map(), ports.now());
    if (typeof after === "string") return "late";
    if (after === before) return "done";

    const workspace = await ports.store.workspace(environment, before.workspace);
    if (!workspace || standingOf(workspace, request).is !== "holder")
      throw new NonRetriableError("workspace_not_held", `${request} does not hold ${before.workspace} for ${name}`);
    if (workspace.epoch !== own.output.epoch)
      throw new NonRetriableError("workspace_changed", `${before.workspace} was changed since ${request} applied`);
    // The workspace is written too: who takes it, or moves its epoch, in between must win or be seen.
    return ports.store.commit([
      ...claimed({ before, after, key: jobKey(wanted), job: wanted.job }),
      { is: "workspace", before: workspace, after: workspace },
    ]);
  });
}

import { ApplyOutput, configuration, NonRetriableError } from "@sluice/events";
import { hasApplied, jobKey, keepSlip, type RequestItem, storedOutcome } from "@sluice/jobs";
import { digestOf, type Owed, performStep, type Step, type StepOutcome, type StepRequest } from "@sluice/steps";
import type * as z from "zod";
import { answerStep } from "./answer-step.ts";
import { owedAfterJob } from "./owed-after-job.ts";
import type { Ports } from "./ports.ts";
import { settle } from "./settle.ts";
import { stepPorts } from "./step-ports.ts";

type ConfigurationStep = Step<z.infer<typeof configuration.config>>;

/** What an apply made is to be configured. */
export function configurationStep(ports: Ports, event: StepRequest): Promise<void> {
  return performStep(configuration, stepPorts(ports), event, (step) => workOnConfiguration(ports, step));
}

/** No build runs playbooks yet. Where an installation says that it has no hosts the step says so and goes on; elsewhere a missing host is a failure (design §5). */
const answers: Record<Ports["hosts"], StepOutcome> = {
  none: { ended: "completed", output: { ran: false, reason: "This installation has no hosts." }, seconds: 0 },
  ssh: {
    ended: "failed",
    code: "no_hosts",
    sentence: "No host could be reached: this release cannot run playbooks yet. Nothing was changed.",
    repeatable: true,
    seconds: 0,
  },
};

async function workOnConfiguration(ports: Ports, step: ConfigurationStep): Promise<readonly Owed[]> {
  const { environment } = step.slip.itinerary;
  const { request, name, attempt, cause } = step;
  const key = jobKey({ step: name, attempt });
  const item = await ports.store.request(environment, request);
  if (!item) return [];
  await refuseForeignHosts(ports, item, step);

  await keepSlip(ports.store, step);
  const wanted = { step: name, attempt, cause, job: { kind: "configuration" } } as const;
  const claimed = await answerStep(ports, { environment, request }, wanted, answers[ports.hosts]);
  if (typeof claimed === "string") return [];
  return owedAfterJob(ports, key, await settle(ports, { environment, request }, key));
}

/**
 * Configures only what an apply of the same request made, by the service's own record of it (design §3, rule 7).
 *
 * @throws NonRetriableError `nothing_applied` without a spent grant of this request, `hosts_changed` when the slip names other hosts than the apply made.
 */
async function refuseForeignHosts({ store }: Ports, item: RequestItem, step: ConfigurationStep): Promise<void> {
  const { steps } = step.slip.itinerary;
  const before = steps.slice(
    0,
    steps.findIndex(({ name }) => name === step.name),
  );
  const source =
    step.config.hosts === "build" ? before.findLast(({ kind }) => kind === "apply")?.name : step.config.hosts;
  const attempt = source && item.attempts[source];
  const key = source && attempt ? jobKey({ step: source, attempt }) : undefined;
  const job = key === undefined ? undefined : item.jobs[key];
  const outcome = key === undefined ? undefined : await storedOutcome(store, item, key);
  if (!job || !hasApplied(job) || outcome?.ended !== "completed")
    throw new NonRetriableError(
      "nothing_applied",
      `${item.request} has applied nothing that ${step.name} could configure`,
    );

  const claimed = step.slip.log.find((entry) => entry.step === source);
  const own = ApplyOutput.parse(outcome.output);
  if (claimed?.attempt !== attempt || digestOf(claimed?.output) !== digestOf(own))
    throw new NonRetriableError(
      "hosts_changed",
      `${step.name} of ${item.request} names other hosts than its apply made`,
    );
}

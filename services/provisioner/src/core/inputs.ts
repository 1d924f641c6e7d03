import { configuration, type Itinerary, PlanOutput, type Slip, type StepName, stepKinds } from "@sluice/events";
import {
  ApplyInput,
  ConfigurationInput,
  type Hosts,
  type Job,
  type JobInput,
  type JobStore,
  jobIdOf,
  jobKey,
  keptSlip,
  PlanInput,
  type RequestItem,
  stepOfKey,
  storedOutcome,
} from "@sluice/jobs";
import { ownApply, sourceOf } from "./own-apply.ts";

/** What a job's builds are told. It follows from the kept slip, the job and our own outcomes, so that each build of the job is told the same. */
export async function inputOf(store: JobStore, item: RequestItem, key: string, hosts: Hosts): Promise<JobInput> {
  const ref = stepOfKey(key);
  const job = item.jobs[key];
  if (!job) throw new Error(`${item.request} has no job ${key}`);
  const { itinerary, log } = await keptSlip(store, item, ref);
  const { environment, request, workspace } = item;
  const common = {
    ...ref,
    job: jobIdOf({ request, ...ref }),
    request,
    environment,
    workspace,
    itinerary: item.digest,
    release: itinerary.code,
    subject: itinerary.subject,
  };
  if (job.kind === "plan") return PlanInput.parse({ ...common, ...planParts(itinerary, ref.step, job) });
  if (job.kind === "apply")
    return ApplyInput.parse({ ...common, ...(await applyParts(store, item, itinerary, log, ref, job)) });
  if (job.kind === "configuration")
    return ConfigurationInput.parse({
      ...common,
      hosts,
      ...(await configurationParts(store, item, itinerary, ref.step)),
    });
  throw new Error(`No builds do a ${job.kind} here`);
}

function planParts(itinerary: Itinerary, step: StepName, { epoch, searchOrphans = false }: Job) {
  return { kind: "plan", ...planConfigOf(itinerary, step), variables: itinerary.parameters, epoch, searchOrphans };
}

/** The apply plans by itself, so it is told all that its plan was told. */
async function applyParts(
  store: JobStore,
  item: RequestItem,
  itinerary: Itinerary,
  log: Slip["log"],
  { step, attempt }: Readonly<{ step: string; attempt: number }>,
  { plan }: Job,
) {
  if (!plan) throw new Error(`An apply of ${item.request} has no plan`);
  const gate = itinerary.steps.find(({ kind, config }) => kind === "approval" && config.of === plan.step);
  const grant = log.find(({ step }) => step === gate?.name)?.output.grant;
  const output = await planOutputOf(store, item, plan);
  return {
    kind: "apply",
    ...planConfigOf(itinerary, plan.step),
    variables: itinerary.parameters,
    searchOrphans: item.jobs[jobKey(plan)]?.searchOrphans ?? false,
    differedBefore: applyBefore(item, step, attempt)?.differs,
    plan: { ...plan, output },
    grant,
  };
}

/** The newest attempt of this step before this one, whatever became of it. */
function applyBefore({ jobs }: RequestItem, step: string, attempt: number): Job | undefined {
  const keys = [...Array(attempt).keys()].map((before) => jobKey({ step, attempt: before }));
  return keys.map((key) => jobs[key]).findLast((job) => job !== undefined);
}

async function configurationParts(store: JobStore, item: RequestItem, itinerary: Itinerary, step: StepName) {
  const config = configuration.config.parse(itinerary.steps.find(({ name }) => name === step)?.config);
  const parts = { kind: "configuration", playbook: config.playbook, variables: itinerary.parameters };
  if (config.hosts === "build") return parts;
  const own = await ownApply({ store }, item, sourceOf(itinerary, step));
  if (!own) throw new Error(`${item.request} has applied nothing that ${step} could configure`);
  return { ...parts, outputs: own.output.outputs };
}

/** The plan that the service made itself, or nothing when that attempt has none. */
export async function planOutputOf(
  store: JobStore,
  item: Pick<RequestItem, "environment" | "request">,
  plan: Readonly<{ step: string; attempt: number }>,
): Promise<PlanOutput | undefined> {
  const outcome = await storedOutcome(store, item, jobKey(plan));
  return outcome?.ended === "completed" ? PlanOutput.parse(outcome.output) : undefined;
}

function planConfigOf({ steps }: Itinerary, step: string) {
  const found = steps.find(({ name }) => name === step);
  return stepKinds.plan.config.parse(found?.config);
}

import { type Itinerary, PlanOutput, type Slip, type StepName, stepKinds } from "@sluice/events";
import {
  ApplyInput,
  type Job,
  type JobInput,
  type JobStore,
  jobIdOf,
  jobKey,
  keptSlip,
  PlanInput,
  type RequestItem,
  requestKey,
  stepOfKey,
  storedOutcome,
} from "@sluice/jobs";

/** What a job's builds are told. It follows from the kept slip, the job and our own outcomes, so that each build of the job is told the same. */
export async function inputOf(store: JobStore, item: RequestItem, key: string): Promise<JobInput> {
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
    item: requestKey(environment, request),
    release: itinerary.release,
    subject: itinerary.subject,
  };
  if (job.kind === "plan") return PlanInput.parse({ ...common, ...planParts(itinerary, ref.step, job) });
  if (job.kind === "apply")
    return ApplyInput.parse({ ...common, ...(await applyParts(store, item, itinerary, log, job)) });
  throw new Error(`No builds do a ${job.kind} here`);
}

function planParts(itinerary: Itinerary, step: StepName, { epoch, searchOrphans = false }: Job) {
  return { kind: "plan", root: rootOf(itinerary, step), variables: itinerary.parameters, epoch, searchOrphans };
}

async function applyParts(store: JobStore, item: RequestItem, itinerary: Itinerary, log: Slip["log"], { plan }: Job) {
  if (!plan) throw new Error(`An apply of ${item.request} has no plan`);
  const gate = itinerary.steps.find(({ kind, config }) => kind === "approval" && config.of === plan.step);
  const grant = log.find(({ step }) => step === gate?.name)?.output.grant;
  const output = await planOutputOf(store, item, plan);
  return { kind: "apply", root: rootOf(itinerary, plan.step), plan: { ...plan, output }, grant };
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

function rootOf({ steps }: Itinerary, step: string): string {
  const found = steps.find(({ name }) => name === step);
  return stepKinds.plan.config.parse(found?.config).root;
}

import {
  ApplyOutput,
  type apply,
  configuration,
  type Itinerary,
  NonRetriableError,
  type StepName,
} from "@sluice/events";
import { hasApplied, type Job, jobKey, keptSlip, type RequestItem, storedOutcome } from "@sluice/jobs";
import { digestOf, type GrantClaims, readGrant, type Step } from "@sluice/steps";
import type * as z from "zod";
import type { Ports } from "./ports.ts";

export type ConfigurationStep = Step<z.infer<typeof configuration.config>>;

/** What the request's own apply left, by the service's own record. */
export type OwnApply = Readonly<{ step: StepName; attempt: number; output: z.infer<typeof apply.output> }>;

/** The apply that a configuration follows: the one it names, or, when it configures the build itself, the last one before it. */
export function sourceOf({ steps }: Itinerary, step: StepName): StepName | undefined {
  const at = steps.findIndex(({ name }) => name === step);
  const { hosts } = configuration.config.parse(steps[at]?.config);
  return hosts === "build" ? steps.slice(0, at).findLast(({ kind }) => kind === "apply")?.name : hosts;
}

/** What the named apply of the request left, or nothing when it has not applied cleanly. */
export async function ownApply(
  { store }: Pick<Ports, "store">,
  item: RequestItem,
  source: StepName | undefined,
): Promise<OwnApply | undefined> {
  const attempt = source && item.attempts[source];
  if (!source || !attempt) return undefined;
  const key = jobKey({ step: source, attempt });
  const job = item.jobs[key];
  const outcome = await storedOutcome(store, item, key);
  if (!job || !hasApplied(job) || outcome?.ended !== "completed") return undefined;
  return { step: source, attempt, output: ApplyOutput.parse(outcome.output) };
}

/**
 * Judges what a configuration would run on (design, rule 7): only what an apply of the same request made, and spent its grant for. The grant is read once more
 * from the apply's own slip, and must be of this request, itinerary, workspace and plan: a genuine grant of another request is nothing here.
 *
 * @throws NonRetriableError `nothing_applied`, `grant_not_spent`, or `hosts_changed` when the slip names other hosts than the apply made.
 */
export async function judgeSource(
  ports: Pick<Ports, "store" | "grantKey">,
  item: RequestItem,
  step: ConfigurationStep,
): Promise<OwnApply> {
  const own = await ownApply(ports, item, sourceOf(step.slip.itinerary, step.name));
  if (!own)
    throw new NonRetriableError(
      "nothing_applied",
      `${item.request} has applied nothing that ${step.name} could configure`,
    );
  if (!(await spentItsGrant(ports, item, own)))
    throw new NonRetriableError("grant_not_spent", `No build of ${item.request} has spent a grant for ${own.step}`);

  const claimed = step.slip.log.find((entry) => entry.step === own.step);
  if (claimed?.attempt !== own.attempt || digestOf(claimed.output) !== digestOf(own.output))
    throw new NonRetriableError(
      "hosts_changed",
      `${step.name} of ${item.request} names other hosts than its apply made`,
    );
  return own;
}

async function spentItsGrant(
  { store, grantKey }: Pick<Ports, "store" | "grantKey">,
  item: RequestItem,
  { step, attempt }: OwnApply,
): Promise<boolean> {
  const { itinerary, log } = await keptSlip(store, item, { step, attempt });
  const gate = itinerary.steps.find(({ name }) => name === step)?.config.approval;
  const grant = log.find((entry) => entry.step === gate)?.output.grant;
  if (typeof grant !== "string") return false;
  const claims = await readGrant(grant, await grantKey());
  const key = jobKey({ step, attempt });
  const job = item.jobs[key];
  if (typeof claims === "string" || !job || claims.gate.step !== gate || !isOf(claims, item, job)) return false;

  const spent = await store.spentGrant(item.environment, claims.jti);
  return spent?.request === item.request && spent.job === key && spent.build === job.applied?.build;
}

/** Whether a genuine grant is the one that this apply of this request was claimed with. */
function isOf(
  claims: GrantClaims,
  { request, digest, environment, workspace }: RequestItem,
  { grant, plan }: Job,
): boolean {
  return (
    claims.jti === grant &&
    claims.request === request &&
    claims.itinerary === digest &&
    claims.environment === environment &&
    claims.workspace === workspace &&
    claims.plan.step === plan?.step &&
    claims.plan.attempt === plan.attempt
  );
}

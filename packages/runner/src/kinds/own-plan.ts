import { digestOf } from "@sluice/steps";
import type { Build } from "../build.ts";
import { refuseActingValues } from "../change/acting-values.ts";
import { type Basis, changeDigest, type EntryDigests, entryDigests } from "../change/change-digest.ts";
import { type ChangeList, changeListOf } from "../change/change-list.ts";
import type { Mask } from "../change/mask.ts";
import { maskOf } from "../change/mask-of.ts";
import { configurableBy, type IsConfigurable, nothingGoes } from "../change/provider-schema.ts";
import { JobFailure, sentenceOf } from "../job-failure.ts";
import { parseExact } from "../json/exact-json.ts";
import { type Secrets, secretsOf } from "../masking/secrets.ts";
import { toolWords, type Words } from "../masking/words.ts";
import { actionOf, NotUnderstood, type PlanJson, readPlan, takesAway } from "../terraform/plan-json.ts";
import type { Terraform } from "../terraform/terraform.ts";
import { diagnosticText } from "../terraform/ui-message.ts";
import { NOTHING_CHANGED, type RootJob, refuseUnlessOk, secretsOfFailed } from "./open-root.ts";

/** A plan that this very build has made, read whole. */
export type OwnPlan = Readonly<{
  plan: PlanJson;
  list: ChangeList;
  mask: Mask;
  secrets: Secrets;
  /** Of Terraform and its providers, in their own words. */
  warnings: readonly Words[];
}>;

type Planning = Readonly<{
  destroy?: boolean | undefined;
  lock?: boolean;
  /** What must not be shown as long as there is no plan that says more. */
  known: Secrets;
}>;

/**
 * Plans a root and reads what the plan would do. Plan and apply do this alike, so that equal plans have equal lists.
 *
 * @param file that Terraform leaves in the root's folder; it never leaves this build
 * @throws JobFailure `terraform_failed`, `interrupted`, or `plan_not_understood` naming the part: what cannot be shown cannot be approved
 */
export async function makeOwnPlan(
  build: Build,
  tool: Terraform,
  { destroy = false, lock = true, known }: Planning,
  file: string,
): Promise<OwnPlan> {
  const run = await tool.plan(file, { interrupt: build.interrupt, onDoing: build.say }, { destroy, lock });
  if (!run.ok) refuseUnlessOk(run, "plan", await secretsOfFailed(known, async () => parseExact(await tool.show(file))));
  const shown = await tool.show(file);
  try {
    const { plan, whole } = readPlan(shown);
    refuseActingValues(plan.configuration);
    const secrets = secretsOf(whole, known);
    const mask = maskOf(secrets);
    const list = changeListOf(plan, mask, await configurableIn(tool, plan));
    return { plan, list, mask, secrets, warnings: run.warnings.map((warning) => diagnosticText(warning, secrets)) };
  } catch (cause) {
    if (!(cause instanceof NotUnderstood)) throw cause;
    const secrets = await secretsOfFailed(known, async () => parseExact(shown));
    throw new JobFailure("plan_not_understood", sentenceOf(toolWords(cause.message, secrets), NOTHING_CHANGED), {
      cause,
    });
  }
}

/** What a change digest is taken over beside the change: the code, and all that Terraform is told but who acts. */
export function basisOf({ release, root, environment, workspace, variables, destroy }: RootJob): Basis {
  const parameters = digestOf({ root, environment, workspace, variables, destroy: destroy === true });
  return { code: release.sha256, parameters };
}

/** @param key of the plan that was approved, or a new one */
export function digestsOf({ list }: OwnPlan, job: RootJob, key: Uint8Array) {
  const entries: EntryDigests = entryDigests(list, key);
  return { entries, changeDigest: changeDigest(entries, basisOf(job)) };
}

/** The schemas are asked for only where something goes. */
async function configurableIn(tool: Terraform, { resource_changes }: PlanJson): Promise<IsConfigurable> {
  const goes = resource_changes.some(({ change }) => takesAway(actionOf(change)));
  return goes ? configurableBy(await tool.schemas()) : nothingGoes;
}

import { join } from "node:path";
import type { ObjectRef } from "@sluice/events";
import { stateKey } from "@sluice/jobs";
import type { Build } from "../build.ts";
import { JobFailure, sentenceOf } from "../job-failure.ts";
import { type Exact, parseExact } from "../json/exact-json.ts";
import { type Secrets, secretsAnd, secretsOf } from "../masking/secrets.ts";
import { joinWords, openText, words } from "../masking/words.ts";
import { prepareRoot } from "../terraform/root-folder.ts";
import { sensitiveVariables } from "../terraform/sensitive-variables.ts";
import { type Terraform, type TerraformRun, terraform } from "../terraform/terraform.ts";
import { diagnosticText } from "../terraform/ui-message.ts";

export const NOTHING_CHANGED = words`Nothing was changed.`;

/** The tag of what no parameter names an owner for. It must not change from request to request, or no second plan is empty. */
const OWNER = "sluice";

/** What a root's folder is made of, whatever is done in it. */
export type RootJob = Readonly<{
  request: string;
  environment: string;
  workspace: string;
  root: string;
  /** The code release that the build runs. */
  release: Pick<ObjectRef, "sha256">;
  variables: Readonly<Record<string, unknown>>;
  /** Plans that everything in the state goes. */
  destroy?: true | undefined;
}>;

/**
 * An initialised working copy of the job's root, and Terraform in it. `secrets` is what must not be shown as long as there is no plan that says more.
 *
 * @throws JobFailure `terraform_failed`
 */
export async function openRoot(build: Build, job: RootJob): Promise<{ tool: Terraform; secrets: Secrets }> {
  const { config } = build;
  const folder = await prepareRoot({
    release: build.release,
    work: join(build.work, "terraform"),
    root: job.root,
    backend: { bucket: config.STATES_BUCKET, key: stateKey(job.environment, job.workspace), region: config.AWS_REGION },
    variables: { owner: OWNER, ...job.variables, environment: job.environment, workspace: job.workspace },
    target: {
      region: config.TARGET_REGION,
      role_arn: config.TARGET_ROLE_ARN,
      external_id: config.TARGET_EXTERNAL_ID,
      session_name: job.request,
      tags: { request: job.request },
    },
  });
  const secrets = await secretsBeforePlan(build, job);
  const tool = terraform(build.runTool, folder, secrets);
  refuseUnlessOk(await tool.init({ interrupt: build.interrupt }), "init", secrets);
  return { tool, secrets };
}

/** What is a secret of the build, and what the root declares sensitive of what it is told. */
export async function secretsBeforePlan(
  build: Build,
  { root, variables }: Pick<RootJob, "root" | "variables">,
): Promise<Secrets> {
  const sensitive = await sensitiveVariables(join(build.release, "terraform", "live", root));
  const values = Object.entries(variables).flatMap(([name, value]) => (sensitive.has(name) ? [value] : []));
  return secretsAnd(
    build.secrets,
    values.map((value) => parseExact(JSON.stringify(value ?? null))),
  );
}

/**
 * The secrets of a plan that failed. Terraform leaves a file of it with every variable in it, unless it did not get as far as that.
 *
 * @param read the plan as Terraform shows it. When it cannot, what was known before is all that is known.
 */
export async function secretsOfFailed(known: Secrets, read: () => Promise<Exact>): Promise<Secrets> {
  return read().then(
    (plan) => secretsOf(plan, known),
    () => known,
  );
}

/** @throws JobFailure `terraform_failed` with file, line and Terraform's own words, or `interrupted`. */
export function refuseUnlessOk(
  { ok, interrupted, errors }: TerraformRun,
  what: "init" | "plan" | "check",
  secrets: Secrets,
): void {
  if (ok) return;
  if (interrupted)
    throw new JobFailure(
      "interrupted",
      words`The ${openText(what)} was stopped before it was done. ${NOTHING_CHANGED}`,
      {
        repeatable: true,
      },
    );
  const said = joinWords(
    errors.map((error) => diagnosticText(error, secrets)),
    " ",
  );
  throw new JobFailure("terraform_failed", sentenceOf(said, NOTHING_CHANGED), {
    repeatable: true,
  });
}

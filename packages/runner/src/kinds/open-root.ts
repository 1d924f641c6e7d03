import { join } from "node:path";
import { stateKey } from "@sluice/jobs";
import type { Build } from "../build.ts";
import { JobFailure, sentenceOf } from "../job-failure.ts";
import { prepareRoot } from "../terraform/root-folder.ts";
import { type Terraform, type TerraformRun, terraform } from "../terraform/terraform.ts";
import { diagnosticText } from "../terraform/ui-message.ts";

export const NOTHING_CHANGED = "Nothing was changed.";

/** The tag of what no parameter names an owner for. It must not change from request to request, or no second plan is empty. */
const OWNER = "sluice";

/** What a root's folder is made of, whatever is done in it. */
export type RootJob = Readonly<{
  request: string;
  environment: string;
  workspace: string;
  root: string;
  variables: Readonly<Record<string, unknown>>;
  /** Plans that everything in the state goes. */
  destroy?: true | undefined;
}>;

/**
 * An initialised working copy of the job's root, and Terraform in it.
 *
 * @throws JobFailure `terraform_failed`
 */
export async function openRoot(build: Build, job: RootJob): Promise<{ tool: Terraform; path: string }> {
  const { config } = build;
  const folder = await prepareRoot({
    release: build.release,
    work: join(build.work, "terraform"),
    root: job.root,
    backend: { bucket: config.STATES_BUCKET, key: stateKey(job.environment, job.workspace), region: config.AWS_REGION },
    variables: { owner: OWNER, ...job.variables, environment: job.environment, workspace: job.workspace },
    target: {
      role_arn: config.TARGET_ROLE_ARN,
      external_id: config.TARGET_EXTERNAL_ID,
      session_name: job.request,
      tags: { request: job.request },
    },
  });
  const tool = terraform(build.runTool, folder);
  refuseUnlessOk(await tool.init({ interrupt: build.interrupt }), "init");
  return { tool, path: folder.path };
}

/** @throws JobFailure `terraform_failed` with file, line and Terraform's own words, or `interrupted`. */
export function refuseUnlessOk({ ok, interrupted, errors }: TerraformRun, what: string): void {
  if (ok) return;
  if (interrupted)
    throw new JobFailure("interrupted", `The ${what} was stopped before it was done. ${NOTHING_CHANGED}`, {
      repeatable: true,
    });
  throw new JobFailure("terraform_failed", sentenceOf(errors.map(diagnosticText).join(" "), NOTHING_CHANGED), {
    repeatable: true,
  });
}

import { execFile } from "node:child_process";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { Cloud } from "../../local/cloud/start-cloud.ts";
import type { Tools } from "../../local/setup/tools.ts";
import { PLACE } from "../../local/synth/synth.ts";
import { environments } from "../../stacks/environments.ts";
import { STAGE } from "./stage.ts";

const run = promisify(execFile);

/** What the owner of a target account does once: applies `terraform/live/environment`, which makes the roles and the network. */
export async function applyEnvironmentRoot(
  cloud: Pick<Cloud, "front" | "directory">,
  root: string,
  tools: Tools,
  environment: string,
): Promise<void> {
  const target = environments[environment];
  if (!target) throw new Error(`There is no environment ${environment}`);
  const owner = cloud.front.ownerCredentials(target.account);
  const bucket = `environment-state-${environment}`; // The owner's own, in the owner's account.
  await new S3Client({ region: target.region, endpoint: cloud.front.url, credentials: owner }).send(
    new CreateBucketCommand({
      Bucket: bucket,
      CreateBucketConfiguration: { LocationConstraint: target.region as "eu-west-1" },
    }),
  );

  const folder = join(cloud.directory, "environment-root", environment);
  await mkdir(folder, { recursive: true });
  await cp(join(root, "terraform"), join(folder, "terraform"), { recursive: true });
  const live = join(folder, "terraform/live/environment");
  await writeFile(join(live, "backend.json"), JSON.stringify({ bucket, key: environment, use_lockfile: true }));
  await writeFile(
    join(live, "values.tfvars.json"),
    JSON.stringify({
      environment,
      sluice_account_id: PLACE.account,
      external_id: target.externalId,
      principal_arns: Object.fromEntries(
        ["plan", "apply", "configure", "check"].map((kind) => [
          kind,
          `arn:aws:iam::${PLACE.account}:role/sluice-${STAGE}-${kind}-${environment}`,
        ]),
      ),
    }),
  );
  const env = {
    PATH: tools.path,
    HOME: folder,
    TMPDIR: tmpdir(), // Short: providers put a Unix socket there.
    LC_ALL: "C.UTF-8",
    TF_CLI_CONFIG_FILE: tools.terraformConfig,
    GOGC: "400", // As builds have it.
    TF_IN_AUTOMATION: "1",
    AWS_REGION: target.region,
    AWS_ENDPOINT_URL: cloud.front.url,
    AWS_ACCESS_KEY_ID: owner.accessKeyId,
    AWS_SECRET_ACCESS_KEY: owner.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const terraform = (...args: string[]) => run(tools.terraform, args, { cwd: live, env, maxBuffer: 16 * 1024 * 1024 });
  await terraform("init", "-input=false", "-no-color", "-backend-config=backend.json");
  await terraform("apply", "-input=false", "-no-color", "-auto-approve", "-var-file=values.tfvars.json");
}

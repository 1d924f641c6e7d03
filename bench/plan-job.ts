import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Tools } from "../local/setup/tools.ts";
import { prepareRoot } from "../packages/runner/src/terraform/root-folder.ts";
import { environments } from "../stacks/environments.ts";
import { STAGE } from "../test/story/stage.ts";
import type { World } from "../test/story/world.ts";
import type { Row } from "./row.ts";

const run = promisify(execFile);
const TIMES = 3;
const ENVIRONMENT = "staging";

/**
 * A plan job of a virtual machine, from its start to its end, against the same three Terraform commands by
 * hand: same root, variables, backend and role, a folder that is as new. Both are taken at their best of several.
 */
export async function planJobRatio(world: World, root: string, tools: Tools): Promise<Row[]> {
  const jobs: number[] = [];
  const bare: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    jobs.push(await planJob(world, `bench-plan-${time}`));
    bare.push(await bareTerraform(world, root, tools, `bench-bare-${time}`));
  }

  const [job, hand] = [Math.min(...jobs), Math.min(...bare)];
  const best = `best of ${jobs.length} jobs and ${bare.length} by hand`;
  return [
    { name: "plan job ÷ bare Terraform", value: job / hand, unit: "×", bound: 1.2, how: best },
    { name: "plan job", value: job, unit: "s" },
    { name: "terraform init, plan, show", value: hand, unit: "s", how: "by hand" },
  ];
}

/** Seconds of the one build that plans a machine, which nobody approves. */
async function planJob(world: World, name: string): Promise<number> {
  const parameters = { name, size: "small" };
  const message = await world.ask("ada", {
    blueprint: "virtual-machine",
    environment: ENVIRONMENT,
    reason: "bench",
    parameters,
  });
  const request = world.requestIdOf(message);
  await world.approval(request, true, 120_000);
  await world.cloud.codebuild.waitFor(
    ({ id, endedAt }) => endedAt !== undefined && id === world.builds(request, "plan")[0]?.id,
    30_000,
  );
  const [build] = world.builds(request, "plan");
  if (build?.endedAt === undefined) throw new Error(`${request} has no plan job that ended`);
  return (build.endedAt - build.startedAt) / 1_000;
}

async function bareTerraform({ cloud }: World, root: string, tools: Tools, name: string): Promise<number> {
  const target = environments[ENVIRONMENT];
  if (!target) throw new Error(`There is no environment ${ENVIRONMENT}`);
  const work = join(cloud.directory, name);
  await mkdir(work, { recursive: true });
  const { path } = await prepareRoot({
    release: root,
    work,
    root: "virtual_machine",
    backend: { bucket: String(cloud.outputs().statesBucket), key: `${ENVIRONMENT}/vm-${name}`, region: target.region },
    variables: {
      owner: "sluice",
      environment: ENVIRONMENT,
      workspace: `vm-${name}`,
      name,
      size: "small",
      image: target.images.ubuntu,
      disk_gib: 10,
      open_https: false,
    },
    target: {
      region: target.region,
      role_arn: `arn:aws:iam::${target.account}:role/sluice-plan`,
      external_id: target.externalId,
      session_name: `req_${name}`,
      tags: { request: `req_${name}` },
    },
  });
  const account = cloud.synth.app.account;
  const keys = await cloud.front.roleSession(
    `arn:aws:iam::${account}:role/sluice-${STAGE}-plan-${ENVIRONMENT}`,
    `AWSCodeBuild-${name}`,
    3_600,
  );
  const env = {
    PATH: tools.path,
    HOME: work,
    TMPDIR: work,
    LC_ALL: "C.UTF-8",
    TF_CLI_CONFIG_FILE: tools.terraformConfig,
    TF_IN_AUTOMATION: "1",
    AWS_REGION: target.region,
    AWS_ENDPOINT_URL: cloud.front.url,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_SESSION_TOKEN: keys.sessionToken,
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const terraform = (...args: string[]) => run(tools.terraform, args, { cwd: path, env, maxBuffer: 1 << 26 });

  const began = performance.now();
  await terraform("init", "-input=false", "-lockfile=readonly", "-backend-config=sluice.s3.tfbackend");
  await terraform(
    "plan",
    "-input=false",
    "-out=plan",
    "-var-file=sluice.tfvars.json",
    "-var-file=sluice-target.tfvars.json",
  );
  await terraform("show", "-json", "plan");
  const seconds = (performance.now() - began) / 1_000;
  await rm(work, { recursive: true, force: true });
  return seconds;
}

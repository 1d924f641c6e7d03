import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../../setup/run-command.ts";
import { ensureTools, type Tools } from "../../setup/tools.ts";
import { as, makeRole, makeTargetRole, trust } from "./roles.ts";
import { type Emulators, ROOT, SLUICE, STAGING, startEmulators } from "./start-emulators.ts";

/** State in Sluice's account, a resource in a target account: what every request root is to the front. */
const ROOT_MODULE = `
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
  backend "s3" {
    bucket       = "states"
    key          = "staging/thing"
    use_lockfile = true
  }
}
variable "role" {
  ephemeral = true
  type      = string
}
provider "aws" {
  assume_role {
    role_arn     = var.role
    external_id  = "ours"
    session_name = "req_1"
  }
}
resource "aws_ssm_parameter" "thing" {
  name  = "/thing"
  type  = "String"
  value = "1"
}
`;

let emulators: Emulators;
let tools: Tools;
let directory: string;

beforeAll(async () => {
  [emulators, tools] = await Promise.all([startEmulators(), ensureTools({ root: ROOT, want: ["terraform"] })]);
  const { front } = emulators;
  await new S3Client(as(front, front.rootCredentials)).send(new CreateBucketCommand({ Bucket: "states" }));
  for (const kind of ["plan", "apply"]) {
    await makeRole(front, `${kind}-staging`, rightsOf(kind));
    const only = { "aws:PrincipalArn": `arn:aws:iam::${SLUICE}:role/${kind}-staging` };
    const condition = { StringEquals: { "sts:ExternalId": "ours" }, ArnEquals: only };
    await makeTargetRole(front, STAGING, `sluice-${kind}`, [trust(`${SLUICE}:root`, { Condition: condition })]);
  }
  directory = join(emulators.directory, "root");
  await mkdir(directory);
  await writeFile(join(directory, "main.tf"), ROOT_MODULE);
});
afterAll(() => emulators?.stop());

describe("Terraform behind the front", () => {
  it("plans with one role and applies with another, knowing one endpoint and no keys", async () => {
    await terraform("plan", "init", "-input=false");
    await terraform("plan", "plan", "-input=false", "-var", roleOf("plan"), "-out=saved");

    await expect(terraform("plan", "apply", "-input=false", "-var", roleOf("plan"), "saved")).rejects.toThrow(
      /UnauthorizedOperation|AccessDenied/,
    );
    await terraform("apply", "plan", "-input=false", "-var", roleOf("apply"), "-out=saved");
    await terraform("apply", "apply", "-input=false", "-var", roleOf("apply"), "saved");

    const again = await terraform("plan", "plan", "-input=false", "-var", roleOf("plan"), "-detailed-exitcode");
    expect(again).toContain("No changes");
    const writes = emulators.front.calls.all(({ action, status }) => action === "PutParameter" && status === 200);
    expect(writes).toMatchObject([
      { account: STAGING, role: "sluice-apply", session: "req_1", origin: "AWSCodeBuild-of-apply" },
    ]);
  });
});

const roleOf = (kind: string) => `role=arn:aws:iam::${STAGING}:role/sluice-${kind}`;

function terraform(kind: string, ...args: string[]): Promise<string> {
  const { front } = emulators;
  const role = `arn:aws:iam::${SLUICE}:role/${kind}-staging`;
  // SDKs ask anew for keys that end within five minutes: these are asked for at every call.
  const { uri, token } = front.containerCredentials.register(`${kind}:of-${kind}`, role, 60);
  return runCommand(tools.terraform, [`-chdir=${directory}`, ...args, "-no-color"], {
    env: {
      PATH: tools.path,
      HOME: directory,
      LC_ALL: "C.UTF-8",
      TF_CLI_CONFIG_FILE: tools.terraformConfig,
      GOGC: "400", // As builds have it.
      AWS_ENDPOINT_URL: front.url,
      AWS_REGION: "eu-west-1",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONTAINER_CREDENTIALS_FULL_URI: uri,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
    },
  });
}

function rightsOf(kind: string) {
  const allow = (Action: string[], Resource: string) => ({ Effect: "Allow", Action, Resource });
  return [
    allow(["s3:ListBucket"], "arn:aws:s3:::states"),
    allow(["s3:GetObject"], "arn:aws:s3:::states/staging/*"),
    allow(["s3:PutObject", "s3:DeleteObject"], "arn:aws:s3:::states/staging/*.tflock"),
    ...(kind === "apply" ? [allow(["s3:PutObject"], "arn:aws:s3:::states/staging/*")] : []),
    allow(["sts:AssumeRole"], `arn:aws:iam::${STAGING}:role/sluice-${kind}`),
  ];
}

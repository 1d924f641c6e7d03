import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { results } from "@sluice/jobs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { as } from "../../../../local/front/test/roles.ts";
import { ROOT, SLUICE, STAGING } from "../../../../local/front/test/start-emulators.ts";
import { runCommand } from "../../../../local/setup/run-command.ts";
import { buildRole, EXTERNAL_ID, type Kind, startAccount, type TestAccount } from "./account.ts";
import { read, walk } from "./walk.ts";

const IMAGE = "ami-785db401";
const variables = { name: "web-7", size: "small", disk_gib: 10, open_https: true, image: IMAGE };

let account: TestAccount;
let ec2: EC2Client;

beforeAll(async () => {
  account = await startAccount();
  ec2 = new EC2Client(as(account.front, account.front.ownerCredentials(STAGING)));
  await applyEnvironment();
});
afterAll(() => account?.stop());

it("makes a machine with two roles, checks it, finds what no state knows, and plans to remove all that it made", {
  timeout: 360_000,
}, async () => {
  const machine = { request: "req_0000machine", workspace: "vm-web-7", root: "virtual_machine", variables };
  const request = await walk(account, machine);

  const output = await request.plan(1);
  expect(output).toMatchObject({ summary: { empty: false, destroys: { count: 0 }, orphans: { count: 0 } } });

  const applied = await request.apply(1, output);
  expect(results.apply.parse(applied.result)).toMatchObject({ outcome: "completed", output: { hosts: 1 } });
  const outputs = applied.result.output.outputs;
  const { hosts } = JSON.parse(await read(account, "jobs", outputs.key));
  expect(hosts).toEqual([
    {
      name: "web-7",
      instance_id: expect.stringMatching(/^i-[0-9a-f]+$/),
      address: expect.stringMatching(/^10\.20\.0\.\d+$/),
      user: "ubuntu",
    },
  ]);

  const checked = await request.scan(1, "baseline", outputs);
  expect(checked.result).toMatchObject({ outcome: "completed", output: { passed: 6, skipped: 3 } });

  const lost = await leaveBehind();
  const again = await request.plan(2, { searchOrphans: true });
  expect(again).toMatchObject({ summary: { empty: true, orphans: { count: 2 } } });
  expect(again.summary.orphans.first).toContainEqual(expect.stringContaining(lost.instance));

  await letSshIn(hosts[0].instance_id);
  const failing = await request.scan(2, "baseline", outputs);
  expect(failing.result).toMatchObject({ outcome: "failed", code: "controls_failed" });
  expect(failing.result.sentence).toContain("Nothing but port 443 is open to the internet");

  await terminate(lost.instance);
  // The story applies one, and looks at what is left.
  const removal = await walk(account, { ...machine, request: "req_000000gone", destroy: true });
  const made = applied.result.output.resources.added;
  const going = await removal.plan(1);
  expect(going).toMatchObject({ summary: { empty: false, counts: { add: 0, change: 0, destroy: made } } });
});

/** What a killed apply leaves: an instance and its volume with the workspace's tags, in no state. */
async function leaveBehind() {
  const Tags = Object.entries({ environment: "staging", workspace: "vm-web-7" }).map(([Key, Value]) => ({
    Key,
    Value,
  }));
  const { Instances } = await ec2.send(
    new RunInstancesCommand({
      ImageId: IMAGE,
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [
        { ResourceType: "instance", Tags },
        { ResourceType: "volume", Tags },
      ],
    }),
  );
  return { instance: Instances?.[0]?.InstanceId ?? "none" };
}

const terminate = (instance: string) => ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance] }));

async function letSshIn(instance: string) {
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instance] }));
  const GroupId = Reservations?.[0]?.Instances?.[0]?.SecurityGroups?.[0]?.GroupId;
  const open = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [open] }));
}

/** As the account's owner does it once. */
async function applyEnvironment() {
  const folder = join(account.directory, "owner");
  await cp(join(ROOT, "terraform"), folder, {
    recursive: true,
    filter: (path) => !path.includes("/.terraform") || path.endsWith(".hcl"),
  });
  const root = join(folder, "live/environment");
  const principals: [string, Kind][] = [
    ["plan", "plan"],
    ["apply", "apply"],
    ["configure", "configuration"],
    ["check", "scan"],
  ];
  await writeFile(join(root, "backend_override.tf"), 'terraform {\n  backend "local" {}\n}\n');
  await writeFile(
    join(root, "values.auto.tfvars.json"),
    JSON.stringify({
      environment: "staging",
      sluice_account_id: SLUICE,
      principal_arns: Object.fromEntries(
        principals.map(([name, kind]) => [name, `arn:aws:iam::${SLUICE}:role/${buildRole(kind)}`]),
      ),
      external_id: EXTERNAL_ID,
    }),
  );
  const { accessKeyId, secretAccessKey } = account.front.ownerCredentials(STAGING);
  const env = {
    PATH: account.tools.path,
    HOME: folder,
    LC_ALL: "C.UTF-8",
    TF_CLI_CONFIG_FILE: account.tools.terraformConfig,
    GOGC: "400", // As builds have it.
    AWS_ENDPOINT_URL: account.front.url,
    AWS_REGION: "eu-west-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  for (const args of [["init"], ["apply", "-auto-approve"]])
    await runCommand(account.tools.terraform, [`-chdir=${root}`, ...args, "-input=false", "-no-color"], { env });
}

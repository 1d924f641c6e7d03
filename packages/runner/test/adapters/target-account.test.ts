import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, it } from "vitest";
import { as } from "../../../../local/front/test/roles.ts";
import { type Emulators, REGION, STAGING, startEmulators } from "../../../../local/front/test/start-emulators.ts";
import { ec2Machines } from "../../src/aws/account.ts";
import { taggedResources } from "../../src/aws/tagged-resources.ts";
import { onlyHttpsFromAnywhere } from "../../src/scan/account-controls.ts";
import type { Scope } from "../../src/scan/control.ts";

/** What checks and plans ask an account, of machines that Terraform did not make. The story asks it of one that Terraform did, in the roles of builds. */
const tags = { environment: "staging", workspace: "vm-web-7" };

let emulators: Emulators;
let ec2: EC2Client;
let group: string;
let instance: string;

beforeAll(async () => {
  emulators = await startEmulators();
  ec2 = new EC2Client(as(emulators.front, emulators.front.ownerCredentials(STAGING)));
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: "web-7", Description: "of a machine that is asked about" }),
  );
  group = GroupId ?? "";
  instance = await runInstance(group);
});
afterAll(() => emulators?.stop());

async function runInstance(groupId: string): Promise<string> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const { Instances } = await ec2.send(
    new RunInstancesCommand({
      ImageId: "ami-785db401",
      MinCount: 1,
      MaxCount: 1,
      SecurityGroupIds: [groupId],
      MetadataOptions: { HttpTokens: "required", HttpEndpoint: "enabled" },
      BlockDeviceMappings: [{ DeviceName: "/dev/sda1", Ebs: { VolumeSize: 10, Encrypted: true } }],
      TagSpecifications: [
        { ResourceType: "instance", Tags },
        { ResourceType: "volume", Tags },
      ],
    }),
  );
  return Instances?.[0]?.InstanceId ?? "none";
}

const open = (port: number) =>
  ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: group,
      IpPermissions: [{ IpProtocol: "tcp", FromPort: port, ToPort: port, IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
    }),
  );

it("says of a machine what it is, and of one that is not there that it is not", async () => {
  const machines = ec2Machines(ec2);

  const [found] = await machines.instances([instance]);
  expect(found).toMatchObject({
    id: instance,
    metadataTokens: "required",
    metadataEndpoint: "enabled",
    securityGroups: [group],
    tags,
  });
  const volume = found?.rootVolume ?? "";
  expect(await machines.encryption([volume])).toEqual({ [volume]: true });
  await expect(machines.instances(["i-0123456789abcdef0"])).rejects.toThrow("i-0123456789abcdef0");
  await expect(machines.instances([])).rejects.toThrow("no instance");
});

it("sees a port that somebody opened to the internet", async () => {
  const scope = { account: ec2Machines(ec2), instances: [instance] } as unknown as Scope;
  await open(443);
  expect(await onlyHttpsFromAnywhere.ask(scope)).not.toHaveProperty("because");

  await open(22);

  expect(await onlyHttpsFromAnywhere.ask(scope)).toMatchObject({ because: expect.stringContaining("22") });
});

it("finds what carries a workspace's tags, until it is gone", async () => {
  const { accessKeyId, secretAccessKey } = emulators.front.ownerCredentials(STAGING);
  const env = { PATH: emulators.tools.path, HOME: emulators.directory, AWS_ENDPOINT_URL: emulators.front.url };
  const session = { accessKeyId, secretAccessKey, sessionToken: "" };
  const found = () => taggedResources(env, session, REGION, tags);

  expect(await found()).toEqual(
    expect.arrayContaining([
      expect.stringMatching(new RegExp(`:instance/${instance}$`)),
      expect.stringMatching(/:volume\/vol-[0-9a-f]+$/),
    ]),
  );
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance] }));

  expect((await found()).filter((arn) => arn.includes(":instance/"))).toEqual([]);
});

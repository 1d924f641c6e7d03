import { randomBytes } from "node:crypto";
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeInstancesCommand,
  DescribeVpcsCommand,
  EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Credentials, Front } from "../front.ts";
import { presigned } from "./presign.ts";
import { as, makeRole, makeTargetRole, refusalOf, trust } from "./roles.ts";
import { type Emulators, REGION, SANDBOX, SLUICE, STAGING, startEmulators } from "./start-emulators.ts";

let emulators: Emulators;
let front: Front;
let builder: Credentials;

beforeAll(async () => {
  emulators = await startEmulators();
  front = emulators.front;
  const role = await makeRole(front, "builder", [
    { Effect: "Allow", Action: "sts:AssumeRole", Resource: `arn:aws:iam::${STAGING}:role/*` },
    { Effect: "Allow", Action: "dynamodb:ListTables", Resource: "*" },
  ]);
  builder = await front.roleSession(role, "first-build", 900);
  await makeTargetRole(front, STAGING, "sluice-plan", [trusting("builder")]);
  await makeTargetRole(front, STAGING, "sluice-apply", [trusting("builder")]);
  await makeTargetRole(front, STAGING, "somebody-elses", [trusting("another")]);
});
afterAll(() => emulators?.stop());
afterEach(() => front.faults.clear());

/** What the environment root's roles trust: one role of Sluice's account, with an external id. */
function trusting(role: string) {
  return trust(`${SLUICE}:root`, {
    Condition: {
      StringEquals: { "sts:ExternalId": "ours" },
      ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::${SLUICE}:role/${role}` },
    },
  });
}

async function assume(role: string, change: Partial<AssumeRoleCommandInput> = {}, by = builder): Promise<Credentials> {
  const command = new AssumeRoleCommand({
    RoleArn: `arn:aws:iam::${STAGING}:role/${role}`,
    RoleSessionName: "req_1",
    ExternalId: "ours",
    ...change,
  });
  const { Credentials: keys } = await new STSClient(as(front, by)).send(command);
  return {
    accessKeyId: keys?.AccessKeyId ?? "",
    secretAccessKey: keys?.SecretAccessKey ?? "",
    sessionToken: keys?.SessionToken ?? "",
  };
}

describe("whose key it is", () => {
  const nobody = { accessKeyId: "AKIANOBODY", secretAccessKey: "x" };

  it("refuses an unknown key in each protocol's own shape", async () => {
    const who = as(front, nobody);

    expect(await refusalOf(new EC2Client(who).send(new DescribeVpcsCommand({})))).toMatch(
      /^AuthFailure: The security token/,
    );
    expect(await refusalOf(new IAMClient(who).send(new ListRolesCommand({})))).toMatch(
      /^InvalidClientTokenId: The security token/,
    );
    expect(await refusalOf(new DynamoDBClient(who).send(new ListTablesCommand({})))).toMatch(
      /^UnrecognizedClientException: The security token/,
    );
    expect(await refusalOf(new S3Client(who).send(new ListBucketsCommand({})))).toMatch(
      /^InvalidAccessKeyId: The security token/,
    );
  });

  it("refuses a session that has ended", async () => {
    const ended = await front.roleSession(`arn:aws:iam::${SLUICE}:role/builder`, "short", 0);

    expect(await refusalOf(new STSClient(as(front, ended)).send(new GetCallerIdentityCommand({})))).toMatch(
      /^ExpiredToken/,
    );
    expect(await refusalOf(new DynamoDBClient(as(front, ended)).send(new ListTablesCommand({})))).toMatch(
      /^ExpiredTokenException/,
    );
  });

  it("refuses a target's key with another session's token", async () => {
    const [one, other] = [await assume("sluice-plan"), await assume("sluice-plan")];
    const mixed = { ...one, sessionToken: other.sessionToken ?? "" };

    expect(await refusalOf(new EC2Client(as(front, mixed)).send(new DescribeVpcsCommand({})))).toMatch(/^AuthFailure/);
  });

  it("lets MiniStack check signatures and roles of Sluice's account", async () => {
    const forged = { ...builder, secretAccessKey: "wrong" };
    const table = { TableName: "t", BillingMode: "PAY_PER_REQUEST" as const, KeySchema: [], AttributeDefinitions: [] };

    expect((await new DynamoDBClient(as(front, builder)).send(new ListTablesCommand({}))).TableNames).toEqual([]);
    expect(await refusalOf(new DynamoDBClient(as(front, forged)).send(new ListTablesCommand({})))).toMatch(
      /^InvalidSignature/,
    );
    expect(await refusalOf(new DynamoDBClient(as(front, builder)).send(new CreateTableCommand(table)))).toMatch(
      /^AccessDenied/,
    );
  });

  it("says who calls, in both accounts", async () => {
    const target = await assume("sluice-plan");
    const arnOf = async (who: Credentials) =>
      (await new STSClient(as(front, who)).send(new GetCallerIdentityCommand({}))).Arn;

    expect(await arnOf(builder)).toBe(`arn:aws:sts::${SLUICE}:assumed-role/builder/first-build`);
    expect(await arnOf(target)).toBe(`arn:aws:sts::${STAGING}:assumed-role/sluice-plan/req_1`);
  });
});

describe("assuming a target's role", () => {
  it.each([
    ["another external id", "sluice-plan", { ExternalId: "theirs" }, "trust policy"],
    ["a role that trusts somebody else", "somebody-elses", {}, "trust policy"],
    ["a role that is not there", "no-such-role", {}, "no such role"],
    [
      "session tags that the role does not allow",
      "sluice-plan",
      { Tags: [{ Key: "request", Value: "req_1" }] },
      "sts:TagSession",
    ],
    ["an account that is none of ours", "x", { RoleArn: "arn:aws:iam::999999999999:role/x" }, "no such account"],
    [
      "what the caller's own policy does not name",
      "x",
      { RoleArn: `arn:aws:iam::${SANDBOX}:role/x` },
      "no identity-based policy",
    ],
  ])("is refused with %s", async (_case, role, change, reason) => {
    const refusal = await refusalOf(assume(role, change));

    expect(refusal).toMatch(/^AccessDenied/);
    expect(refusal).toContain(reason);
  });

  it("is refused with a forged signature, so nobody comes in another's name", async () => {
    const forged = { ...builder, secretAccessKey: "wrong" };

    expect(await refusalOf(assume("sluice-plan", {}, forged))).toMatch(/^SignatureDoesNotMatch/);
  });

  it("lasts an hour at most, as roles assumed by roles do", async () => {
    expect(await refusalOf(assume("sluice-plan", { DurationSeconds: 3601 }))).toMatch(/^ValidationError/);
  });

  it("never leads back into Sluice's account", async () => {
    const target = await assume("sluice-apply");

    const refusal = await refusalOf(assume("x", { RoleArn: `arn:aws:iam::${SLUICE}:role/builder` }, target));

    expect(refusal).toMatch(/^AccessDenied/);
  });
});

describe("in a target account", () => {
  it("lets a role for plans read and nothing else", async () => {
    const ec2 = new EC2Client(as(front, await assume("sluice-plan")));

    expect((await ec2.send(new DescribeVpcsCommand({}))).Vpcs).toHaveLength(1);
    expect(await refusalOf(ec2.send(new CreateVpcCommand({ CidrBlock: "10.1.0.0/16" })))).toMatch(
      /^UnauthorizedOperation: User: arn:aws:sts::111111111111:assumed-role\/sluice-plan\/req_1 is not authorized to perform: ec2:CreateVpc/,
    );
  });

  it("keeps accounts apart", async () => {
    const apply = new EC2Client(as(front, await assume("sluice-apply")));
    const sandbox = new EC2Client(as(front, front.ownerCredentials(SANDBOX)));

    const { Vpc } = await apply.send(new CreateVpcCommand({ CidrBlock: "10.2.0.0/16" }));

    const { Vpcs = [] } = await sandbox.send(new DescribeVpcsCommand({}));
    expect(Vpc?.OwnerId).toBe(STAGING);
    expect(Vpcs.map(({ VpcId }) => VpcId)).not.toContain(Vpc?.VpcId);
  });

  it("makes one instance of one client token, also when the first answer is lost", async () => {
    const ec2 = new EC2Client(as(front, front.ownerCredentials(SANDBOX)));
    const run = () =>
      ec2.send(new RunInstancesCommand({ ImageId: "ami-785db401", MinCount: 1, MaxCount: 1, ClientToken: "once" }));
    front.faults.add({
      name: "lost",
      matches: ({ action }) => action === "RunInstances",
      when: "after",
      do: "drop-answer",
      times: 1,
    });

    await refusalOf(run());
    const { Instances: [again] = [] } = await run();

    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
    expect(Reservations.flatMap(({ Instances = [] }) => Instances).map(({ InstanceId }) => InstanceId)).toEqual([
      again?.InstanceId,
    ]);
  });

  it("shows no public address where there is none", async () => {
    const who = front.ownerCredentials(SANDBOX);
    const ec2 = new EC2Client(as(front, who));
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }));
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: "10.9.1.0/24" }));
    const run = { ImageId: "ami-785db401", MinCount: 1, MaxCount: 1, SubnetId: Subnet?.SubnetId };
    await ec2.send(new RunInstancesCommand(run));

    // SDKs hide the empty element by which moto says it; Terraform's does not.
    const answer = await fetch(front.url, {
      method: "POST",
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${who.accessKeyId}/20260101/${REGION}/ec2/aws4_request` },
      body: new URLSearchParams({ Action: "DescribeInstances", Version: "2016-11-15" }),
    });

    const text = await answer.text();
    expect(text).toContain(Subnet?.SubnetId);
    expect(text).not.toContain("<association/>");
  });

  it("gives its owner nothing in Sluice's account but the state that was allowed", async () => {
    const root = new S3Client(as(front, front.rootCredentials));
    await root.send(new CreateBucketCommand({ Bucket: "state" }));
    const owner = new S3Client(as(front, front.ownerCredentials(STAGING)));
    const put = (Key: string) => owner.send(new PutObjectCommand({ Bucket: "state", Key, Body: "{}" }));
    expect(await refusalOf(put("staging/environment"))).toMatch(/NoSuchBucket/); // It went to the owner's own account.

    front.allowOwnersState(STAGING, { bucket: "state", prefix: "staging/environment" });

    await put("staging/environment.tflock");
    const { Contents = [] } = await owner.send(
      new ListObjectsV2Command({ Bucket: "state", Prefix: "staging/environment" }),
    );
    expect(Contents.map(({ Key }) => Key)).toEqual(["staging/environment.tflock"]);
    expect(await refusalOf(put("staging/vm-web-7"))).toMatch(/NoSuchBucket/);
  });
});

describe("what passes", () => {
  const readOf = (bucket: string) => ({
    Effect: "Allow",
    Action: "s3:GetObject",
    Resource: `arn:aws:s3:::${bucket}/*`,
  });

  it("hands large bodies through unchanged, in both directions", async () => {
    const s3 = new S3Client(as(front, front.rootCredentials));
    await s3.send(new CreateBucketCommand({ Bucket: "large" }));
    const Body = randomBytes(12_000_000);

    await s3.send(new PutObjectCommand({ Bucket: "large", Key: "a b/ü+1", Body }));
    const got = await s3.send(new GetObjectCommand({ Bucket: "large", Key: "a b/ü+1" }));

    expect(Buffer.compare(Buffer.from((await got.Body?.transformToByteArray()) ?? []), Body)).toBe(0);
  });

  it("ends the emulator's long poll when its caller hangs up, so that no message goes to nobody", async () => {
    const sqs = new SQSClient(as(front, front.rootCredentials));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "polled" }));
    const hangUp = new AbortController();
    const isPoll = ({ action }: { action: string }) => action === "ReceiveMessage";
    const arrived = new Promise<void>((resolve) => {
      front.faults.add({ name: "see it", matches: isPoll, when: "before", do: () => resolve(), times: 1 });
    });
    const poll = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), { abortSignal: hangUp.signal });

    await arrived;
    hangUp.abort();
    await refusalOf(poll);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "for the next one" }));

    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    expect(Messages?.map(({ Body }) => Body)).toEqual(["for the next one"]);
  });

  it("answers by the clock of the caller, or an SDK would take each refusal for one of a skewed clock and ask again", async () => {
    const tomorrow = Date.now() + 86_400_000;
    const sts = new STSClient({ ...as(front, builder), systemClockOffset: 86_400_000 });
    let answeredAt = 0;
    sts.middlewareStack.add(
      (next) => async (call) => {
        const result = await next(call);
        answeredAt = Date.parse((result.response as { headers: Record<string, string> }).headers.date ?? "");
        return result;
      },
      { step: "deserialize", priority: "low" },
    );

    await sts.send(new GetCallerIdentityCommand({}));

    expect(Math.abs(answeredAt - tomorrow)).toBeLessThan(60_000);
  });

  it("takes a presigned URL, and refuses it for another object", async () => {
    const s3 = new S3Client(as(front, front.rootCredentials));
    await s3.send(new CreateBucketCommand({ Bucket: "shared" }));
    for (const Key of ["one", "two"]) await s3.send(new PutObjectCommand({ Bucket: "shared", Key, Body: Key }));
    const reader = await front.roleSession(await makeRole(front, "reader", [readOf("shared")]), "reader", 900);

    const url = presigned(front.url, "/shared/one", reader);

    expect(await (await fetch(url)).text()).toBe("one");
    const other = await fetch(url.replace("/one?", "/two?"));
    expect([other.status, await other.text()]).toEqual([403, expect.stringContaining("SignatureDoesNotMatch")]);
  });

  it("writes down who called what, with role, session and the beginning of the chain", async () => {
    const number = front.calls.all().at(-1)?.number ?? 0;
    const target = await assume("sluice-plan");
    await new EC2Client(as(front, target)).send(new DescribeVpcsCommand({}));

    const call = await front.calls.waitFor(({ action }) => action === "DescribeVpcs", 1_000, { after: number });

    expect(call).toMatchObject({ account: STAGING, service: "ec2", protocol: "ec2", status: 200 });
    expect(front.calls.all(({ role }) => role === "sluice-plan").at(-1)).toMatchObject({
      session: "req_1",
      origin: "first-build",
    });
  });

  it("keeps the bodies of late calls only, so that the log stays small", async () => {
    const dynamo = new DynamoDBClient(as(front, builder));
    for (let n = 0; n < 501; n += 1) await dynamo.send(new ListTablesCommand({ Limit: 7 }));

    const lists = front.calls.all(({ action, role }) => action === "ListTables" && role === "builder");

    expect(lists.at(-1)?.body).toEqual({ Limit: 7 });
    expect(lists.at(-501)?.body).toBeUndefined();
  });

  it("waits for the nth call of a kind, and says how many came when it does not", async () => {
    const after = front.calls.all().at(-1)?.number ?? 0;
    const list = () => new DynamoDBClient(as(front, builder)).send(new ListTablesCommand({}));
    const isList = ({ action, role }: { action: string; role?: string }) =>
      action === "ListTables" && role === "builder";

    const second = front.calls.waitFor(isList, 1_000, { nth: 2, after });
    await list();
    await list();

    expect((await second).number).toBeGreaterThan(after + 1);
    await expect(front.calls.waitFor(isList, 10, { nth: 3, after })).rejects.toThrow("2 came");
  });
});

describe("faults", () => {
  const isCreate = ({ action, role }: { action: string; role?: string }) =>
    action === "CreateVpc" && role === "sluice-apply";
  const vpcs = async () =>
    (await new EC2Client(as(front, front.ownerCredentials(STAGING))).send(new DescribeVpcsCommand({}))).Vpcs?.length ??
    0;
  const create = async () =>
    new EC2Client(as(front, await assume("sluice-apply"))).send(new CreateVpcCommand({ CidrBlock: "10.3.0.0/16" }));

  it("refuse before the call has any effect", async () => {
    front.faults.add({
      name: "no",
      matches: isCreate,
      when: "before",
      do: "refuse",
      refusal: { code: "ServiceUnavailable", message: "later", status: 503 },
    });
    const before = await vpcs();

    expect(await refusalOf(create())).toMatch(/^ServiceUnavailable: later/);
    expect(await vpcs()).toBe(before);
  });

  it("drop the answer of a call that has taken effect, as often as they say", async () => {
    front.faults.add({ name: "lost", matches: isCreate, when: "after", do: "drop-answer", times: 1 });
    const before = await vpcs();

    await refusalOf(create());
    await create();

    expect(await vpcs()).toBe(before + 2);
  });

  it("run a function between the effect and the answer, after the calls that they skip", async () => {
    const seen: (number | undefined)[] = [];
    const counts: number[] = [];
    const before = await vpcs();
    front.faults.add({
      name: "look",
      matches: isCreate,
      when: "after",
      skip: 1,
      do: async ({ status }) => {
        seen.push(status);
        counts.push(await vpcs());
      },
    });

    await create();
    await create();

    expect(seen).toEqual([200]);
    expect(counts).toEqual([before + 2]);
  });

  it("end a call before the emulator sees it when a function has killed its caller", async () => {
    front.faults.add({ name: "killed", matches: isCreate, when: "before", do: async () => "drop-answer", times: 1 });
    const before = await vpcs();

    await refusalOf(create());

    expect(await vpcs()).toBe(before);
  });

  it("leave the caller without an answer until it gives up", async () => {
    front.faults.add({ name: "silence", matches: isCreate, when: "before", do: "hang" });
    const ec2 = new EC2Client({
      ...as(front, await assume("sluice-apply")),
      requestHandler: { requestTimeout: 50, throwOnRequestTimeout: true },
    });

    expect(await refusalOf(ec2.send(new CreateVpcCommand({ CidrBlock: "10.4.0.0/16" })))).toMatch(/Timeout/);
  });
});

describe("a build's credentials", () => {
  const Keys = z.object({ AccessKeyId: z.string(), SecretAccessKey: z.string(), Token: z.string() });

  it("come from a loopback endpoint, to the bearer of the token, while it is registered", async () => {
    const { uri, token } = front.containerCredentials.register("plan:123", `arn:aws:iam::${SLUICE}:role/builder`);
    const get = (authorization: string) => fetch(uri, { headers: { authorization } });

    const keys = Keys.parse(await (await get(token)).json());
    const who = { accessKeyId: keys.AccessKeyId, secretAccessKey: keys.SecretAccessKey, sessionToken: keys.Token };
    const { Arn } = await new STSClient(as(front, who)).send(new GetCallerIdentityCommand({}));

    expect(Arn).toBe(`arn:aws:sts::${SLUICE}:assumed-role/builder/AWSCodeBuild-123`);
    expect((await get("wrong")).status).toBe(401);
    front.containerCredentials.unregister("plan:123");
    expect((await get(token)).status).toBe(404);
  });
});

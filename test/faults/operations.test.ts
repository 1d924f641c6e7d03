import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DeleteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Directory, membersOf } from "../../packages/directory/src/index.ts";
import { wholeText } from "../story/message-text.ts";
import { appliesOf, buildsOf, killApplyAt, said, statusOf } from "./builds-of.ts";
import { eventually, type Flow, hurried, newRequestId, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/** Each procedure of docs/operations.md, carried out with its own commands. */
let flow: Flow;
let files: string;
beforeAll(async () => {
  files = mkdtempSync(join(tmpdir(), "sluice-operations-"));
  flow = await startFlow("operations");
});
afterAll(async () => {
  rmSync(files, { recursive: true, force: true });
  await flow?.stop();
});

const root = join(import.meta.dirname, "../..");

/** The commands of a section, in their order. */
const sections = new Map(
  readFileSync(join(root, "docs/operations.md"), "utf8")
    .split(/^## /m)
    .slice(1)
    .map((section) => [
      section.slice(0, section.indexOf("\n")),
      [...section.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map(([, commands]) => commands ?? ""),
    ]),
);

/** The CLI's first version calls SQS by an older name of its own, unless the endpoint is an argument. */
const SHIM = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }';

/** Runs the n-th block of a section, from 1, as an operator would. Gives what it printed. */
async function operate(section: string, block: number, variables: Record<string, string> = {}): Promise<string> {
  const commands = sections.get(section)?.[block - 1];
  if (!commands) throw new Error(`docs/operations.md has no block ${block} under ${section}`);
  const { accessKeyId, secretAccessKey, sessionToken } = flow.cloud.asRoot.credentials;
  const outputs = flow.cloud.outputs();
  const { stdout } = await promisify(execFile)("bash", ["--norc", "-euo", "pipefail", "-c", `${SHIM}\n${commands}`], {
    cwd: root,
    env: {
      PATH: `${flow.cloud.path}:${process.env.PATH}`,
      HOME: files,
      AWS_ENDPOINT_URL: flow.cloud.front.url,
      AWS_REGION: flow.cloud.asRoot.region,
      AWS_DEFAULT_REGION: flow.cloud.asRoot.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
      STAGE: "local",
      DIRECTORY_BUCKET: String(outputs.directoryBucket),
      STATES_BUCKET: String(outputs.statesBucket),
      SLACK_BOT_SECRET: String(outputs.slackBotSecret),
      SLACK_SIGNING_SECRET: String(outputs.slackSigningSecret),
      ...variables,
    },
  });
  return stdout;
}

describe("a stuck workspace", () => {
  it("is looked at, unlocked and given up; then the next one has it", async () => {
    const where = { ENVIRONMENT: "staging", WORKSPACE: "probe-stuck" };
    const look = async () => JSON.parse(await operate("Stuck workspace", 1, where));
    const request = newRequestId();
    killApplyAt(flow, request, 5);
    await flow.propose({ request, name: "stuck", environment: "staging", seconds: [0, 5, 0] });
    await flow.opened(request);
    await flow.decide(request);
    await flow.ended(request);
    const next = await flow.propose({ name: "stuck", environment: "staging" });
    await flow.heard(next, "step.suspended.v1");

    expect(await look()).toEqual({
      holder: request,
      blocked: expect.stringContaining("killed in the middle"),
      epoch: "1",
      waiting: [next],
    });
    await pressWithReason("dan", request, "unlock", "looked at the account: nothing was left");
    await flow.heard(request, "workspace.unlocked.v1");
    expect(await look()).toMatchObject({ holder: request, blocked: null });
    await pressWithReason("dan", request, "withdraw", "given up");
    await flow.heard(request, "request.withdrawn.v1");

    await flow.opened(next);
    expect(await look()).toMatchObject({ holder: next, waiting: [] });
    await flow.decide(next);
    expect((await flow.ended(next)).type).toBe("request.completed.v1");
    await holdInvariants(flow, next, "staging");
  });
});

describe("dead letters", () => {
  it("are looked at, redriven when the cause is mended, and then nothing is left", async () => {
    const request = newRequestId();
    await flow.decide(request); // On a gate that was never opened.
    await eventually(
      "the decision to be parked",
      () => flow.parked("approvals"),
      ({ length }) => length === 1,
    );

    const looked = JSON.parse(await operate("Dead letters", 1, { SERVICE: "approvals" }));
    expect(looked).toMatchObject([{ code: "unknown_gate", event: "decision.submitted.v1" }]);
    expect(looked[0].body).toContain(request);

    await flow.propose({ request, name: "redriven", environment: "staging" });
    await flow.opened(request);
    await eventually(
      "the message to be there again",
      () => operate("Dead letters", 1, { SERVICE: "approvals" }),
      (printed) => printed.includes(request),
    );
    await operate("Dead letters", 2, { SERVICE: "approvals" });

    expect((await flow.ended(request)).type).toBe("request.completed.v1");
    await holdInvariants(flow, request, "staging"); // Among them: nothing is parked.
  });
});

describe("an expired Slack token", () => {
  it("is replaced, and what could not be written comes then", async () => {
    const secret = await currentSecret("slackBotSecret");
    await putSecret("Expired Slack token", { ...secret, botToken: "xoxb-expired" });
    await flow.cloud.lambda.restart(); // Functions that begin now know only the old one.
    const request = await flow.propose({ name: "token" });
    await flow.heard(request, "request.completed.v1");
    const shown = () =>
      flow.cloud.slack.messages("sandbox").filter(({ blocks }) => wholeText(blocks).includes(request));
    expect(shown()).toHaveLength(0);

    await putSecret("Expired Slack token", secret);

    await hurried(flow.cloud, () => said(flow, "sandbox", request, /is ready in/));
    expect(shown()).toHaveLength(1);
    await holdInvariants(flow, request, "sandbox");
  });
});

describe("a changed signing secret", () => {
  it("shuts out what is signed with another one, and lets in what is signed with the new one", async () => {
    const secret = await currentSecret("slackSigningSecret");
    const status = async () => {
      flow.cloud.clock.advance(6 * 60_000); // The door keeps what it read for five.
      return (await flow.cloud.slack.command("ada", "sandbox", "help")).status;
    };

    await putSecret("Changed signing secret", { signingSecret: "regenerated-a-moment-ago" });
    expect(await status()).toBe(401);

    await putSecret("Changed signing secret", secret);
    expect(await status()).toBe(200);
  });
});

async function putSecret(section: string, secret: object): Promise<void> {
  const file = join(files, "secret.json");
  writeFileSync(file, JSON.stringify(secret));
  await operate(section, 1, { SECRET_FILE: file });
  rmSync(file);
}

async function currentSecret(which: "slackSigningSecret" | "slackBotSecret"): Promise<object> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  const SecretId = String(flow.cloud.outputs()[which]);
  const { SecretString = "" } = await new SecretsManagerClient(flow.cloud.asRoot).send(
    new GetSecretValueCommand({ SecretId }),
  );
  return JSON.parse(SecretString);
}

describe("a lost build", () => {
  it("that plans is ended by hand and another one does the work", async () => {
    const request = newRequestId();
    const held = Promise.withResolvers<void>();
    flow.cloud.front.faults.add({
      name: "a plan that hangs",
      when: "before",
      matches: ({ path, session }) => path.includes("/releases/") && (session ?? "").startsWith("AWSCodeBuild-"),
      times: 1,
      do: () => held.promise,
    });
    await flow.propose({ request, name: "hangs" });
    const where = { ENVIRONMENT: "sandbox", REQUEST: request };
    const [first] = await eventually(
      "the plan's build to begin",
      async () => buildsOf(flow, request, "plan"),
      ({ length }) => length === 1,
    );

    expect(JSON.parse(await operate("Lost build", 1, where))).toEqual({
      jobs: ["plan#1"],
      last: [{ kind: "plan", build: first?.id, ended: null }],
    });
    expect(await operate("Lost build", 3, { BUILD: first?.id ?? "" })).toMatch(/IN_PROGRESS[\s\S]*STOPPED/);
    held.resolve();

    expect((await flow.ended(request)).type).toBe("request.completed.v1");
    expect(buildsOf(flow, request, "plan")).toHaveLength(2);
    await holdInvariants(flow, request, "sandbox");
  });

  it("that applies blocks its workspace, and Plan again goes on", async () => {
    const request = await flow.propose({ name: "stopped", seconds: [0, 60, 0] });
    const where = { ENVIRONMENT: "sandbox", REQUEST: request };
    await eventually(
      "the apply to begin",
      async () => appliesOf(flow, request),
      (count) => count === 1,
    );
    const { jobs }: { jobs: string[] } = JSON.parse(await operate("Lost build", 1, where));
    const key = jobs.find((each) => each.startsWith("apply#")) ?? "";
    const JOB = `${request.replace("req_", "job_")}_${key.replace("#", "_")}`;
    const own = JSON.parse(await operate("Lost build", 2, { ...where, KIND: "apply", JOB }));
    expect(own).toMatchObject({ state: "applying", build: buildsOf(flow, request, "apply")[0]?.id });

    await operate("Lost build", 3, { BUILD: own.build });

    expect((await flow.ended(request)).type).toBe("request.paused.v1");
    expect(await said(flow, "sandbox", request, /Apply stopped/)).toContain("[Plan again]");
    expect(appliesOf(flow, request)).toBe(1);
    await flow.withdraw(request);
    await flow.heard(request, "request.withdrawn.v1");
  });
});

describe("a change of the directory", () => {
  it("is checked, put, in force at the next click, and taken back", async () => {
    const DIRECTORY_FILE = join(files, "directory.json");
    await operate("Directory change", 1, { DIRECTORY_FILE });
    const before = Directory.parse(JSON.parse(readFileSync(DIRECTORY_FILE, "utf8")));
    const eve = {
      id: "person_eve",
      name: "Eve",
      active: true,
      slack: { team: flow.cloud.slack.team.id, user: flow.cloud.slack.userId("eve") },
    };
    const after = { ...before, principals: [...before.principals, eve] };

    writeFileSync(
      DIRECTORY_FILE,
      JSON.stringify({ ...after, groups: { ...after.groups, members: { members: ["person_nobody"] } } }),
    );
    await expect(operate("Directory change", 2, { DIRECTORY_FILE })).rejects.toMatchObject({
      stderr: expect.stringContaining("person_nobody, whom nobody knows"),
    });
    expect(await answerTo("eve", "list sandbox")).toMatch(/does not know you/);

    const members = { members: [...membersOf(before, ["members"]), eve.id] };
    writeFileSync(DIRECTORY_FILE, JSON.stringify({ ...after, groups: { ...after.groups, members } }));
    await operate("Directory change", 2, { DIRECTORY_FILE });
    expect(await answerTo("eve", "list sandbox")).not.toMatch(/does not know you/);

    await operate("Directory change", 3, { DIRECTORY_FILE });
    expect(await answerTo("eve", "list sandbox")).toMatch(/does not know you/);
  });

  async function answerTo(person: "eve", text: string): Promise<string> {
    const { body } = await flow.cloud.slack.command(person, "sandbox", text);
    return String((JSON.parse(body) as { text?: string }).text);
  }
});

describe("a restore", () => {
  it("of a Terraform state brings back what was deleted: the next plan is empty", async () => {
    const first = await flow.propose({ name: "state" });
    expect((await flow.ended(first)).type).toBe("request.completed.v1");
    const Bucket = String(flow.cloud.outputs().statesBucket);
    await new S3Client(flow.cloud.asRoot).send(new DeleteObjectCommand({ Bucket, Key: "sandbox/probe-state" }));
    expect(await flow.world.state("sandbox", "probe-state")).toBeUndefined();

    await operate("Restore", 1, { ENVIRONMENT: "sandbox", WORKSPACE: "probe-state" });

    expect((await flow.world.state("sandbox", "probe-state"))?.resources).toHaveLength(3);
    const again = await flow.propose({ name: "state" });
    const planned = await flow.heard(again, "plan.completed.v1");
    expect(planned.detail.data.output).toMatchObject({ summary: { empty: true } });
    expect((await flow.ended(again)).type).toBe("request.completed.v1");
    await holdInvariants(flow, again, "sandbox");
  });

  it("of an item puts back what is missing and leaves what is there", async () => {
    const request = await flow.propose({ name: "item", environment: "staging" });
    await flow.opened(request);
    await flow.heardAll(["approvals", "provisioner", "intake", "notifier", "compliance"]);
    await backUp("approvals");
    const gone = (await flow.items("approvals", request)).find(({ sk }) => String(sk).startsWith("gate#"));
    await new DynamoDBClient(flow.cloud.asRoot).send(
      new DeleteItemCommand({
        TableName: "sluice-local-approvals",
        Key: { pk: { S: request }, sk: { S: String(gone?.sk) } },
      }),
    );
    await flow.decide(request);
    await eventually(
      "the decision to be parked",
      () => flow.parked("approvals"),
      ({ length }) => length === 1,
    );

    const printed = await operate("Restore", 2, { SERVICE: "approvals", PK: request });
    expect(printed).toContain("there already");
    expect(await flow.items("approvals", request)).toContainEqual(gone);
    await eventually(
      "the message to be there again",
      () => operate("Dead letters", 1, { SERVICE: "approvals" }),
      (looked) => looked.includes(request),
    );
    await operate("Dead letters", 2, { SERVICE: "approvals" });

    expect((await flow.ended(request)).type).toBe("request.completed.v1");
    expect(await statusOf(flow, "ada", "staging", request)).toMatch(/✓ done/);
    await holdInvariants(flow, request, "staging");
  });

  /** In place of point-in-time recovery, whose past the emulator does not keep: a backup of now, restored as the table that the procedure reads. */
  async function backUp(service: string): Promise<void> {
    const { CreateBackupCommand, RestoreTableFromBackupCommand } = await import("@aws-sdk/client-dynamodb");
    const client = new DynamoDBClient(flow.cloud.asRoot);
    const TableName = `sluice-local-${service}`;
    const { BackupDetails } = await client.send(new CreateBackupCommand({ TableName, BackupName: "before" }));
    await client.send(
      new RestoreTableFromBackupCommand({
        BackupArn: BackupDetails?.BackupArn,
        TargetTableName: `${TableName}-restored`,
      }),
    );
  }
});

/** Presses a button of the request's message that asks why, and says it. */
async function pressWithReason(person: "dan", request: string, button: string, reason: string): Promise<void> {
  const { slack } = flow.cloud;
  const message = await slack.waitFor("the request's message", () =>
    slack.messages("staging").find(({ blocks }) => wholeText(blocks).includes(request)),
  );
  await slack.click(person, message, button);
  const form = await slack.waitFor("the form for the reason", () => slack.views(person)[0]);
  const { errors } = await slack.submit(person, form.id, { reason });
  expect(errors).toEqual({});
}

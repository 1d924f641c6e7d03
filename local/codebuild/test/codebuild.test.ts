import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { get } from "node:http";
import { dirname, join } from "node:path";
import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  RetryBuildCommand,
  StartBuildCommand,
  type StartBuildCommandInput,
  StopBuildCommand,
} from "@aws-sdk/client-codebuild";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { Front } from "../../front/front.ts";
import { as, makeRole, policy, refusalOf } from "../../front/test/roles.ts";
import { type Emulators, REGION, SLUICE, startEmulators } from "../../front/test/start-emulators.ts";
import { type Build, type CodeBuild, startCodeBuild } from "../start-codebuild.ts";

const ARN = `arn:aws:codebuild:${REGION}:${SLUICE}`;
const QUEUE = `arn:aws:sqs:${REGION}:${SLUICE}:build-events`;
const DEADLINE_MS = 60_000;

let emulators: Emulators;
let front: Front;
let codebuild: CodeBuild;
let starter: CodeBuildClient;
let events: () => Promise<z.infer<typeof Event>[]>;
const time = { shift: 0 };

beforeAll(async () => {
  emulators = await startEmulators();
  front = emulators.front;
  events = await listenOnTheDefaultBus();
  const serviceRole = await makeRole(front, "build", [{ Effect: "Allow", Action: "sqs:ListQueues", Resource: "*" }]);
  starter = await starterOf();
  codebuild = await startCodeBuild({
    synth: { app: { region: REGION, account: SLUICE }, resources: projects(serviceRole) },
    deployed: { real: { "key-of-the-synth": "key-of-the-emulator" } },
    front,
    directory: join(emulators.directory, "builds"),
    tools: emulators.tools,
    clock: { file: join(emulators.directory, "clock"), now: () => Date.now() + time.shift },
    variables: { LOCAL_HOSTS: "none" },
  });
});
afterEach(() => {
  front.faults.clear();
  codebuild.buildFaults.clear();
  codebuild.eventFaults.clear();
});
afterAll(async () => {
  await codebuild?.stop();
  await emulators?.stop();
});

describe("a build", () => {
  it("runs in an empty folder with nothing but its own environment, and keys of its service role", async () => {
    const build = await ended(await start("show"));

    const printed = await logOf(build);
    expect(build.status).toBe("SUCCEEDED");
    expect(printed).toContain("files: none");
    expect(printed).toContain(`role: arn:aws:sts::${SLUICE}:assumed-role/build/AWSCodeBuild-${uuidOf(build)}`);
    const names = printed.filter((line) => /^[A-Z][A-Z0-9_]*=/.test(line)).map((line) => line.split("=")[0]);
    expect(names.filter((name) => !/^(AWS|CODEBUILD)_/.test(name ?? "")).sort()).toEqual(
      [
        "FIXED",
        "HOME",
        "JOB_ID",
        "KEY",
        "LC_ALL",
        "LOCAL_CLOCK_FILE",
        "LOCAL_HOSTS",
        "NODE_OPTIONS",
        "PATH",
        "PWD",
        "TMPDIR",
      ].sort(),
    );
    expect(printed).toContain("KEY=key-of-the-emulator");
    expect(printed).toContain(`CODEBUILD_BUILD_ID=${build.id}`);
  });

  it("has a temporary folder with room for a provider's socket, gone when it has ended", async () => {
    const printed = await logOf(await ended(await start("show")));

    const folder = printed.find((line) => line.startsWith("TMPDIR="))?.slice("TMPDIR=".length) ?? "";
    expect(folder.startsWith(emulators.directory)).toBe(false); // However deep that lies, a socket's path has 107 characters.
    expect(existsSync(folder)).toBe(false);
  });

  it("shows its real times, phases and variables", async () => {
    const { id } = await ended(await start("show"));

    const { builds: [build] = [] } = await starter.send(new BatchGetBuildsCommand({ ids: [id, "show:no-such-build"] }));

    expect(build).toMatchObject({ buildStatus: "SUCCEEDED", buildComplete: true, currentPhase: "COMPLETED" });
    expect(build?.phases?.map(({ phaseType }) => phaseType)).toEqual([
      "SUBMITTED",
      "QUEUED",
      "PROVISIONING",
      "PRE_BUILD",
      "BUILD",
      "COMPLETED",
    ]);
    expect(build?.environment?.environmentVariables).toContainEqual({
      name: "JOB_ID",
      value: "job_1",
      type: "PLAINTEXT",
    });
    expect(build?.endTime?.getTime()).toBeGreaterThan(build?.startTime?.getTime() ?? Number.POSITIVE_INFINITY);
  });

  it("has a page in the console with its log, for whoever comes by the console's own name", async () => {
    const build = await ended(await start("show"));
    const page = `${codebuild.projectsUrl}/show/build/${encodeURIComponent(build.id)}`;

    const shown = await fetch(page);

    expect(shown.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect((await shown.text()).split("\n")).toEqual(await logOf(build));
    expect(await Promise.all([`${page}0`, page.replace("/show/", "/other/")].map((url) => statusAt(url)))).toEqual([
      404, 404,
    ]);
    expect(await statusAt(page, { host: "evil.example" })).toBe(421);
  });

  it("tells the default bus what becomes of it, as CodeBuild does", async () => {
    const build = await ended(await start("show"));

    const about = await eventsOf(build, 2);

    expect(about.map(({ detail }) => detail["build-status"]).sort()).toEqual(["IN_PROGRESS", "SUCCEEDED"]);
    expect(about[0]).toMatchObject({
      source: "aws.codebuild",
      "detail-type": "CodeBuild Build State Change",
      resources: [build.arn],
    });
    expect(about[0]?.detail).toMatchObject({ "build-id": `${ARN}:build/${build.id}`, "project-name": "show" });
    expect(about[0]?.detail["additional-information"].environment["environment-variables"]).toContainEqual({
      name: "JOB_ID",
      value: "job_1",
      type: "PLAINTEXT",
    });
  });

  it("fails with its commands", async () => {
    const build = await ended(await start("fail"));

    expect(build.status).toBe("FAILED");
    expect(build.phases.find(({ name }) => name === "BUILD")?.status).toBe("FAILED");
  });

  it("is stopped without grace, with all its children", async () => {
    const build = await start("wait");
    await lineOf(build, "waiting");

    await starter.send(new StopBuildCommand({ id: build.id }));

    expect(build.status).toBe("STOPPED");
    expect(await logOf(build)).not.toContain("got a signal");
    await isGone(await lineOf(build, "child "));
  });

  it("ends once, whatever becomes of its processes then", async () => {
    const build = await start("wait");
    await lineOf(build, "waiting");
    const told: string[] = [];
    const end = codebuild.onChange(({ id, status }) => id === build.id && told.push(status));

    await Promise.all([starter.send(new StopBuildCommand({ id: build.id })), codebuild.kill(build.id)]);
    await ended(await start("fail"));
    end();

    expect(told).toHaveLength(1);
    expect(build.status).toBe(told[0]);
  });

  it("has failed when its commands did, also when post_build ends the shell well", async () => {
    expect((await ended(await start("exits-well-at-last"))).status).toBe("FAILED");
  });

  it("is ended by its time-out", async () => {
    expect((await ended(await start("short"))).status).toBe("TIMED_OUT");
  });

  it("leaves its log and nothing else, and its credentials' endpoint forgets it", async () => {
    const build = await ended(await start("show"));

    const uri = (await logOf(build)).find((line) => line.startsWith("AWS_CONTAINER_CREDENTIALS_FULL_URI="));
    expect(await readdir(dirname(build.logFile))).toEqual(["build.log"]);
    await vi.waitFor(async () => expect((await fetch(uri?.split("=")[1] ?? "")).status).toBe(404), DEADLINE_MS);
  });

  it("cannot be given another PATH or endpoint by its variables", async () => {
    const root = new CodeBuildClient(as(front, front.rootCredentials));
    const override = ["PATH", "AWS_ENDPOINT_URL", "LOCAL_HOSTS"].map((name) => ({ name, value: "/tmp" }));
    const { build } = await root.send(
      new StartBuildCommand({ projectName: "show", environmentVariablesOverride: override }),
    );

    const printed = await logOf(await ended(await codebuild.waitFor(({ id }) => id === build?.id, DEADLINE_MS)));

    expect(printed).toContain(`AWS_ENDPOINT_URL=${front.url}`);
    expect(printed).toContain(`PATH=${emulators.tools.path}`);
    expect(printed).toContain("LOCAL_HOSTS=none");
  });

  it.each([
    ["a child", "leaves-a-child"],
    ["a session of its own", "leaves-a-session"],
  ])("leaves nothing running when its commands have ended: %s", async (_, name) => {
    const build = await ended(await start(name));

    expect(build.status).toBe("SUCCEEDED");
    await isGone(await lineOf(build, "child "));
  });

  it("waits in the queue while two others run, and not longer than it may", async () => {
    const [one, two, third] = [await start("wait"), await start("wait"), await start("patient")];
    await Promise.all([lineOf(one, "waiting"), lineOf(two, "waiting")]);
    expect(third.phases.at(-1)?.name).toBe("QUEUED");
    const fourth = await start("impatient");

    expect((await ended(fourth)).status).toBe("TIMED_OUT");
    await codebuild.kill(one.id);
    expect((await ended(third)).status).toBe("SUCCEEDED");
    await codebuild.kill(two.id);
  });
});

describe("who may start what", () => {
  it.each<[string, Partial<StartBuildCommandInput>]>([
    ["a buildspec", { buildspecOverride: "{}" }],
    ["a service role", { serviceRoleOverride: `arn:aws:iam::${SLUICE}:role/other` }],
    ["another variable", { environmentVariablesOverride: [{ name: "PATH", value: "/tmp" }] }],
    [
      "another variable beside the right one",
      {
        environmentVariablesOverride: [
          { name: "JOB_ID", value: "1" },
          { name: "X", value: "1" },
        ],
      },
    ],
    ["another image", { imageOverride: "x" }],
    ["another project", { projectName: "secret" }],
  ])("the caller's policy forbids %s", async (_case, change) => {
    const before = codebuild.builds().length;

    const refusal = await refusalOf(starter.send(new StartBuildCommand({ projectName: "show", ...change })));

    expect(refusal).toMatch(/^AccessDeniedException: .*codebuild:StartBuild/);
    expect(codebuild.builds()).toHaveLength(before);
  });

  it("the root may override, but not what is not emulated", async () => {
    const root = new CodeBuildClient(as(front, front.rootCredentials));

    expect(await refusalOf(root.send(new StartBuildCommand({ projectName: "show", imageOverride: "x" })))).toMatch(
      /^InvalidInputException: .*imageOverride/s,
    );
    expect(await refusalOf(root.send(new StartBuildCommand({ projectName: "none" })))).toMatch(
      /^ResourceNotFoundException/,
    );
  });

  it("a forged signature starts, shows and stops nothing", async () => {
    const forged = new CodeBuildClient(
      as(front, {
        ...(await front.roleSession(`arn:aws:iam::${SLUICE}:role/starter`, "forger", 900)),
        secretAccessKey: "wrong",
      }),
    );
    const before = codebuild.builds().length;

    expect(await refusalOf(forged.send(new StartBuildCommand({ projectName: "show" })))).toMatch(/^InvalidSignature/);
    expect(await refusalOf(forged.send(new StopBuildCommand({ id: "show:1" })))).toMatch(/^InvalidSignature/);
    expect(await refusalOf(forged.send(new BatchGetBuildsCommand({ ids: ["show:1"] })))).toMatch(/^InvalidSignature/);
    expect(codebuild.builds()).toHaveLength(before);
  });

  it("rights on builds are rights on their project", async () => {
    expect(await refusalOf(starter.send(new BatchGetBuildsCommand({ ids: ["show:1", "secret:1"] })))).toMatch(
      /AccessDenied.*project\/secret/,
    );
    expect(await refusalOf(starter.send(new RetryBuildCommand({ id: "show:1" })))).toMatch(/AccessDenied.*RetryBuild/);
  });
});

describe("a project's own limit", () => {
  it("refuses one build more", async () => {
    const only = await start("one-at-a-time");

    expect(await refusalOf(startWith({ projectName: "one-at-a-time" }))).toMatch(/^AccountLimitExceeded/);
    await codebuild.kill(only.id);
  });
});

describe("starting again", () => {
  it("answers the same build for the same idempotency token, for five minutes", async () => {
    const once = { projectName: "show", idempotencyToken: "job_7" };
    const first = await startWith(once);

    expect(await startWith(once)).toBe(first);
    expect(
      await refusalOf(startWith({ ...once, environmentVariablesOverride: [{ name: "JOB_ID", value: "2" }] })),
    ).toMatch(/^InvalidInput/);
    time.shift = 5 * 60_000;
    expect(await startWith(once)).not.toBe(first);
  });

  it("presses Retry: the same again as a new build", async () => {
    const first = await ended(await start("show"));

    const second = await ended(codebuild.retry(first.id));

    expect(second.id).not.toBe(first.id);
    expect(second.variables).toEqual(first.variables);
    expect(second.status).toBe("SUCCEEDED");
  });
});

describe("faults", () => {
  it("refuse starts", async () => {
    codebuild.refuseStart("account-limit", 1);
    expect(await refusalOf(startWith({ projectName: "show" }))).toMatch(/^AccountLimitExceededException/);
    codebuild.refuseStart("throttle", 1);
    expect(await refusalOf(startWith({ projectName: "show" }))).toMatch(/^ThrottlingException/);
    await ended(await start("show"));
  });

  it("lose the answer of a start that has happened", async () => {
    const before = codebuild.builds().length;
    codebuild.loseStartAnswer(1);

    await refusalOf(startWith({ projectName: "show" }));

    expect(codebuild.builds()).toHaveLength(before + 1);
  });

  it("start twice", async () => {
    const before = codebuild.builds().length;
    codebuild.startTwice(1);

    const first = await start("show");

    expect(codebuild.builds()).toHaveLength(before + 2);
    await codebuild.waitFor(
      ({ id, endedAt, number }) => id !== first.id && number === before + 2 && endedAt !== undefined,
      DEADLINE_MS,
    );
  });

  it("kill a build before its first command", async () => {
    codebuild.buildFaults.add({ name: "stillborn", matches: of("show"), kill: "before-first-command", times: 1 });

    const build = await ended(await start("show"));

    expect(build.status).toBe("FAILED");
    await expect(readFile(build.logFile)).rejects.toThrow("ENOENT");
    expect((await ended(await start("show"))).status).toBe("SUCCEEDED");
  });

  it("kill a build at a line of its log", async () => {
    codebuild.buildFaults.add({ name: "line", matches: of("wait"), kill: { atLine: (line) => line === "waiting" } });

    expect((await ended(await start("wait"))).status).toBe("FAILED");
  });

  it("kill a build at a process of it", async () => {
    codebuild.buildFaults.add({
      name: "process",
      matches: of("wait"),
      kill: { atProcess: (line) => line.includes("sleep 61") },
    });

    expect((await ended(await start("wait"))).status).toBe("FAILED");
  });

  it.each(["before", "after"] as const)("kill a build %s a call that it makes", async (when) => {
    codebuild.buildFaults.add({
      name: "call",
      matches: of("show"),
      kill: { atCall: ({ action }) => action === "GetCallerIdentity", when },
    });

    const build = await ended(await start("show"));

    expect(build.status).toBe("FAILED");
    expect((await logOf(build)).some((line) => line.startsWith("role:"))).toBe(false);
  });

  it("lose, double and hold back events", async () => {
    let send: (() => Promise<void>) | undefined;
    const ends = (project: string) => (build: Build) => of(project)(build) && build.endedAt !== undefined;
    codebuild.eventFaults.add({
      name: "lost",
      matches: (build) => of("show")(build) && build.endedAt === undefined,
      do: "lose",
    });
    codebuild.eventFaults.add({ name: "twice", matches: ends("show"), do: "double" });
    codebuild.eventFaults.add({
      name: "held",
      matches: ends("fail"),
      do: (later) => {
        send = later;
      },
    });

    const [shown, failed] = [await ended(await start("show")), await ended(await start("fail"))];

    expect((await eventsOf(shown, 2)).map(({ detail }) => detail["build-status"])).toEqual(["SUCCEEDED", "SUCCEEDED"]);
    expect((await eventsOf(failed, 1)).map(({ detail }) => detail["build-status"])).toEqual(["IN_PROGRESS"]);
    await send?.();
    expect((await eventsOf(failed, 2)).map(({ detail }) => detail["build-status"])).toContain("FAILED");
  });
});

const of = (project: string) => (build: Build) => build.project.name === project;
const start = (projectName: string) =>
  startWith({ projectName, environmentVariablesOverride: [{ name: "JOB_ID", value: "job_1" }] });
const uuidOf = ({ id }: Build) => id.split(":")[1];

async function startWith(input: StartBuildCommandInput): Promise<Build> {
  const { build } = await starter.send(new StartBuildCommand(input));
  return codebuild.waitFor(({ id }) => id === build?.id, DEADLINE_MS);
}

function ended({ id }: Build): Promise<Build> {
  return codebuild.waitFor(
    (build) => build.id === id && build.endedAt !== undefined && build.phases.at(-1)?.name === "COMPLETED",
    DEADLINE_MS,
  );
}

/** By `node:http`, since fetch sets the host by itself. */
function statusAt(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { headers }, (response) => resolve(response.resume().statusCode)).on("error", reject);
  });
}

async function logOf({ logFile }: Build): Promise<string[]> {
  return (await readFile(logFile, "utf8")).split("\n");
}

/** The first line of a build's log that begins so. */
function lineOf(build: Build, beginning: string): Promise<string> {
  return vi.waitFor(
    async () => {
      const line = (await logOf(build)).find((each) => each.startsWith(beginning));
      if (line === undefined) throw new Error(`${build.id} has not printed "${beginning}"`);
      return line;
    },
    { timeout: DEADLINE_MS, interval: 10 },
  );
}

/**
 * A killed process whose parent is gone may stay as a zombie where nobody collects it. A busy machine takes its time to end what was killed; by itself it
 * would live for a minute.
 */
async function isGone(line: string): Promise<void> {
  const pid = line.split(" ")[1] ?? "";
  const state = () => spawnSync("ps", ["-o", "stat=", "-p", pid], { encoding: "utf8" }).stdout.trim();
  await expect.poll(state, { timeout: 30_000 }).toMatch(/^(Z.*)?$/);
}

function projects(serviceRole: string) {
  const WAIT = ["trap 'echo got a signal' TERM INT", "sleep 61 & echo child $!", "echo waiting", "wait"];
  const SHOW = [
    "env",
    'echo "files: $(ls -A | grep . || echo none)"',
    `node --input-type=module -e '
      const keys = await (await fetch(process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI, { headers: { authorization: process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN } })).json();
      const { STSClient, GetCallerIdentityCommand } = await import("${import.meta.resolve("@aws-sdk/client-sts")}");
      console.log("role: " + (await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn);'`,
  ];
  const project = (name: string, build: string[], inputs: object = {}) => ({
    type: "aws:codebuild/project:Project",
    inputs: {
      name,
      serviceRole,
      environment: {
        type: "LINUX_CONTAINER",
        image: "aws/codebuild/amazonlinux-x86_64-standard:5.0",
        computeType: "BUILD_GENERAL1_SMALL",
        environmentVariables: [
          { name: "FIXED", value: "1" },
          { name: "KEY", value: "key-of-the-synth" },
        ],
      },
      source: {
        type: "NO_SOURCE",
        buildspec: JSON.stringify({
          version: 0.2,
          phases: { pre_build: { commands: ["true"] }, build: { commands: build } },
        }),
      },
      ...inputs,
    },
  });
  return [
    project("show", SHOW),
    project("fail", ["exit 7"]),
    project("wait", WAIT),
    project("short", WAIT, { buildTimeout: 0.003 }),
    project("patient", ["true"]),
    project("impatient", ["true"], { queuedTimeout: 0.003 }),
    project("leaves-a-child", ["sleep 62 & echo child $!"]),
    project("leaves-a-session", ["setsid sleep 62 & echo child $!"]),
    project("secret", ["true"]),
    project("exits-well-at-last", [], {
      source: {
        type: "NO_SOURCE",
        buildspec: JSON.stringify({
          version: 0.2,
          phases: { build: { commands: ["exit 7"] }, post_build: { commands: ["exit 0"] } },
        }),
      },
    }),
    project("one-at-a-time", WAIT, { concurrentBuildLimit: 1 }),
  ];
}

async function starterOf(): Promise<CodeBuildClient> {
  const may = [
    "show",
    "fail",
    "wait",
    "short",
    "patient",
    "impatient",
    "leaves-a-child",
    "leaves-a-session",
    "none",
    "one-at-a-time",
    "exits-well-at-last",
  ].map((name) => `${ARN}:project/${name}`);
  const onlyTheJob = {
    "ForAllValues:StringEquals": { "codebuild:environment.environmentVariables.name": ["JOB_ID"] },
    Null: {
      "codebuild:source.buildspec": "true",
      "codebuild:serviceRole": "true",
      "codebuild:environment.image": "true",
    },
  };
  const role = await makeRole(front, "starter", [
    { Effect: "Allow", Action: "codebuild:StartBuild", Resource: may, Condition: onlyTheJob },
    { Effect: "Allow", Action: ["codebuild:BatchGetBuilds", "codebuild:StopBuild"], Resource: may },
  ]);
  return new CodeBuildClient(as(front, await front.roleSession(role, "function", 900)));
}

const Event = z.object({
  source: z.string(),
  "detail-type": z.string(),
  resources: z.array(z.string()),
  detail: z.looseObject({
    "build-status": z.string(),
    "build-id": z.string(),
    "additional-information": z.looseObject({
      environment: z.looseObject({ "environment-variables": z.array(z.unknown()) }),
    }),
  }),
});

/** A rule for build events on the default bus, and what came by it so far. */
async function listenOnTheDefaultBus() {
  const root = as(front, front.rootCredentials);
  const [sqs, bus] = [new SQSClient(root), new EventBridgeClient(root)];
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "build-events" }));
  const Policy = policy([
    { Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sqs:SendMessage", Resource: QUEUE },
  ]);
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await bus.send(new PutRuleCommand({ Name: "builds", EventPattern: JSON.stringify({ source: ["aws.codebuild"] }) }));
  await bus.send(new PutTargetsCommand({ Rule: "builds", Targets: [{ Id: "1", Arn: QUEUE }] }));

  const came: z.infer<typeof Event>[] = [];
  return async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    for (const { Body = "", ReceiptHandle } of Messages) {
      came.push(Event.parse(JSON.parse(Body)));
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    return came;
  };
}

async function eventsOf({ arn }: Build, atLeast: number) {
  return vi.waitFor(
    async () => {
      const about = (await events()).filter(({ detail }) => detail["build-id"] === arn);
      if (about.length < atLeast) throw new Error(`Only ${about.length} events came about ${arn}`);
      return about;
    },
    { timeout: DEADLINE_MS, interval: 10 },
  );
}

import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { itineraryDigest } from "@sluice/steps";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signSlackRequest } from "../../packages/slack/src/signature.ts";
import { directoryOf, type Person } from "../story/people.ts";
import { buildsOf } from "./builds-of.ts";
import { eventually, type Flow, newEventId, newRequestId, type Service, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/** What people, partners and forgers send that nobody should: the door that takes it answers, nothing changes, nothing is lost, and the real request goes on. */
let flow: Flow;
let documents: DynamoDBDocumentClient;
let sqs: SQSClient;
/** A request of Ada's that waits for its approval while everything else happens around it. */
let waiting: string;
let parkedInAll = 0;

beforeAll(async () => {
  flow = await startFlow("bad-input");
  documents = DynamoDBDocumentClient.from(new DynamoDBClient(flow.cloud.asRoot));
  sqs = new SQSClient(flow.cloud.asRoot);
  await deactivate("bob");
  waiting = await flow.propose({ name: "waiting", environment: "staging" });
  await flow.heard(waiting, "approval.opened.v1");
  await flow.world.approval(waiting, true);
});
afterAll(() => flow?.stop());

describe("the Slack door refuses", () => {
  const MINUTE = 60_000;
  const now = () => flow.cloud.clock.now();
  const sign = (rawBody: string, at = now()) => flow.cloud.slack.sign(rawBody, at);
  const rows: readonly [what: string, status: number, error: string, knock: () => Knock][] = [
    ["no signature", 401, "not_signed", () => ({ body: command() })],
    [
      "another secret's signature",
      401,
      "not_signed",
      () => ({ body: command(), headers: signSlackRequest({ secret: "another", rawBody: command(), now: now() }) }),
    ],
    [
      "a signature of six minutes ago",
      401,
      "not_signed",
      () => ({ body: command(), headers: sign(command(), now() - 6 * MINUTE) }),
    ],
    [
      "a signature of in six minutes",
      401,
      "not_signed",
      () => ({ body: command(), headers: sign(command(), now() + 6 * MINUTE) }),
    ],
    [
      "a body that was changed after it was signed",
      401,
      "not_signed",
      () => ({ body: command({ text: "probe environment=staging" }), headers: sign(command()) }),
    ],
    ["another team", 403, "another_team", () => signed(command({ team_id: "T0OTHER" }))],
    ["what is too big", 413, "too_big", () => signed(command({ text: "x".repeat(70_000) }))],
    ["a command without its fields", 400, "malformed", () => signed("command=/sluice")],
    ["a click without a payload", 400, "malformed", () => ({ ...signed("hello=1"), at: "interactions" })],
    ["a payload that is not JSON", 400, "malformed", () => ({ ...signed("payload=%7B"), at: "interactions" })],
  ];

  it.each(rows)("%s: %i %s", async (_, status, error, knock) => {
    const before = await traces();

    const answer = await knocked(knock());

    expect(answer).toEqual({ status, error });
    expect(await traces()).toEqual(before);
  });

  it("the second use of a signature: 409 replayed, and publishes once", async () => {
    const reply = await flow.cloud.slack.command("ada", "staging", "help");
    expect(reply.status).toBe(200);
    const before = await traces();

    const { body, headers } = reply.sent;

    expect(await knocked({ body, headers: { ...headers } })).toEqual({ status: 409, error: "replayed" });
    expect(await traces()).toEqual(before);
  });

  it.each([
    ["somebody whom the directory does not know", "eve"],
    ["somebody whose access has ended", "bob"],
  ] as const)("%s, privately: by a command and at See plan", async (_, person) => {
    const before = await traces();

    const { status, body } = await flow.cloud.slack.command(person, "staging", "probe environment=staging");
    expect({ status, says: JSON.parse(body) }).toMatchObject({
      status: 200,
      says: { response_type: "ephemeral", text: expect.stringContaining("does not know you") },
    });

    const heard = flow.cloud.slack.ephemerals(person).length;
    await flow.cloud.slack.click(person, await flow.world.approval(waiting, true), "see_plan");
    const [answer] = flow.cloud.slack.ephemerals(person).slice(heard);
    expect(answer?.text).toMatch(/does not know you|may not see/);
    expect(flow.cloud.slack.views(person)).toEqual([]);
    expect(await traces()).toEqual(before);
  });

  it("a button that nobody made: nothing is published", async () => {
    const before = await traces();
    const payload = {
      type: "block_actions",
      team: { id: flow.cloud.slack.team.id },
      user: { id: flow.cloud.slack.userId("ada") },
      trigger_id: "1.2.3",
      container: { type: "message", channel_id: flow.cloud.slack.channelId("staging"), message_ts: "1.2" },
      actions: [{ type: "button", action_id: "explode", block_id: "b", action_ts: "1.2", value: waiting }],
    };

    const answer = await knocked({
      ...signed(new URLSearchParams({ payload: JSON.stringify(payload) }).toString()),
      at: "interactions",
    });

    expect(answer.status).toBe(200);
    expect(await traces()).toEqual(before);
  });

  it("and a decision of somebody unknown is published, refused by approvals, and recorded", async () => {
    await flow.decide(waiting, "eve");

    const refused = await flow.heard(waiting, "decision.refused.v1");

    expect(refused.detail.data).toMatchObject({ gate: { request: waiting } });
    expect(flow.events.of(waiting, "approval.granted.v1")).toEqual([]);
  });
});

describe("events that are not as defined are parked at once, with the reason", () => {
  const proposal = (request: string, more: object = {}) => ({
    request,
    blueprint: "probe",
    environment: "sandbox",
    reason: "fault test",
    parameters: { name: "bad" },
    who: flow.who("ada"),
    signedAt: new Date(flow.cloud.clock.now()).toISOString(),
    ...more,
  });
  type Row = [what: string, at: Service, code: string, put: (request: string) => Promise<unknown>];
  const rows: Row[] = [
    [
      "a detail without its fields",
      "intake",
      "invalid",
      (request) => put("sluice.intake", "request.proposed.v1", request, { request }),
    ],
    [
      "an extra key",
      "intake",
      "invalid",
      (request) => put("sluice.intake", "request.proposed.v1", request, proposal(request, { admin: true })),
    ],
    [
      "a name of 10,000 characters",
      "intake",
      "invalid",
      (request) =>
        put(
          "sluice.intake",
          "request.proposed.v1",
          request,
          proposal(request, { parameters: { name: "x".repeat(10_000) } }),
        ),
    ],
    [
      "more than 16 KB",
      "intake",
      "too_big",
      (request) =>
        put("sluice.intake", "request.proposed.v1", request, proposal(request, { reason: "x".repeat(17_000) })),
    ],
    [
      "a source that may not send it, past the rules",
      "intake",
      "source_not_allowed",
      (request) => queue("intake", "sluice.notifier", "request.proposed.v1", request, proposal(request)),
    ],
    [
      "an unknown version, past the rules",
      "intake",
      "unknown_event",
      (request) => queue("intake", "sluice.intake", "request.proposed.v9", request, proposal(request)),
    ],
    ["what is not JSON", "provisioner", "not_json", () => send("provisioner", "not JSON")],
    [
      "an outcome of a request that nobody made",
      "intake",
      "unknown_request",
      (request) =>
        put("sluice.provisioner", "plan.failed.v1", request, {
          request,
          step: "plan",
          attempt: 1,
          code: "could_not_start",
          sentence: "No build could be started.",
          repeatable: true,
          seconds: 1,
        }),
    ],
    ["a decision on a gate that was never opened", "approvals", "unknown_gate", (request) => flow.decide(request)],
  ];

  it.each(rows)("%s: %s, %s", async (_, service, code, bring) => {
    const request = newRequestId();
    const before = (await flow.parked(service)).length;

    await bring(request);

    const [parked] = await parkedSince(service, before, 1);
    expect(parked).toMatchObject({ code });
    expect(parked?.reason?.length).toBeGreaterThan(20);
    expect(flow.events.of(request, "request.accepted.v1")).toEqual([]);
    expect(await tries(service)).toEqual([]);
  });
});

describe("steps that were forged are parked with the reason, without a build", () => {
  type Slip = { itinerary: Record<string, unknown>; digest: string; log: { step: string; output: object }[] };
  const real = (type: string) => {
    const [event] = flow.events.of(waiting, type);
    if (!event) throw new Error(`${type} was not asked`);
    return structuredClone(event.detail.data) as { request: string; step: string; attempt: number; slip: Slip };
  };
  /** The same slip with another itinerary, which is as well formed. */
  const changed = (slip: Slip, change: object): Slip => {
    const itinerary = { ...slip.itinerary, ...change };
    return { ...slip, itinerary, digest: itineraryDigest(itinerary as never) };
  };
  type Row = [what: string, source: string, type: string, parks: Partial<Record<Service, string>>, forge: () => object];
  const rows: Row[] = [
    [
      "a plan with other parameters",
      "sluice.intake",
      "plan.requested.v1",
      { provisioner: "itinerary_changed", intake: "itinerary_changed" },
      () => {
        const { slip, ...data } = real("plan.requested.v1");
        return { ...data, slip: changed(slip, { parameters: { name: "waiting", note: "another" } }) };
      },
    ],
    [
      "an approval by another requester",
      "sluice.provisioner",
      "approval.requested.v1",
      { approvals: "itinerary_changed", intake: "itinerary_changed" },
      () => {
        const { slip, ...data } = real("approval.requested.v1");
        return { ...data, slip: changed(slip, { requester: "person_dan" }) };
      },
    ],
    [
      "an approval that shows another plan than the one made",
      "sluice.provisioner",
      "approval.requested.v1",
      { approvals: "plan_differs" },
      () => {
        const { slip, ...data } = real("approval.requested.v1");
        const log = slip.log.map((entry) => ({
          ...entry,
          output: { ...entry.output, contentDigest: "0".repeat(64) },
        }));
        return { ...data, slip: { ...slip, log } };
      },
    ],
    [
      "an apply in another environment",
      "sluice.approvals",
      "apply.requested.v1",
      { provisioner: "itinerary_changed", intake: "itinerary_changed" },
      () => {
        const { slip, request } = real("approval.requested.v1");
        return { request, step: "apply", attempt: 1, slip: changed(slip, { environment: "sandbox" }) };
      },
    ],
    [
      "an apply without a grant",
      "sluice.approvals",
      "apply.requested.v1",
      { provisioner: "grant_missing" },
      () => {
        const { slip, request } = real("approval.requested.v1");
        return { request, step: "apply", attempt: 1, slip };
      },
    ],
    [
      "a check of another environment",
      "sluice.provisioner",
      "scan.requested.v1",
      { compliance: "itinerary_changed", intake: "itinerary_changed" },
      () => {
        const { slip, request } = real("approval.requested.v1");
        return { request, step: "check", attempt: 1, slip: changed(slip, { environment: "sandbox" }) };
      },
    ],
  ];

  it.each(rows)("%s", async (_, source, type, parks, forge) => {
    const services = Object.keys(parks) as Service[];
    const before = await Promise.all(services.map(async (service) => (await flow.parked(service)).length));
    const builds = flow.cloud.codebuild.builds().length;

    await put(source, type, waiting, forge());

    for (const [index, service] of services.entries()) {
      const [parked] = await parkedSince(service, before[index] ?? 0, 1);
      expect(parked).toMatchObject({ code: parks[service], event: type });
    }
    expect(flow.cloud.codebuild.builds()).toHaveLength(builds);
  });

  it("and the real request goes on: approved, applied once, checked", async () => {
    await flow.decide(waiting);

    expect((await flow.ended(waiting)).type).toBe("request.completed.v1");
    for (const kind of ["plan", "apply", "check"] as const) expect(buildsOf(flow, waiting, kind)).toHaveLength(1);
    await holdInvariants(flow, waiting, "staging", { parked: parkedInAll });
  });
});

describe("text that would be code somewhere", () => {
  const hostile = [
    "$(id)",
    "{{ lookup('pipe','id') }}",
    `\${file("/etc/passwd")}`,
    "%{ for x in [1] }y%{ endfor }",
    "-destroy",
    "one\ntwo",
    "<!channel> <@U1> *bold* `code` &amp;",
    "a\u202eb",
    "'; DROP TABLE probe; --",
  ].join(" ");

  it.each(["$(id)", "-destroy", "a\nb", "a\u202eb", "<!channel>", "x".repeat(300)])(
    "is no name: %j is refused, and says which field",
    async (name) => {
      const request = await flow.propose({ name });

      const { type, detail } = await flow.ended(request);

      expect({ type, data: detail.data }).toMatchObject({
        type: "request.refused.v1",
        data: { sentence: expect.stringMatching(/Name/i) },
      });
      expect(flow.events.of(request, "plan.requested.v1")).toEqual([]);
    },
  );

  it("stays text in a note and a reason: through tfvars, Terraform, the state and Slack", async () => {
    const request = await flow.propose({ name: "hostile", note: hostile, reason: hostile });

    expect((await flow.ended(request)).type).toBe("request.completed.v1");

    const state = await flow.world.state("sandbox", "probe-hostile");
    expect((state as unknown as { outputs: { note: { value: string } } }).outputs.note.value).toBe(hostile);
    const sent = flow.cloud.slack.messages("sandbox").find(({ blocks }) => JSON.stringify(blocks).includes(request));
    const markup = JSON.stringify(sent?.blocks);
    expect(markup).toContain("&lt;!channel&gt;");
    expect(markup).not.toMatch(/<!channel>|<@U1>|\u202e/);
    await holdInvariants(flow, request, "sandbox", { parked: parkedInAll });
  });
});

describe("no secret", () => {
  it("stands in an event, a log, a message, or what was kept", async () => {
    const { SecretString = "{}" } = await new SecretsManagerClient(flow.cloud.asRoot).send(
      new GetSecretValueCommand({ SecretId: String(flow.cloud.outputs().slackSecret) }),
    );
    const { signingSecret, botToken } = JSON.parse(SecretString) as Record<string, string>;
    const { lambda, slack, directory } = flow.cloud;

    const places: Record<string, string> = {
      events: JSON.stringify(flow.events.all),
      "the functions' logs": await readFile(lambda.logFile, "utf8"),
      "the trace": await readFile(lambda.traceFile, "utf8"),
      "the calls' log": await readFile(`${directory}/calls.jsonl`, "utf8"),
      messages: JSON.stringify([slack.messages("sandbox"), slack.messages("staging"), slack.messages("approvals")]),
      tables: JSON.stringify(await everything()),
    };

    for (const [place, text] of Object.entries(places)) {
      expect(text.length, place).toBeGreaterThan(100);
      for (const secret of [signingSecret, botToken]) expect(text.includes(secret ?? "?"), place).toBe(false);
    }
  });
});

type Knock = { at?: "commands" | "interactions"; body: string; headers?: Record<string, string> };

const command = (over: Record<string, string> = {}) =>
  new URLSearchParams({
    command: "/sluice",
    text: "help",
    team_id: flow.cloud.slack.team.id,
    user_id: flow.cloud.slack.userId("ada"),
    channel_id: flow.cloud.slack.channelId("staging"),
    trigger_id: "1.2.abc",
    response_url: "http://127.0.0.1:9/nobody",
    ...over,
  }).toString();

/** Signed as Slack does, at a second of its own: a signature counts once. */
function signed(body: string): Knock {
  const own = `${body}&once=${randomBytes(6).toString("hex")}`;
  return { body: own, headers: { ...flow.cloud.slack.sign(own) } };
}

async function knocked({ at = "commands", body, headers = {} }: Knock): Promise<{ status: number; error?: string }> {
  const response = await fetch(`${flow.cloud.lambda.url.replace(/\/$/, "")}/api/slack/${at}`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body,
  });
  const text = await response.text();
  const { error } = text.startsWith("{") ? (JSON.parse(text) as { error?: string }) : {};
  return { status: response.status, ...(error && { error }) };
}

/** What a refused call must not change: what was published by the door, and what the tables hold but used signatures. */
async function traces() {
  const kept = await everything();
  return {
    published: flow.events.all.filter(({ type }) => /^(request\.proposed|[a-z]+\.submitted)\./.test(type)).length,
    kept: kept.filter(({ pk }) => !String(pk).startsWith("seen#")).length,
  };
}

async function everything(): Promise<Record<string, unknown>[]> {
  const tables = Object.values(flow.cloud.outputs().tables as Record<string, string>);
  const pages = await Promise.all(
    tables.map((TableName) => documents.send(new ScanCommand({ TableName, ConsistentRead: true }))),
  );
  return pages.flatMap(({ Items }) => Items ?? []);
}

async function deactivate(person: Person): Promise<void> {
  const { slack, asRoot, outputs } = flow.cloud;
  const directory = directoryOf(slack.team.id, (each) => slack.userId(each));
  for (const principal of directory.principals) if (principal.id === `person_${person}`) principal.active = false;
  await new S3Client(asRoot).send(
    new PutObjectCommand({
      Bucket: String(outputs().directoryBucket),
      Key: "directory.json",
      Body: JSON.stringify(directory),
    }),
  );
}

const detailOf = (request: string, data: object) => ({
  metadata: {
    id: newEventId(),
    correlationId: request,
    occurredAt: new Date(flow.cloud.clock.now()).toISOString(),
    actor: "service:test",
  },
  data,
});
const put = (source: string, type: string, request: string, data: object) =>
  flow.put(source, type, detailOf(request, data));

const send = (service: Service, MessageBody: string) =>
  sqs.send(
    new SendMessageCommand({ QueueUrl: `${flow.cloud.front.url}/000000000000/sluice-local-${service}`, MessageBody }),
  );
const queue = (service: Service, source: string, type: string, request: string, data: object) =>
  send(
    service,
    JSON.stringify({ source, account: "000000000000", "detail-type": type, detail: detailOf(request, data) }),
  );

/** What was parked since, once it is so much. */
async function parkedSince(service: Service, before: number, count: number) {
  const parked = await eventually(
    `${service} to park ${count} more than ${before}`,
    () => flow.parked(service),
    (seen) => seen.length >= before + count,
  );
  expect(parked).toHaveLength(before + count);
  parkedInAll += count;
  return parked.slice(-count);
}

/** Messages that a function failed on and will be given again. */
async function tries(service: Service): Promise<string[]> {
  const log = await readFile(flow.cloud.lambda.logFile, "utf8");
  return log
    .split("\n")
    .filter((line) => line.includes("will be tried again") && line.includes(`"service":"${service}"`));
}

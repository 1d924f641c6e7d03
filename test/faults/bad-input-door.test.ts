import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { services } from "@sluice/events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Message } from "../../local/slack/start-slack.ts";
import { signSlackRequest } from "../../packages/slack/src/signature.ts";
import { wholeText } from "../story/message-text.ts";
import { appliesOf } from "./builds-of.ts";
import { type Flow, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/**
 * What comes to the Slack door and is not let in, or is let in and changes nothing. A request waits at its gate meanwhile; it is what could be changed.
 * Bob's access has ended; Eve was never known.
 */
let flow: Flow;
let waiting: string;
let approval: Message;
let secret: { signingSecret: string; botToken: string; team: string };
beforeAll(async () => {
  flow = await startFlow("door");
  secret = { ...(await readSecret("slackSigningSecret")), ...(await readSecret("slackBotSecret")) };
  await deactivate("person_bob");
  waiting = await flow.propose({ name: "waiting", environment: "staging" });
  await flow.heard(waiting, "approval.opened.v1");
  approval = await flow.world.approval(waiting, true);
  await flow.heardAll(services);
});
afterAll(() => flow?.stop());

/** An HTTP request to the door as it is sent. */
interface Sent {
  path: string;
  body: string;
  headers: Record<string, string>;
}
type Fields = Record<string, string>;

const COMMANDS = "/api/slack/commands";
const INTERACTIONS = "/api/slack/interactions";
const MINUTE_MS = 60_000;

const refused: readonly [what: string, status: number, error: string, sent: () => Sent | Promise<Sent>][] = [
  ["a command without a signature", 401, "not_signed", () => ({ ...signed(COMMANDS, command()), headers: {} })],
  ["a command signed with another secret", 401, "not_signed", () => signedWith("another secret")],
  ["a command signed 6 minutes ago", 401, "not_signed", () => signed(COMMANDS, command(), -6 * MINUTE_MS)],
  ["a command signed 6 minutes ahead", 401, "not_signed", () => signed(COMMANDS, command(), 6 * MINUTE_MS)],
  ["a command whose body was changed", 401, "not_signed", () => changed(signed(COMMANDS, command()))],
  ["a command whose time was changed", 401, "not_signed", () => laterBy(1, signed(COMMANDS, command()))],
  [
    "a command that was received before",
    409,
    "replayed",
    async () => used(signed(COMMANDS, command({ text: "help" }))),
  ],
  ["a command of another team", 403, "another_team", () => signed(COMMANDS, command({ team_id: "T0ANOTHER" }))],
  ["a click of another team", 403, "another_team", () => click({ team: { id: "T0ANOTHER" } })],
  [
    "a click in our workspace by somebody of another",
    403,
    "another_team",
    () => click({ user: { id: user("carol"), team_id: "T0ANOTHER" } }),
  ],
  [
    "a click where Sluice is installed for an organisation",
    403,
    "another_team",
    () => click({ team: null, is_enterprise_install: true }),
  ],
  ["a command of 70 KB", 413, "too_big", () => signed(COMMANDS, command({ text: "x".repeat(70_000) }))],
  ["a click of 600 KB", 413, "too_big", () => click({ more: "x".repeat(600_000) })],
  ["a command of 11,000 characters", 400, "malformed", () => signed(COMMANDS, command({ text: "x".repeat(11_000) }))],
  ["a command without its fields", 400, "malformed", () => signed(COMMANDS, { text: "help" })],
  ["an interaction without payload", 400, "malformed", () => signed(INTERACTIONS, { text: "help" })],
  ["a payload that is not JSON", 400, "malformed", () => signed(INTERACTIONS, { payload: "{" })],
  ["an interaction of an unknown type", 400, "malformed", () => click({ type: "shortcut" })],
  ["a click without an action", 400, "malformed", () => click({ actions: [] })],
  ["a form with 10,000 characters in a field", 400, "malformed", () => form({ name: "x".repeat(10_000) })],
];

const UNKNOWN_PERSON = /Sluice does not know you, or your access has ended\..*Nothing was changed/;

/** What the caller is answered in the HTTP answer itself. */
const answered: readonly [what: string, says: RegExp, sent: () => Sent][] = [
  ["a command of Eve's", UNKNOWN_PERSON, () => signed(COMMANDS, command({ user_id: user("eve") }))],
  ["a command of Bob's", UNKNOWN_PERSON, () => signed(COMMANDS, command({ user_id: user("bob") }))],
  ["a form of Eve's", UNKNOWN_PERSON, () => form({ name: "eves" }, { user: { id: user("eve") } })],
  ["a form of Bob's", UNKNOWN_PERSON, () => form({ name: "bobs" }, { user: { id: user("bob") } })],
  ["a form that nobody knows", /no longer knows this form/, () => form({ name: "ada" }, {}, { callback_id: "x" })],
  ["a blueprint that is none", /There is no blueprint `\$\(id\)`/, () => signed(COMMANDS, command({ text: "$(id)" }))],
];

/** What the presser is told afterwards, privately. */
const told: readonly [what: string, who: "ada" | "bob" | "eve", says: RegExp, action: Fields][] = [
  ["See plan, by Eve", "eve", UNKNOWN_PERSON, { action_id: "see_plan" }],
  ["See plan, by Bob", "bob", UNKNOWN_PERSON, { action_id: "see_plan" }],
  ["an unknown button", "ada", /does not know this button any more/, { action_id: "format_disk" }],
  ["a property of every object", "ada", /does not know this button any more/, { action_id: "constructor" }],
  ["Approve on something that is no gate", "ada", /does not know this button any more/, { value: "$(id)" }],
];

/** Names that are data for nothing but the schema, which takes none of them. */
const names = [
  "$(id)",
  "{{ lookup('pipe','id') }}",
  `\${file("/etc/passwd")}`,
  "-destroy",
  "two\nlines",
  "<!channel>",
  "*bold*",
  "<@U0ANYBODY>",
  "ab\u202ecd",
  "../../etc/passwd",
];

describe("the Slack door refuses", () => {
  it.each(refused)("%s: %i %s", async (_, status, error, sent) => {
    const sending = await sent();
    await changesNothing(async () => {
      const answer = await send(sending);

      expect(answer).toMatchObject({ status, body: { error } });
      expect(Object.keys(answer.body).sort()).toEqual(["error", "message"]);
    });
  });

  it.each(names)("the name %j at its field", async (name) => {
    await changesNothing(async () => {
      const answer = await send(form({ name }));

      expect(answer).toMatchObject({ status: 200, body: { response_action: "errors" } });
      expect(answer.body.errors).toEqual({ "probe.name": expect.stringMatching(/^Use 3 to 30 lower-case letters/) });
    });
  });
});

describe("the Slack door takes and answers, and nothing comes of", () => {
  it("a look at its certificate, which is not signed", async () => {
    await changesNothing(async () => {
      const { body } = signed(COMMANDS, command({ text: "probe" }));

      expect(await send({ path: COMMANDS, body: `ssl_check=1&${body}`, headers: {} })).toEqual({
        status: 200,
        body: {},
      });
    });
  });

  it.each(answered)("%s", async (_, says, sent) => {
    await changesNothing(async () => {
      const { status, body } = await send(sent());

      expect(status).toBe(200);
      expect(JSON.stringify(body)).toMatch(says);
    });
  });

  it.each(told)("%s", async (_, who, says, action) => {
    const { slack } = flow.cloud;
    const before = slack.ephemerals(who).length;
    await changesNothing(async () => {
      // A genuine click's payload, with its own private answer's address; what is pressed is another thing.
      const { sent } = await slack.click(who, approval, "see_plan");
      const [first] = await slack.waitFor("the click's own answer", () => answersOf(who, before, 1));
      const payload = JSON.parse(new URLSearchParams(sent.body).get("payload") ?? "");
      const value = action.value ?? payload.actions[0].value;
      const action_id = action.action_id ?? "approve";
      payload.actions = [{ ...payload.actions[0], action_id, value }];
      if (action_id !== "see_plan")
        expect(await send(signed(INTERACTIONS, { payload: JSON.stringify(payload) }))).toMatchObject({ status: 200 });

      const answer =
        action_id === "see_plan" ? first : await slack.waitFor("an answer", () => answerTo(who, before, says));
      expect(typeof answer === "string" ? answer : answer?.text).toMatch(says);
    });
  });
});

it("a decision by somebody unknown is published, refused and recorded, and decides nothing", async () => {
  for (const who of ["eve", "bob"] as const) {
    const before = flow.cloud.slack.ephemerals(who).length;
    await flow.cloud.slack.click(who, approval, "approve");
    const refusal = await flow.events.waitFor(
      `the refusal of ${who}'s decision`,
      ({ type, detail: { data } }) =>
        type === "decision.refused.v1" && (data.who as { user: string }).user === user(who),
    );
    expect(refusal.detail.data).toMatchObject({ code: "unknown_person", gate: { request: waiting } });
    await flow.cloud.slack.waitFor("the private answer", () =>
      answerTo(who, before, /Only members of @infrastructure can decide/),
    );
  }
  expect(flow.events.of(waiting, "approval.granted.v1")).toHaveLength(0);
});

it("the request that waited meanwhile goes its way", async () => {
  await flow.cloud.slack.click("carol", approval, "approve");

  expect((await flow.ended(waiting)).type).toBe("request.completed.v1");
  expect(appliesOf(flow, waiting)).toBe(1);
  await holdInvariants(flow, waiting, "staging");
});

it("what people write stays text, through tfvars and Terraform, and in Slack", async () => {
  const hostile = [
    "-destroy -var=name=x",
    "$(id) `id` ; id #",
    "{{ lookup('pipe','id') }} %{ if true }x%{ endif }",
    `\${file("/etc/passwd")} \${var.owner}`,
    "<!channel> *bold* <@U0ANYBODY> <https://evil.example|here>",
    "\u202eversed\u202c \u200b “quoted” \\n \\u0000",
    `”\u2003\u2800\u3164✓ *Approved* by Carol at 14:09\u2028Z${"\u0338".repeat(9)}`,
  ].join("\n");
  const reason = `why: ${hostile}`;
  const { view } = await flow.world.openForm("ada", "staging", "probe");
  const values = { environment: "staging", reason, "probe.name": "hostile", "probe.note": hostile };
  expect((await flow.cloud.slack.submit("ada", view?.id ?? "", values)).errors).toEqual({});

  const proposed = await flow.events.waitFor(
    "the proposal",
    ({ type, detail: { data } }) => type === "request.proposed.v1" && JSON.stringify(data).includes('"hostile"'),
  );
  const { request } = proposed;
  expect(proposed.detail.data).toMatchObject({ reason, parameters: { note: hostile } });
  const gate = await flow.world.approval(request, true);
  const says = wholeText(gate.blocks).split("\n");
  expect(says.filter((line) => line.startsWith("> "))).toEqual([
    expect.stringMatching(/^> “why: .*✓ ∗Approved∗ by Carol/),
  ]);
  expect(says.filter((line) => !line.startsWith("> ")).join()).not.toMatch(/Approved|lookup|bold/);
  await flow.cloud.slack.click("carol", gate, "see_plan");
  const [plan] = flow.cloud.slack.views("carol");
  expect(wholeText(plan?.content.blocks as unknown[])).toContain("lookup('pipe','id')");
  await flow.cloud.slack.click("carol", gate, "approve");
  expect((await flow.ended(request)).type).toBe("request.completed.v1");

  const state = (await flow.world.state("staging", "probe-hostile")) as unknown as {
    outputs: { note: { value: string } };
    resources: { instances: unknown[] }[];
  };
  expect(state.outputs.note.value).toBe(hostile);
  expect(state.resources).toHaveLength(3);
  const shown = JSON.stringify([slackSaid(), plan]);
  expect(shown).toContain("&lt;!channel&gt;");
  for (const live of ["<!channel>", "<@U0ANYBODY>", "<https://evil", "\u202e", "\u200b", "root:x:0", "uid="])
    expect(shown.includes(live), `${live} is alive in Slack`).toBe(false);
  expect(shown.replace(/`[^`]*`/g, "").includes("*bold*"), "bold outside of code").toBe(false);
  await holdInvariants(flow, request, "staging");
});

it("no secret of ours is in an event, a log, a message or what a build is given", async () => {
  const logs = readdirSync(flow.cloud.directory, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(log|jsonl)$/.test(path))
    .map((path) => [path, readFileSync(join(flow.cloud.directory, path), "utf8")] as const);
  expect(logs.map(([path]) => path).join()).toMatch(/functions\.log/);
  const given = flow.cloud.codebuild.builds().map(({ variables }) => variables);
  const places = [
    ...logs,
    ["events", JSON.stringify(flow.events.all)],
    ["Slack", JSON.stringify([slackSaid(), flow.cloud.slack.history()])],
    ["builds", JSON.stringify(given)],
    ["tables", (await tables(services)).join()],
  ] as const;

  for (const [place, text] of places)
    for (const value of [secret.signingSecret, secret.botToken, ...signatures])
      expect(text.includes(value), `a secret is in ${place}`).toBe(false);
});

it("health says what is up, by a role that can read no secret", async () => {
  const answer = await fetch(`${flow.cloud.lambda.url.replace(/\/$/, "")}/api/health`);

  expect({ status: answer.status, body: await answer.json() }).toEqual({
    status: 200,
    body: { status: "up", dependencies: { requests: "up", directory: "up", slack: "up" } },
  });
});

it("says 503 and why while a secret of Slack's has no value, and goes on when it has one again", async () => {
  for (const which of ["slackSigningSecret", "slackBotSecret"] as const) {
    const whole = await readSecret(which);
    await keepSecret(which, {});
    flow.cloud.clock.advance(6 * MINUTE_MS); // The door keeps what it read for five.
    const answer = await send(signed(COMMANDS, command({ text: "help" })));

    expect(answer).toMatchObject({ status: 503, body: { error: "not_configured" } });
    expect(answer.body.message).toMatch(/not connected to Slack yet/);
    await keepSecret(which, whole);
  }
  expect(await send(signed(COMMANDS, command({ text: "help" })))).toMatchObject({ status: 200 });
});

/** Nothing is published, and no table of those who decide is another one than before but for the signatures that were used. */
async function changesNothing(act: () => Promise<void>): Promise<void> {
  const before = { events: flow.events.all.length, tables: await tables() };
  await act();
  expect(flow.events.all.slice(before.events)).toEqual([]);
  const after = await tables();
  expect(after.filter((item) => !before.tables.includes(item))).toEqual([]);
  expect(after).toHaveLength(before.tables.length);
}

async function tables(of: readonly string[] = ["intake", "provisioner", "approvals"]) {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(flow.cloud.asRoot));
  const { tables: own, buildsTables } = flow.cloud.outputs() as Record<string, Record<string, string>>;
  const names = of.flatMap((service) => [own?.[service] ?? [], buildsTables?.[service] ?? []].flat());
  const scans = names.map(async (TableName) => {
    const { Items = [] } = await documents.send(new ScanCommand({ TableName, ConsistentRead: true }));
    return Items.filter(({ pk }) => !String(pk).startsWith("seen#")).map((item) => JSON.stringify(item));
  });
  return (await Promise.all(scans)).flat();
}

const user = (name: string) => flow.cloud.slack.userId(name);
const signatures: string[] = [];
let serial = 0;

function command(given: Fields = {}): Fields {
  return {
    team_id: secret.team,
    user_id: user("ada"),
    channel_id: flow.cloud.slack.channelId("sandbox"),
    command: "/sluice",
    text: "",
    trigger_id: `1.${serial++}`, // Slack never sends the same twice, or it would be a replay.
    response_url: `${flow.cloud.slack.deskUrl}none`,
    ...given,
  };
}

/** A click on something, of Ada's. */
function click(given: object): Sent {
  const payload = {
    type: "block_actions",
    team: { id: secret.team },
    user: { id: user("ada") },
    trigger_id: `1.${serial++}`,
    container: { type: "message" },
    actions: [{ type: "button", action_id: "approve", value: `${waiting}.approve.1` }],
    ...given,
  };
  return signed(INTERACTIONS, { payload: JSON.stringify(payload) });
}

/** The form of a probe in the sandbox as Ada sends it, with these parameters. */
function form(parameters: Fields, given: object = {}, view: object = {}): Sent {
  const chosen = (value: string) => ({ value: { type: "static_select", selected_option: { value } } });
  const typed = (value: string) => ({ value: { type: "plain_text_input", value } });
  const payload = {
    type: "view_submission",
    team: { id: secret.team },
    user: { id: user("ada") },
    trigger_id: `1.${serial++}`,
    view: {
      id: "V0FORM",
      callback_id: "ask",
      private_metadata: JSON.stringify({ request: "req_badinput01" }),
      state: {
        values: {
          blueprint: chosen("probe"),
          environment: chosen("sandbox"),
          ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`probe.${name}`, typed(value)])),
        },
      },
      ...view,
    },
    ...given,
  };
  return signed(INTERACTIONS, { payload: JSON.stringify(payload) });
}

function signed(path: string, fields: Fields, offsetMs = 0): Sent {
  const body = new URLSearchParams(fields).toString();
  return { path, body, headers: { ...flow.cloud.slack.sign(body, flow.cloud.clock.now() + offsetMs) } };
}

function signedWith(another: string): Sent {
  const sent = signed(COMMANDS, command());
  const headers = signSlackRequest({ secret: another, rawBody: sent.body, now: flow.cloud.clock.now() });
  return { ...sent, headers };
}

const changed = (sent: Sent): Sent => ({ ...sent, body: `${sent.body}&text=status` });

function laterBy(seconds: number, { headers, ...sent }: Sent): Sent {
  const timestamp = String(Number(headers["x-slack-request-timestamp"]) + seconds);
  return { ...sent, headers: { ...headers, "x-slack-request-timestamp": timestamp } };
}

async function used(sent: Sent): Promise<Sent> {
  expect(await send(sent)).toMatchObject({ status: 200 });
  return sent;
}

async function send({ path, body, headers }: Sent) {
  signatures.push(...[headers["x-slack-signature"]].filter((given) => given !== undefined));
  const response = await fetch(`${flow.cloud.lambda.url.replace(/\/$/, "")}${path}`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body,
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text || "{}") as Record<string, unknown> };
}

const answersOf = (who: "ada" | "bob" | "eve", after: number, atLeast: number) => {
  const texts = flow.cloud.slack.ephemerals(who).slice(after);
  // Who may see the plan is shown a window, which is an answer too.
  return texts.length >= atLeast || flow.cloud.slack.views(who).length > 0 ? [texts[0]] : undefined;
};
const answerTo = (who: "ada" | "bob" | "eve", after: number, says: RegExp) =>
  flow.cloud.slack
    .ephemerals(who)
    .slice(after)
    .find(({ text }) => says.test(text));

const slackSaid = () =>
  ["sandbox", "staging", "approvals"].flatMap((channel) =>
    flow.cloud.slack.messages(channel).flatMap((message) => [message, ...flow.cloud.slack.thread(channel, message.ts)]),
  );

const secrets = () => new SecretsManagerClient(flow.cloud.asRoot);
type SlackSecret = "slackSigningSecret" | "slackBotSecret";
const secretId = (which: SlackSecret) => String(flow.cloud.outputs()[which]);
const readSecret = async (which: SlackSecret) =>
  JSON.parse((await secrets().send(new GetSecretValueCommand({ SecretId: secretId(which) }))).SecretString ?? "");
const keepSecret = (which: SlackSecret, value: object) =>
  secrets().send(new PutSecretValueCommand({ SecretId: secretId(which), SecretString: JSON.stringify(value) }));

async function deactivate(principal: string): Promise<void> {
  const s3 = new S3Client(flow.cloud.asRoot);
  const at = { Bucket: String(flow.cloud.outputs().directoryBucket), Key: "directory.json" };
  const directory = JSON.parse(String(await (await s3.send(new GetObjectCommand(at))).Body?.transformToString()));
  for (const each of directory.principals) if (each.id === principal) each.active = false;
  await s3.send(new PutObjectCommand({ ...at, Body: JSON.stringify(directory) }));
}

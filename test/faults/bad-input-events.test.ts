import { readFileSync } from "node:fs";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Service, services } from "@sluice/events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appliesOf, buildsOf, statusOf } from "./builds-of.ts";
import { eventually, type Flow, newEventId, newRequestId, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

/**
 * Events that should not be, put beside a request that waits at its gate. Each is parked at once with its reason by whom it was meant for, and the real
 * request goes its way.
 */
let flow: Flow;
let real: string;
let slip: Slip;
/** How many messages were parked for good, by all services. */
let parkedSoFar = 0;
beforeAll(async () => {
  flow = await startFlow("events");
  real = await flow.propose({ name: "real", environment: "staging" });
  await flow.heard(real, "approval.opened.v1");
  slip = flow.events.of(real, "approval.requested.v1")[0]?.detail.data.slip as Slip;
});
afterAll(() => flow?.stop());

interface Slip {
  itinerary: { requester: string; environment: string; parameters: object };
  digest: string;
  log: { step: string; attempt: number; output: { summary?: { counts: { add: number } } } }[];
}
interface Given {
  source: string;
  type: string;
  data: object;
  metadata?: object;
}
type Row = readonly [
  what: string,
  /** By whom it is parked, and why. */
  parked: Partial<Record<Service, string>>,
  says: RegExp,
  given: () => Given,
];

const bad: readonly Row[] = [
  ["whose verdict is none", { approvals: "invalid" }, /verdict/, () => decision({ verdict: "maybe" })],
  ["with one key more", { approvals: "invalid" }, /admin/, () => decision({ admin: true })],
  ["with one key more beside its data", { approvals: "invalid" }, /trusted/, () => decision({}, { trusted: true })],
  ["over 16 KB", { approvals: "too_big" }, /more than 16384/, () => decision({ reason: "x".repeat(17_000) })],
  [
    "with 10,000 characters in a parameter",
    { intake: "invalid" },
    /note|parameters/,
    () => proposal({ note: "x".repeat(10_000) }),
  ],
  [
    "which is an outcome of a request that nobody knows",
    { intake: "unknown_request" },
    /never accepted/,
    () => outcomeOfNothing(),
  ],
  [
    "which is a decision on a gate that nobody knows",
    { approvals: "unknown_gate" },
    /never opened/,
    () => decision({ gate: { request: newRequestId(), step: "approve", attempt: 1 } }),
  ],
  [
    "which is an unlock of a workspace that nobody knows",
    { provisioner: "unknown_workspace" },
    /There is no workspace probe-nowhere/,
    () => unlock(),
  ],
];

const CHANGED = /The itinerary of req_\w+ is not the one that was accepted/;

const forged: readonly Row[] = [
  [
    "a plan of another itinerary",
    { provisioner: "itinerary_changed", intake: "itinerary_changed" },
    CHANGED,
    () => asked("sluice.intake", "plan", slipWith({ parameters: { name: "real", note: "other" } })),
  ],
  [
    "an apply in another environment",
    { provisioner: "itinerary_changed", intake: "itinerary_changed" },
    CHANGED,
    () => asked("sluice.approvals", "apply", slipWith({ environment: "sandbox" })),
  ],
  [
    "an apply without a grant",
    { provisioner: "grant_missing" },
    /refused before any build: grant_missing/,
    () => asked("sluice.approvals", "apply", slip),
  ],
  [
    "an apply with a grant that is none",
    { provisioner: "grant_malformed" },
    /refused before any build/,
    () => {
      const entry = { step: "approve", attempt: 1, output: { grant: "a.b.c", decidedBy: ["person_carol"] } };
      return asked("sluice.approvals", "apply", { ...slip, log: [...slip.log, entry] } as Slip);
    },
  ],
  [
    "an approval of another plan than was made",
    { approvals: "plan_differs" },
    /shows another plan than the one that was made/,
    () => asked("sluice.provisioner", "approval", { ...slip, log: slip.log.map(nothingToAdd) }),
  ],
  [
    "an approval whose requester is somebody else",
    { approvals: "itinerary_changed", intake: "itinerary_changed" },
    CHANGED,
    () => asked("sluice.provisioner", "approval", slipWith({ requester: "person_bob" })),
  ],
  [
    "a check in another environment",
    { compliance: "itinerary_changed", intake: "itinerary_changed" },
    CHANGED,
    () => asked("sluice.provisioner", "scan", slipWith({ environment: "sandbox" })),
  ],
];

describe("an event is parked at once", () => {
  it.each(bad)("%s: %o", (_, parked, says, given) => isParked(parked, says, given()));

  // The bus' rules bring none of these; a queue's door does not count on that.
  it.each([
    ["of a version that nobody knows", "unknown_event", () => decision({}, {}, "decision.submitted.v2")],
    ["from a source that may not send it", "source_not_allowed", () => ({ ...decision(), source: "sluice.notifier" })],
  ])("%s, should a rule bring it: %s", (_, code, given) => isParked({ approvals: code }, /./, given(), directly));
});

it("what no rule brings is heard by nobody", async () => {
  const before = await parked();
  await put({ ...decision(), source: "sluice.notifier" });
  await put(decision({}, {}, "decision.submitted.v2"));
  await isParked({ approvals: "invalid" }, /verdict/, decision({ verdict: "after them" })); // It came after them.

  expect(await parked()).toHaveLength(before.length + 1);
  expect(flow.events.of(real, "decision.recorded.v1")).toHaveLength(0);
});

describe("a proposal is refused and kept", () => {
  it.each([
    ["of a partner that is not on the list", "partner.other"],
    ["that names another partner's source", "partner.pipeline"],
  ])("%s", async (_, source) => {
    const reference = source.replace(".", ":");
    await flow.put(source, "request.proposed.v1", {
      data: { reference, blueprint: "probe", environment: "sandbox", parameters: { name: "partners" } },
    });

    const refusal = await flow.events.waitFor(
      "the refusal",
      ({ type, detail: { data } }) => type === "proposal.refused.v1" && data.partner === source,
    );
    expect(refusal.detail.data).toMatchObject({ code: "partner_not_allowed" });
    expect(refusal.detail.data.sentence).toMatch(/is not on the list of partners/);
    const request = String(refusal.detail.data.request);
    expect(JSON.stringify(await flow.items("intake", request))).toContain("partner_not_allowed");
    expect(flow.events.of(request, "request.accepted.v1")).toHaveLength(0);
  });

  it.each([
    "$(id)",
    "{{ lookup('pipe','id') }}",
    `\${file("/etc/passwd")}`,
    "-destroy",
    "a\nb",
    "<!channel>",
    "ab\u202ecd",
  ])("whose name is %j", async (name) => {
    const request = await flow.propose({ name });

    const refusal = await flow.heard(request, "request.refused.v1");
    expect(refusal.detail.data).toMatchObject({ code: "invalid_parameter" });
    expect(refusal.detail.data.sentence).toMatch(/“name” is not allowed\. Use 3 to 30 lower-case letters/);
  });
});

describe("a forged step is parked and starts nothing", () => {
  it.each(forged)("%s: %o", async (_, parked, says, given) => {
    const builds = flow.cloud.codebuild.builds().length;
    await isParked(parked, says, given());
    expect(flow.cloud.codebuild.builds()).toHaveLength(builds);
  });

  it("and the real request says where it is, and goes its way", async () => {
    expect(await statusOf(flow, "ada", "staging", real)).not.toMatch(/Apply\W+running/);
    expect(buildsOf(flow, real, "apply")).toHaveLength(0);
    await flow.decide(real);

    expect((await flow.ended(real)).type).toBe("request.completed.v1");
    expect([buildsOf(flow, real, "plan").length, appliesOf(flow, real)]).toEqual([1, 1]);
    await holdInvariants(flow, real, "staging", { parked: parkedSoFar });
  });
});

it("each was received once and none was tried again", async () => {
  const log = readFileSync(flow.cloud.lambda.logFile, "utf8");
  expect(log.split("a message was parked").length - 1).toBe(parkedSoFar);
  expect(log).not.toContain("will be tried again");
  await flow.heardAll(services);
});

/** Parked by each with the code, the reason and the event's name beside it, and by nobody else. */
async function isParked(by: Row[1], says: RegExp, given: Given, send: (event: Sent) => Promise<unknown> = put) {
  const event = { ...given, id: newEventId() };
  await send(event);
  parkedSoFar += Object.keys(by).length;

  const seen = await eventually(
    `${given.type} to be parked`,
    async () => (await parked()).filter(({ body }) => body.includes(event.id)),
    (those) => those.length >= Object.keys(by).length,
  );
  expect(Object.fromEntries(seen.map(({ service, code }) => [service, code]))).toEqual(by);
  expect(seen).toHaveLength(Object.keys(by).length);
  for (const { reason, event: name } of seen) {
    expect(reason).toMatch(says);
    expect(name).toBe(given.type);
  }
}

async function parked() {
  const all = services.map(async (service) => (await flow.parked(service)).map((each) => ({ service, ...each })));
  return (await Promise.all(all)).flat();
}

type Sent = Given & { id?: string };

const detailOf = ({ data, metadata, id = newEventId() }: Sent) => ({
  metadata: {
    id,
    correlationId: (data as { request?: string }).request ?? real,
    occurredAt: new Date(flow.cloud.clock.now()).toISOString(),
    actor: "service:test",
    ...metadata,
  },
  data,
});

const put = (event: Sent) => flow.put(event.source, event.type, detailOf(event));

/** Past the bus and its rules, into approvals' queue. */
const directly = (event: Sent) =>
  sqs().send(
    new SendMessageCommand({
      QueueUrl: queueUrl("approvals"),
      MessageBody: JSON.stringify({
        source: event.source,
        account: "000000000000",
        "detail-type": event.type,
        detail: detailOf(event),
      }),
    }),
  );

const sqs = () => new SQSClient(flow.cloud.asRoot);
const queueUrl = (service: Service) => `${flow.cloud.front.url}/000000000000/sluice-local-${service}`;

const clicked = () => ({ who: flow.who("carol"), signedAt: new Date(flow.cloud.clock.now()).toISOString() });

const decision = (data: object = {}, metadata: object = {}, type = "decision.submitted.v1"): Given => ({
  source: "sluice.intake",
  type,
  data: { gate: { request: real, step: "approve", attempt: 1 }, verdict: "approve", ...clicked(), ...data },
  metadata,
});

function proposal(parameters: object): Given {
  const asks = { request: newRequestId(), blueprint: "probe", environment: "sandbox", ...clicked() };
  const data = { ...asks, parameters: { name: "long", ...parameters } };
  return { source: "sluice.intake", type: "request.proposed.v1", data };
}

function outcomeOfNothing(): Given {
  const step = { request: newRequestId(), step: "apply", attempt: 1 };
  const data = { ...step, code: "x_y", sentence: "No.", repeatable: true, seconds: 1 };
  return { source: "sluice.provisioner", type: "apply.failed.v1", data };
}

function unlock(): Given {
  const what = { request: newRequestId(), environment: "staging", workspace: "probe-nowhere", reason: "because" };
  return { source: "sluice.intake", type: "unlock.submitted.v1", data: { ...what, ...clicked() } };
}

const steps = { plan: "plan", approval: "approve", apply: "apply", scan: "check" } as const;

/** A step of the real request as its owner is asked for it. */
const asked = (source: string, kind: keyof typeof steps, carried: Slip): Given => ({
  source,
  type: `${kind}.requested.v1`,
  data: { request: real, step: steps[kind], attempt: 1, slip: carried },
});

const slipWith = (changed: Partial<Slip["itinerary"]>): Slip => ({
  ...slip,
  itinerary: { ...slip.itinerary, ...changed },
});

const nothingToAdd = (entry: Slip["log"][number]) => ({
  ...entry,
  output: {
    ...entry.output,
    summary: { ...entry.output.summary, counts: { ...entry.output.summary?.counts, add: 0 } },
  },
});

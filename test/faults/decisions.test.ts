import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Directory, membersOf } from "@sluice/directory";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wholeText } from "../story/message-text.ts";
import { type Person, people } from "../story/people.ts";
import { appliesOf, buildsOf, said, spendersOf } from "./builds-of.ts";
import { eventually, type Flow, newEventId, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";
import { withhold } from "./late-deliveries.ts";

/** Who decides, when, by which directory, and on which plan: one decision comes of it, by somebody who may at that moment. */
let flow: Flow;
let directory: string;
beforeAll(async () => {
  flow = await startFlow("decisions");
  const { Body } = await s3().send(new GetObjectCommand(directoryObject()));
  directory = (await Body?.transformToString()) ?? "";
});
afterAll(() => flow?.stop());

const HOUR_MS = 3_600_000;
const s3 = () => new S3Client(flow.cloud.asRoot);
const directoryObject = () => ({ Bucket: String(flow.cloud.outputs().directoryBucket), Key: "directory.json" });
const keepDirectory = (Body: string) => s3().send(new PutObjectCommand({ ...directoryObject(), Body }));

const refusals = (request: string) =>
  flow.events
    .of(request, "decision.refused.v1")
    .map(({ detail }) => detail.data as { code: string; who: { user: string } });

async function open(name: string): Promise<string> {
  const request = await flow.propose({ name, environment: "staging" });
  await flow.opened(request);
  return request;
}

/** Decides, and waits until that was refused. */
async function isRefused(request: string, by: Person, attempt = 1): Promise<string> {
  const before = refusals(request).length;
  await flow.decide(request, by, attempt);
  const seen = await eventually(
    `${by}'s decision to be refused`,
    async () => refusals(request),
    ({ length }) => length > before,
  );
  return seen.at(-1)?.code ?? "";
}

async function completesOnce(request: string): Promise<void> {
  expect((await flow.ended(request)).type).toBe("request.completed.v1");
  expect(appliesOf(flow, request)).toBe(1);
  expect(new Set(flow.events.of(request, "approval.granted.v1").map(({ id }) => id)).size).toBe(1);
  await holdInvariants(flow, request, "staging");
}

describe("who may decide is asked at each decision", () => {
  it("who lost the role between message and click does not decide; who has it does", async () => {
    const request = await open("role");
    const without = Directory.parse(JSON.parse(directory));
    const members = membersOf(without, ["infrastructure"]);
    without.groups.infrastructure = { members: [...members].filter((id) => id !== "person_carol") };
    await keepDirectory(JSON.stringify(without));

    expect(await isRefused(request, "carol")).toBe("not_an_approver");
    expect(flow.events.of(request, "approval.granted.v1")).toHaveLength(0);

    await flow.decide(request, "dan");
    await completesOnce(request);
    await keepDirectory(directory);
  });

  it("nobody decides by a directory that cannot be read or is ambiguous, and the request waits", async () => {
    const request = await open("unreadable");
    for (const body of ["{", JSON.stringify({ principals: [] }), withCarolTwice()]) {
      await keepDirectory(body);
      expect(await isRefused(request, "carol"), body.slice(0, 40)).toBe("unknown_person");
    }
    await keepDirectory(directory);

    await flow.decide(request, "carol");
    await completesOnce(request);
    const recorded = flow.events.of(request, "decision.recorded.v1");
    expect(recorded.map(({ detail }) => detail.data.by)).toContain("person_carol");
  });

  function withCarolTwice(): string {
    const twice = Directory.parse(JSON.parse(directory));
    const carol = twice.principals.find(({ id }) => id === "person_carol");
    if (!carol) throw new Error("The story's directory has no Carol");
    return JSON.stringify({ ...twice, principals: [...twice.principals, { ...carol, id: "person_other" }] });
  }
});

it("fifty clicks by five people at once are one decision, and everybody else is told what happened", async () => {
  const request = await open("fifty");
  const approval = await flow.world.approval(request, true);
  const everybody = people.map(({ name }) => name);
  const before = new Map(everybody.map((person) => [person, flow.cloud.slack.ephemerals(person).length]));

  const clicks = Array.from({ length: 50 }, (_, index) => everybody[index % everybody.length] as Person);
  await Promise.all(clicks.map((person) => flow.cloud.slack.click(person, approval, "approve")));

  await completesOnce(request);
  const submitted = flow.events.of(request, "decision.submitted.v1");
  expect(submitted.length).toBeGreaterThan(5);
  const [granted] = flow.events.of(request, "approval.granted.v1");
  expect(granted?.detail.data.decidedBy).toHaveLength(1);
  for (const [person, code] of [
    ["ada", "own_request"],
    ["bob", "not_an_approver"],
    ["eve", "unknown_person"],
  ] as const) {
    const user = flow.cloud.slack.userId(person);
    const codes = refusals(request).flatMap(({ code: said, who }) => (who.user === user ? [said] : []));
    expect([code, "closed"]).toEqual(expect.arrayContaining([...new Set(codes)]));
    await flow.cloud.slack.waitFor(
      `${person} to be told`,
      () => flow.cloud.slack.ephemerals(person).slice(before.get(person)).length > 0,
    );
  }
});

describe("an old decision", () => {
  it("that is redelivered when it has decided changes nothing; one that comes hours late does not count", async () => {
    const request = await open("late");
    const [{ source, type, detail } = never()] = [await decisionBy(request, "bob")];
    expect(refusals(request).map(({ code }) => code)).toEqual(["not_an_approver"]);

    flow.cloud.clock.advance(HOUR_MS);
    const signedAt = new Date(flow.cloud.clock.now() - HOUR_MS).toISOString();
    const late = { ...detail, metadata: { ...detail.metadata, id: newEventId() } };
    await flow.put(source, type, { ...late, data: { ...detail.data, who: flow.who("carol"), signedAt } });
    await eventually(
      "the late decision to be refused",
      async () => refusals(request).map(({ code }) => code),
      (codes) => codes.includes("stale"),
    );

    await flow.decide(request, "carol");
    await completesOnce(request);
    const [decided] = flow.events.of(request, "decision.submitted.v1").slice(-1);
    flow.cloud.clock.advance(5 * HOUR_MS);
    const recorded = new Set(flow.events.of(request, "decision.recorded.v1").map(({ id }) => id));
    await flow.put(decided?.source ?? "", decided?.type ?? "", decided?.detail);
    await flow.heardAll(["approvals", "provisioner", "intake", "notifier"]);

    expect(new Set(flow.events.of(request, "decision.recorded.v1").map(({ id }) => id))).toEqual(recorded);
    await completesOnce(request);
  });
});

describe("a newer plan beside an open approval", () => {
  it("takes its place: the older button is dead, its message says so, and only the newer plan is applied", async () => {
    const request = await open("newer");
    await flow.repeat(request, "plan", 1);
    await flow.opened(request, 2);

    expect(await isRefused(request, "carol", 1)).toBe("older_attempt");
    const superseded = await flow.cloud.slack.waitFor("the older approval to say so", () =>
      flow.cloud.slack
        .messages("approvals")
        .map(({ blocks }) => wholeText(blocks))
        .find((text) => text.includes(request) && text.includes("Superseded")),
    );
    expect(superseded).toContain("the newer plan has a message of its own");
    expect(appliesOf(flow, request)).toBe(0);

    await flow.decide(request, "carol", 2);
    await completesOnce(request);
  });

  it("voids an approval that was given meanwhile: its grant starts nothing, the newer plan is asked for anew", async () => {
    const request = await open("void");
    const plan = await withhold(flow, "provisioner", "plan.requested.v1");
    const apply = await withhold(flow, "provisioner", "apply.requested.v1");
    await flow.repeat(request, "plan", 1);
    const again = await flow.events.waitFor(
      "the plan to be asked for again",
      ({ request: of, type, detail }) => of === request && type === "plan.requested.v1" && detail.data.attempt === 2,
    );
    await flow.decide(request); // The older one is still open, as approvals knows it.
    const granted = await flow.heard(request, "apply.requested.v1");
    await plan.end();
    await apply.end();

    await plan.deliver(again);
    await flow.events.waitFor(
      "the newer plan to be made",
      ({ request: of, type, detail }) => of === request && type === "plan.completed.v1" && detail.data.attempt === 2,
    );
    await apply.deliver(granted);
    await flow.opened(request, 2);
    await flow.heardAll(["provisioner"]);
    expect(appliesOf(flow, request)).toBe(0);
    expect(await spendersOf(flow, request)).toHaveLength(0);

    await flow.decide(request, "carol", 2);
    expect((await flow.ended(request)).type).toBe("request.completed.v1");
    expect(appliesOf(flow, request)).toBe(1);
    expect(buildsOf(flow, request, "plan")).toHaveLength(2);
    expect(await said(flow, "staging", request, /is ready in/)).toContain("✓");
    await holdInvariants(flow, request, "staging");
  });
});

/** Decides, and gives the click's event when the answer is there. */
async function decisionBy(request: string, by: Person) {
  await isRefused(request, by);
  return flow.events.of(request, "decision.submitted.v1").at(-1);
}

function never(): never {
  throw new Error("No decision was submitted");
}

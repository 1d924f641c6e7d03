import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type Service, services } from "@sluice/events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environments } from "../../stacks/environments.ts";
import { appliesOf, buildsOf, callerOf, type Kind, runsOf, said, spendersOf, statusOf } from "./builds-of.ts";
import { changeRunner, plansOnAnotherState, reports, rewritesItsPlanFile } from "./changed-runner.ts";
import { eventually, type Flow, newRequestId, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";
import type { Answers } from "./lying-build.ts";
import { jobKinds, jobOf, kinds, type Place, triesOf } from "./tries.ts";

/**
 * Exactly that change, also against builds that lie and a world that moves (suite 1 of the threat model): no write of Terraform that the approved page does not
 * name, and nothing of another kind, request or environment that a build could change. Every request in staging is approved by a person.
 */
let flow: Flow;
let folder: string;
let s3: S3Client;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-lying-"));
  flow = await startFlow("lying-builds");
  s3 = new S3Client(flow.cloud.asRoot);
});
afterAll(async () => {
  await flow?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.concurrent("a plan build that runs other code", () => {
  it("cannot bring code of its own into the apply: what it made of its plan file is applied by nobody", async () => {
    const marker = join(folder, "a-command-ran");
    const request = await lying("rewritten", rewritesItsPlanFile(`touch ${marker}`));

    await flow.decide(request);

    expect((await flow.ended(request)).type).toBe("request.completed.v1");
    expect(existsSync(marker), "a command of the plan's build ran in the apply's").toBe(false);
    expect(runsOf(flow, request, "plan")).toBe(1);
    await holdInvariants(flow, request, "staging");
  });

  it("cannot have another state changed: the apply plans on the request's own", async () => {
    const genuine = newRequestId();
    await flow.propose({ request: genuine, name: "own-state", environment: "staging", by: "ada" });
    await flow.opened(genuine);
    await flow.decide(genuine);
    await flow.ended(genuine);
    const before = await flow.world.state("staging", "probe-own-state");

    const request = await lying("own-state", plansOnAnotherState); // It says that all of it is to be made.
    await flow.decide(request);

    await hasMoved(request, "own-state", /terraform_data\.first create → nothing/);
    expect(await flow.world.state("staging", "probe-own-state")).toEqual(before);
    expect(await objectOf("staging/elsewhere")).toBeUndefined();
  });

  it("cannot have its own count believed: a plan that says it does nothing is not applied", async () => {
    const nothing = `(output) => {
      const counts = Object.fromEntries(Object.keys(output.summary.counts).map((name) => [name, 0]));
      output.summary = { ...output.summary, empty: true, counts };
    }`;
    const request = await lying("counted", reports(nothing));

    await flow.decide(request);

    const end = await flow.ended(request);
    expect(end).toMatchObject({ type: "request.failed.v1", detail: { data: { code: "summary_changed" } } });
    await isUntouched(request, "counted");
    expect(await said(flow, "staging", request, /Edit and ask again/)).toMatch(
      /What the approval was judged by is not what the plan does\. Tell the people who run Sluice\. Nothing was changed\.[\s\S]*\[Edit and ask again…\]/,
    );
    await holdInvariants(flow, request, "staging");
  });
});

describe.concurrent("a world that moves between plan and apply", () => {
  it("stops the apply, says what moved, lets others go on, and is asked about anew; in the same place again it ends", async () => {
    const donor = newRequestId();
    await flow.propose({ request: donor, name: "donor", environment: "staging" });
    await flow.opened(donor);
    await flow.decide(donor);
    await flow.ended(donor);
    const request = newRequestId();
    await flow.propose({ request, name: "moved", environment: "staging" });
    await flow.opened(request);
    const next = await flow.propose({ name: "moved", environment: "staging" });
    await flow.heard(next, "step.suspended.v1");

    await keptByHand("probe-donor", "probe-moved"); // Somebody's own Terraform, between the approval and the apply.
    await flow.decide(request);

    await hasMoved(request, "moved", /terraform_data\.first create → nothing/);
    expect(await statusOf(flow, "ada", "staging", request)).toMatch(/Something moved since the plan was approved/);
    await flow.opened(next); // The workspace is free: whoever waited goes on.
    await flow.withdraw(next);
    await flow.heard(next, "request.withdrawn.v1");

    await flow.repeat(request, "plan", 1);
    await flow.opened(request, 2);
    await s3.send(new DeleteObjectCommand({ Bucket: states(), Key: "staging/probe-moved" })); // And back again.
    await flow.decide(request, "carol", 2);

    const end = await flow.heard(request, "request.failed.v1");
    expect(end.detail.data).toMatchObject({ code: "plan_never_equal" });
    await isUntouched(request, "moved");
    expect(await said(flow, "staging", request, /Edit and ask again/)).toMatch(
      /This differs at every plan: .*The code must change\. Nothing was changed\.[\s\S]*\[Edit and ask again…\]/,
    );
    await holdInvariants(flow, request, "staging");
  });
});

/** By itself, when the others are done: the local CodeBuild does two builds at a time, and here both stand still. */
describe("builds of every kind that run other code", () => {
  it("can do what their kind may in their environment and nothing else, and what they say of another request is not believed", async () => {
    const [liar, victim, honest] = [newRequestId(), newRequestId(), newRequestId()];
    await flow.propose({ request: honest, name: "honest", environment: "staging" });
    for (const service of services) await flow.putJunk(service); // An administrator's: no build can put any.
    await flow.opened(honest);
    await flow.heardAll(services);
    const before = await flow.itemsOf("staging");

    const attacked = attackedBy(liar, { victim, honest });
    await flow.propose({ request: liar, name: "liar" });
    await flow.propose({ request: victim, name: "victim" });

    expect(await attacked.plan).toEqual(expected("plan"));
    expect(await attacked.apply).toEqual(expected("apply"));
    const pause = await flow.heard(victim, "request.paused.v1");
    expect(pause.detail.data).toMatchObject({ reason: "needs_replan" });
    expect((await flow.heard(victim, "apply.failed.v1")).detail.data).toMatchObject({ code: "result_changed" });
    expect(flow.events.of(victim, "apply.completed.v1")).toEqual([]);
    expect([appliesOf(flow, victim), await spendersOf(flow, victim)]).toEqual([0, []]);
    expect(await flow.world.state("sandbox", "probe-victim")).toBeUndefined();
    expect(await said(flow, "sandbox", victim, /Plan again/)).toMatch(
      /The build's result is not the one that it reported, so nothing in it is believed\./,
    );
    await flow.repeat(victim, "plan", 1);

    expect(await attacked.configure).toEqual(expected("configure"));
    const stop = await flow.heard(victim, "configuration.failed.v1");
    expect(stop.detail.data).toMatchObject({ code: "result_changed" });
    await flow.repeat(victim, "configure", 2);

    expect(await attacked.check).toEqual(expected("check"));
    flow.cloud.clock.advance(61_000); // Its build stands still, so a sweep alone finds out, past the junk.
    for (const request of [victim, liar]) await flow.heard(request, "request.completed.v1");
    attacked.end();
    for (const service of services)
      await eventually(
        `${service}'s sweep to pass junk over`,
        async () => counted(service, "SweepPassedOver"),
        Boolean,
      );
    expect(counted("provisioner", "JobContradicted"), "lies that raise the alarm").toBeGreaterThanOrEqual(3);
    expect(counted("compliance", "JobContradicted"), "lies that raise the alarm").toBeGreaterThanOrEqual(1);

    expect(await flow.itemsOf("staging"), "another environment's items").toEqual(before);
    await flow.decide(honest);
    await flow.heard(honest, "request.completed.v1");
    for (const kind of kinds) expect(buildsOf(flow, honest, kind), kind).toHaveLength(1);
    expect(flow.events.all.filter(({ detail }) => JSON.stringify(detail).includes('"Lying"'))).toEqual([]);
    const changed = flow.world.calls.all(({ account, action }) => targets.includes(account) && !READING.test(action));
    expect(changed, "what no page names").toEqual([]);
    for (const [name, request] of Object.entries({ liar, victim, honest })) {
      const environment = request === honest ? "staging" : "sandbox";
      const state = await flow.world.state(environment, `probe-${name}`);
      expect(state?.resources.map((each) => each.name)).toEqual(["first", "second", "third"]);
      expect(appliesOf(flow, request)).toBe(1);
      await holdInvariants(flow, request, environment);
    }
  });
});

/** A request in staging whose plan's builds run a changed runner. Its gate is open: people look at what it said. */
async function lying(name: string, prelude: string): Promise<string> {
  const request = newRequestId();
  changeRunner(flow, request, "plan", mkdtempSync(join(folder, "runner-")), prelude);
  await flow.propose({ request, name, environment: "staging" });
  await flow.opened(request);
  expect(buildsOf(flow, request, "plan")).toHaveLength(1);
  return request;
}

/** The request waits with *Plan again*, and everybody reads why. */
async function hasMoved(request: string, name: string, says: RegExp): Promise<void> {
  const pause = await flow.heard(request, "request.paused.v1");
  expect(pause.detail.data).toMatchObject({ reason: "plan_changed" });
  expect((await flow.heard(request, "apply.failed.v1")).detail.data).toMatchObject({
    code: "plan_changed",
    repeatable: true,
    sentence: expect.stringMatching(says),
  });
  expect(await said(flow, "staging", request, /Plan again/)).toMatch(
    /Something moved since the plan was approved: [\s\S]*Nothing was changed\.[\s\S]*\[Plan again\]/,
  );
  expect(await said(flow, "approvals", request, /moved/)).toMatch(/Something moved since[\s\S]*Nothing was changed/);
  await isUntouched(request, name);
}

/** Nothing was applied, no grant was spent, nobody is kept from the workspace. */
async function isUntouched(request: string, name: string): Promise<void> {
  expect(appliesOf(flow, request)).toBe(0);
  expect(await spendersOf(flow, request)).toEqual([]);
  expect(flow.events.of(request, "workspace.blocked.v1")).toEqual([]);
  const workspace = await eventually(
    "the workspace to be free",
    () => flow.workspace("staging", `probe-${name}`),
    (item) => item !== undefined && !JSON.stringify(item.holder ?? {}).includes(request),
  );
  expect(workspace).not.toHaveProperty("blocked");
}

const states = () => String(flow.cloud.outputs().statesBucket);

/** A state that was put where another one would be, as if somebody had applied the same by hand. */
async function keptByHand(from: string, to: string): Promise<void> {
  const Body = (await objectOf(`staging/${from}`)) ?? "";
  await s3.send(new PutObjectCommand({ Bucket: states(), Key: `staging/${to}`, Body }));
}

async function objectOf(Key: string): Promise<string | undefined> {
  try {
    return await (await s3.send(new GetObjectCommand({ Bucket: states(), Key }))).Body?.transformToString();
  } catch (cause) {
    if (cause instanceof Error && cause.name === "NoSuchKey") return undefined;
    throw cause;
  }
}

/** The answers that builds of a kind are to get, by what they try. */
function expected(kind: Kind): Answers {
  const tries = triesOf(placeOf("req_a", "req_b")).map(({ what, may, answer = "done" }) => [
    what,
    may.includes(kind) ? answer : "refused",
  ]);
  return Object.fromEntries(tries);
}

function placeOf(victim: string, honest: string): Place {
  const { cloud } = flow;
  const outputs = cloud.outputs() as Readonly<Record<string, string>> & Pick<Place, "tables" | "buildsTables">;
  return {
    environment: "sandbox",
    victim,
    other: { environment: "staging", request: honest },
    tables: outputs.tables,
    buildsTables: outputs.buildsTables,
    buckets: {
      jobs: String(outputs.jobsBucket),
      states: String(outputs.statesBucket),
      releases: String(outputs.releasesBucket),
      directory: String(outputs.directoryBucket),
    },
    bus: String(outputs.bus),
    grantKey: String(outputs.grantKey),
    secret: String(outputs.slackBotSecret),
    queueUrl: (name) => `${cloud.front.url}/000000000000/sluice-local-${name}`,
  };
}

/**
 * Each build of the liar's tries everything and lies about the victim's job of its kind, at the moment when a genuine build of the victim's is about to take its
 * lease. That one goes on when it is done; of a check, only at the end.
 *
 * @returns what each kind of build was answered
 */
function attackedBy(liar: string, { victim, honest }: Readonly<Record<"victim" | "honest", string>>) {
  const place = placeOf(victim, honest);
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const answered = (kind: Kind): Promise<Answers> => {
    const [moment, answers] = [join(folder, `moment-${kind}`), join(folder, `answers-${kind}.json`)];
    const { key, owner } = jobKinds[kind];
    const { environment, buildsTables, buckets } = place;
    const lied = { table: buildsTables[owner], bucket: buckets.jobs, environment, kind: key, job: jobOf(victim, kind) };
    const does = [{ moment, answers, kind }, triesOf(place), lied].map((each) => JSON.stringify(each)).join(", ");
    const program = pathToFileURL(join(import.meta.dirname, "lying-build.ts"));
    changeRunner(
      flow,
      liar,
      kind,
      mkdtempSync(join(folder, "runner-")),
      `await (await import("${program}")).attack(${does});`,
    );
    const done = eventually(`a ${kind} to have tried`, async () => existsSync(answers), Boolean, WHOLE_FLOW_MS);
    done.catch(() => undefined); // Told where it is awaited.
    atItsLease(victim, kind, async () => {
      writeFileSync(moment, "");
      await (kind === "check" ? ended : done);
    });
    return done.then(() => JSON.parse(readFileSync(answers, "utf8")));
  };
  return {
    plan: answered("plan"),
    apply: answered("apply"),
    configure: answered("configure"),
    check: answered("check"),
    end: () => end(),
  };
}

/** For what comes at a flow's end; its own waits end before. */
const WHOLE_FLOW_MS = 600_000;

const targets = Object.values(environments).map(({ account }) => account);
const READING = /^(Describe|Get|List|Head|BatchGet|AssumeRole)/;

/** A build of the request is about to read its job's item, and has not taken its lease. */
function atItsLease(request: string, kind: Kind, act: () => Promise<unknown>): void {
  flow.cloud.front.faults.add({
    name: `a genuine build of ${kind} stands still`,
    when: "before",
    matches: (call) => call.action === "GetItem" && callerOf(flow, request, kind, call) !== undefined,
    times: 1,
    do: act,
  });
}

/** How often a service's functions have counted this. */
function counted(service: Service, metric: string): number {
  return flow.logged().filter((line) => line.includes(`"service":"${service}"`) && line.includes(`"${metric}":1`))
    .length;
}

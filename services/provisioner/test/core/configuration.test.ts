import { virtualMachine } from "@sluice/blueprints";
import {
  EnvironmentName,
  type EventOf,
  type RequestPaused,
  StepName,
  WorkspaceName,
  type WorkspaceRequested,
} from "@sluice/events";
import { digestOf, type GrantClaims, grantedPlan } from "@sluice/steps";
import { describe, expect, test } from "vitest";
import { configurationStep } from "../../src/core/configuration-step.ts";
import { settleHeard } from "../../src/core/settle.ts";
import { freeOnPause, requestWorkspace } from "../../src/core/workspace-due.ts";
import {
  applyOutput,
  grantFor,
  idOf,
  itineraryOf,
  planOutput,
  requestIdOf,
  slipAfter,
  type World,
  world,
} from "../factories.ts";
import {
  accepted,
  applied,
  applyAsked,
  configurationAsked,
  configurationRequest,
  jtiOf,
  lastBuild,
  planned,
  typesOf,
} from "./walk.ts";

/** A machine was applied; its configuration comes next. */
async function machine(hosts: "none" | "ssh" = "ssh") {
  const made = world();
  const sluice: World = { ...made, ports: { ...made.ports, hosts } };
  const itinerary = { ...itineraryOf(), steps: virtualMachine.steps as never };
  await applied(sluice, itinerary, await planned(sluice, await accepted(sluice, itinerary)));
  sluice.published.length = 0;
  return { sluice, itinerary, builds: sluice.builds.started.length };
}
const workspaceOf = (sluice: World) => sluice.store.workspace("staging", "probe-smoke");
const refused = {
  outcome: "failed",
  code: "plan_changed",
  sentence: "Nothing was changed.",
  repeatable: true,
  seconds: 1,
  clean: true,
} as const;
const done = { outcome: "completed", output: { ran: true, hosts: 1, changed: 7, ok: 21 }, seconds: 9 } as const;

/** An apply whose own plan was not the approved one. */
async function applyRefused(sluice: World, itinerary: Awaited<ReturnType<typeof accepted>>): Promise<void> {
  const build = await applyAsked(sluice, itinerary, await planned(sluice, itinerary));
  await build.lease();
  await build.report({ ...refused, code: "plan_changed" });
  sluice.builds.end(build.build);
  await settleHeard(sluice.ports, build.job);
}

describe("a configuration", () => {
  test("runs in one build that is told what the apply left, and the check comes next", async () => {
    const { sluice, itinerary, builds } = await machine();

    const build = await configurationAsked(sluice, itinerary);
    await build.lease();
    await build.report(done);
    await settleHeard(sluice.ports, build.job);

    expect(sluice.builds.started).toHaveLength(builds + 1);
    expect(sluice.objects.inputs.at(-1)).toMatchObject({
      kind: "configuration",
      playbook: "virtual-machine",
      hosts: "ssh",
      outputs: applyOutput().outputs,
      variables: { name: "smoke" },
    });
    expect(typesOf(sluice)).toEqual(["configuration.completed.v1", "scan.requested.v1"]);
  });

  test("is said to be skipped, without a build, where an installation has no hosts", async () => {
    const { sluice, itinerary, builds } = await machine("none");

    await configurationAsked(sluice, itinerary);

    expect(sluice.builds.started).toHaveLength(builds);
    expect(sluice.published[0]).toMatchObject({
      type: "configuration.completed.v1",
      data: { output: { ran: false, reason: "This installation has no hosts." } },
    });
  });

  test("of the build itself needs no hosts", async () => {
    const sluice = world();
    const itinerary = await accepted(sluice);
    await applied(sluice, itinerary, await planned(sluice, itinerary));

    await configurationAsked(sluice, itinerary);

    expect(sluice.objects.inputs.at(-1)).toMatchObject({ kind: "configuration", playbook: "probe", hosts: "none" });
    expect(sluice.objects.inputs.at(-1)).not.toHaveProperty("outputs");
  });

  test("whose build is killed has failed, and is not started again by itself", async () => {
    const { sluice, itinerary, builds } = await machine();
    const build = await configurationAsked(sluice, itinerary);
    await build.lease();

    sluice.builds.end(build.build);
    await settleHeard(sluice.ports, build.job);
    await configurationStep(sluice.ports, configurationRequest(itinerary));

    expect(sluice.builds.started).toHaveLength(builds + 1);
    expect(sluice.published.at(-1)).toMatchObject({
      type: "configuration.failed.v1",
      data: { code: "interrupted", repeatable: true },
    });
  });

  test("that is asked for again while its build is at work is answered, and starts no other", async () => {
    const { sluice, itinerary, builds } = await machine();
    await configurationAsked(sluice, itinerary);

    await configurationStep(sluice.ports, configurationRequest(itinerary));

    expect(sluice.builds.started).toHaveLength(builds + 1);
    expect(sluice.published).toMatchObject([{ type: "step.suspended.v1", data: { waitsFor: "build" } }]);
  });

  test("does not run beside another of the same request", async () => {
    const { sluice, itinerary, builds } = await machine();
    await (await configurationAsked(sluice, itinerary)).lease();

    await configurationStep(sluice.ports, configurationRequest(itinerary, applyOutput(), 2));

    expect(sluice.builds.started).toHaveLength(builds + 1);
    expect(typesOf(sluice)).toEqual([]);
  });
});

describe("Configure again", () => {
  const pause = (itinerary: ReturnType<typeof itineraryOf>) => ({
    request: itinerary.request,
    reason: "configuration_failed" as const,
    step: "configure",
    attempt: 1,
  });
  const wanted = (itinerary: ReturnType<typeof itineraryOf>) =>
    ({
      type: "workspace.requested.v1",
      metadata: { id: idOf("again"), correlationId: itinerary.request, actor: "person_ada" },
      data: { request: itinerary.request, step: "configure", attempt: 2 },
    }) as unknown as EventOf<typeof WorkspaceRequested>;

  async function failed() {
    const so = await machine();
    const build = await configurationAsked(so.sluice, so.itinerary);
    await build.lease();
    so.sluice.builds.end(build.build);
    await settleHeard(so.sluice.ports, build.job);
    await freeOnPause(so.sluice.ports, pause(so.itinerary) as EventOf<typeof RequestPaused>["data"]);
    so.sluice.published.length = 0;
    return so;
  }

  test("runs the same again in the workspace that it takes again", async () => {
    const { sluice, itinerary, builds } = await failed();
    expect((await workspaceOf(sluice))?.holder).toBeUndefined();

    await requestWorkspace(sluice.ports, wanted(itinerary));
    await configurationStep(sluice.ports, configurationRequest(itinerary, applyOutput(), 2));
    await configurationStep(sluice.ports, configurationRequest(itinerary, applyOutput(), 2));

    expect(sluice.builds.started).toHaveLength(builds + 2);
    expect(lastBuild(sluice).job).toMatch(/_configure_2$/);
    expect(typesOf(sluice)).toEqual(["workspace.taken.v1", "step.suspended.v1"]);
  });

  test("is not run by an event alone: the workspace is somebody else's by then", async () => {
    const { sluice, itinerary, builds } = await failed();

    await expect(
      configurationStep(sluice.ports, configurationRequest(itinerary, applyOutput(), 2)),
    ).rejects.toMatchObject({ code: "workspace_not_held" });

    expect(sluice.builds.started).toHaveLength(builds + 1); // The first attempt's.
  });
});

test("a stopped apply keeps its workspace while it waits: the new plan needs it as it is", async () => {
  const sluice = world();
  const itinerary = await accepted(sluice);
  const build = await applyAsked(sluice, itinerary, await planned(sluice, itinerary));
  await build.lease();
  await build.report(refused);
  sluice.builds.end(build.build);
  await settleHeard(sluice.ports, build.job);
  const paused = { request: itinerary.request, step: "apply", attempt: 1, reason: "needs_replan" };

  await freeOnPause(sluice.ports, paused as EventOf<typeof RequestPaused>["data"]);

  expect((await workspaceOf(sluice))?.holder?.request).toBe(itinerary.request);
});

test("an apply that began nothing, because its plan was not the approved one, lets others go on", async () => {
  const sluice = world();
  const itinerary = await accepted(sluice);
  await applyRefused(sluice, itinerary);
  const paused = { request: itinerary.request, step: "apply", attempt: 1, reason: "plan_changed" };

  await freeOnPause(sluice.ports, paused as EventOf<typeof RequestPaused>["data"]);

  const workspace = await workspaceOf(sluice);
  expect(workspace).toMatchObject({ epoch: 0 });
  expect(workspace).not.toHaveProperty("holder");
  expect(workspace).not.toHaveProperty("blocked");
});

test("a pause that is heard only when the plan was made again frees nothing", async () => {
  const sluice = world();
  const itinerary = await accepted(sluice);
  await applyRefused(sluice, itinerary);
  await planned(sluice, itinerary, 2);
  const paused = { request: itinerary.request, step: "apply", attempt: 1, reason: "plan_changed" };

  await freeOnPause(sluice.ports, paused as EventOf<typeof RequestPaused>["data"]);

  expect((await workspaceOf(sluice))?.holder?.request).toBe(itinerary.request);
});

describe("a forged configuration is parked, starts nothing, and the real one goes on", () => {
  test("before anything was applied", async () => {
    const sluice = world();
    const itinerary = await accepted(sluice);
    await planned(sluice, itinerary);

    await expect(configurationStep(sluice.ports, configurationRequest(itinerary))).rejects.toMatchObject({
      code: "nothing_applied",
    });
  });

  test("with other hosts than the apply made", async () => {
    const { sluice, itinerary, builds } = await machine();

    await expect(
      configurationStep(sluice.ports, configurationRequest(itinerary, { ...applyOutput(), hosts: 7 })),
    ).rejects.toMatchObject({ code: "hosts_changed" });

    expect(sluice.builds.started).toHaveLength(builds);
    await configurationAsked(sluice, itinerary);
    expect(sluice.builds.started).toHaveLength(builds + 1);
  });

  test("after an apply whose grant no build has spent", async () => {
    const { sluice, itinerary, builds } = await machine();
    const store = { ...sluice.store, spentGrant: async () => undefined };

    await expect(configurationStep({ ...sluice.ports, store }, configurationRequest(itinerary))).rejects.toMatchObject({
      code: "grant_not_spent",
    });

    expect(sluice.builds.started).toHaveLength(builds);
  });

  /** What each claim of the apply's own grant might say instead, however genuine its signature is. */
  const otherClaims: [string, Partial<GrantClaims>][] = [
    ["request", { request: requestIdOf("req_donor0001") }],
    ["itinerary", { itinerary: digestOf("another") }],
    ["environment", { environment: EnvironmentName.parse("sandbox") }],
    ["workspace", { workspace: WorkspaceName.parse("probe-donor") }],
    ["gate", { gate: { step: StepName.parse("another"), attempt: 1 } }],
    ["plan", { plan: { ...grantedPlan({ step: StepName.parse("plan"), attempt: 2 }, planOutput()) } }],
    ["number", { jti: digestOf("another") }],
  ];

  test.each(otherClaims)("after an apply whose grant is genuine and of another %s", async (_, change) => {
    const { sluice, itinerary, builds } = await machine();
    const grant = await grantFor(itinerary, planOutput(), { now: sluice.clock.now, change });
    const { jti = jtiOf(itinerary) } = change;
    const slip = slipAfter(itinerary, [["approve", 1, { grant, decidedBy: ["person_carol"] }]]);
    sluice.store.items.set(`staging#${itinerary.request} slip#apply#1`, { slip });
    const spent = await sluice.store.spentGrant("staging", jtiOf(itinerary));
    sluice.store.items.set(`staging#grant#${jti} grant`, { ...spent, jti });

    await expect(configurationStep(sluice.ports, configurationRequest(itinerary))).rejects.toMatchObject({
      code: "grant_not_spent",
    });

    expect(sluice.builds.started).toHaveLength(builds);
  });

  test("in a workspace whose epoch has moved since", async () => {
    const { sluice, itinerary, builds } = await machine();
    const before = await workspaceOf(sluice);
    if (!before) throw new Error("no workspace");
    await sluice.store.commit([{ is: "workspace", before, after: { ...before, epoch: before.epoch + 1 } }]);

    await expect(configurationStep(sluice.ports, configurationRequest(itinerary))).rejects.toMatchObject({
      code: "workspace_changed",
    });

    expect(sluice.builds.started).toHaveLength(builds);
  });

  test("and a workspace that is taken between look and claim is seen", async () => {
    const { sluice, itinerary, builds } = await machine();
    let meddled = false;
    const store: typeof sluice.store = {
      ...sluice.store,
      async commit(changes) {
        const before = await workspaceOf(sluice);
        if (!meddled && before && changes.some(({ is }) => is === "workspace")) {
          meddled = true;
          await sluice.store.commit([{ is: "workspace", before, after: { ...before, epoch: before.epoch + 1 } }]);
        }
        return sluice.store.commit(changes);
      },
    };

    await expect(configurationStep({ ...sluice.ports, store }, configurationRequest(itinerary))).rejects.toMatchObject({
      code: "workspace_changed",
    });

    expect(sluice.builds.started).toHaveLength(builds);
  });
});

import { type SpentGrant, tellProgress } from "@sluice/jobs";
import { digestOf } from "@sluice/steps";
import { describe, expect, test } from "vitest";
import { planStep } from "../../src/core/plan-step.ts";
import { settleHeard, settleRequest } from "../../src/core/settle.ts";
import {
  applyOutput,
  buildOf,
  itineraryOf,
  planOutput,
  requestIdOf,
  slipAfter,
  stepRequest,
  type World,
  world,
} from "../factories.ts";
import { accepted, applyAsked, jtiOf, lastBuild, planned, typesOf, unknownBuild } from "./walk.ts";

const itinerary = itineraryOf();
const ask = (sluice: World) => planStep(sluice.ports, stepRequest(slipAfter(itinerary), "plan"));
async function planAsked() {
  const sluice = world();
  await accepted(sluice, itinerary);
  await ask(sluice);
  sluice.published.length = 0;
  return sluice;
}
const made = () => ({ outcome: "completed", output: planOutput(0), seconds: 3 }) as const;

describe("a plan's builds", () => {
  test("a start whose answer is lost is asked for again under its own number", async () => {
    const sluice = world();
    await accepted(sluice, itinerary);
    sluice.builds.next.fail = new Error("the answer was lost");
    await expect(ask(sluice)).rejects.toThrow("the answer was lost");
    delete sluice.builds.next.fail;

    await ask(sluice);

    expect(sluice.builds.started).toMatchObject([{ number: 1 }]);
  });

  test("a build that died before its first act is followed by another, three in all", async () => {
    const sluice = await planAsked();

    for (let builds = 1; builds <= 3; builds += 1) {
      expect(sluice.builds.started).toHaveLength(builds);
      sluice.builds.end(lastBuild(sluice).build);
      await settleHeard(sluice.ports, lastBuild(sluice).job);
    }

    expect(sluice.builds.started).toHaveLength(3);
    expect(sluice.published).toMatchObject([{ type: "plan.failed.v1", data: { code: "could_not_start" } }]);
  });

  test("a start that CodeBuild refuses for good counts as one of three", async () => {
    const sluice = world();
    await accepted(sluice, itinerary);
    sluice.builds.next.refuse = "ResourceNotFoundException";

    await ask(sluice);

    expect(sluice.published).toMatchObject([{ type: "plan.failed.v1", data: { code: "could_not_start" } }]);
  });

  test("a missing release is told as that, and nothing is started again", async () => {
    const sluice = await planAsked();
    const { job, build } = lastBuild(sluice);
    sluice.objects.refusals.set(job, { reason: "release_changed" });
    sluice.builds.end(build);

    await settleHeard(sluice.ports, job);

    expect(sluice.published).toMatchObject([
      { type: "plan.failed.v1", data: { code: "release_changed", repeatable: false } },
    ]);
    expect(sluice.builds.started).toHaveLength(1);
  });

  test("a lease is taken from a build that died without a word, and the next build knows when that one lived", async () => {
    const sluice = await planAsked();
    const dead = lastBuild(sluice);
    await dead.lease();
    sluice.builds.end(dead.build);

    await settleHeard(sluice.ports, dead.job);

    const next = lastBuild(sluice);
    expect(next.build).not.toBe(dead.build);
    expect(await next.lease()).toMatchObject({ lastBuild: { build: dead.build, startedAt: 1_000, endedAt: 2_000 } });
    expect(await dead.report(made())).toBe("leased_by_another");
  });

  test("of two builds of one job the second finds the lease taken", async () => {
    const sluice = await planAsked();
    const { job, ...build } = lastBuild(sluice);
    const twin = buildOf(sluice, job, unknownBuild);

    await twin.lease();

    expect(await build.lease()).toBe("leased_by_another");
  });

  test("a build's early or doubled event changes nothing while it is at work", async () => {
    const sluice = await planAsked();
    const { job, lease } = lastBuild(sluice);
    await lease();

    await settleHeard(sluice.ports, job);
    await settleHeard(sluice.ports, job);

    expect(typesOf(sluice)).toEqual([]);
    expect(sluice.builds.started).toHaveLength(1);
  });

  test("a lost event is made up for by a sweep", async () => {
    const sluice = await planAsked();
    const build = lastBuild(sluice);
    await build.lease();
    await build.report(made());

    await settleRequest(sluice.ports, "staging", itinerary.request);

    expect(typesOf(sluice)).toEqual(["plan.completed.v1", "approval.requested.v1"]);
  });

  test("an outcome is told once, though the build's own report and CodeBuild's event both wake us", async () => {
    const sluice = await planAsked();
    const build = lastBuild(sluice);
    await build.lease();
    await build.report(made());

    await settleHeard(sluice.ports, build.job);
    await settleHeard(sluice.ports, build.job);

    expect(typesOf(sluice)).toEqual(["plan.completed.v1", "approval.requested.v1"]);
  });

  test("an outcome that could not be published is told when the message comes again", async () => {
    const sluice = await planAsked();
    const build = lastBuild(sluice);
    await build.lease();
    await build.report(made());
    const noBus = { ...sluice.ports, publish: () => Promise.reject(new Error("no bus")) };

    await expect(settleHeard(noBus, build.job)).rejects.toThrow("no bus");
    await settleHeard(sluice.ports, build.job);

    expect(typesOf(sluice)).toEqual(["plan.completed.v1", "approval.requested.v1"]);
  });

  test("a result that is not the one reported is believed in nothing", async () => {
    const sluice = await planAsked();
    const build = lastBuild(sluice);
    await build.lease();
    await build.report(made());
    sluice.objects.results.clear();

    await settleHeard(sluice.ports, build.job);

    expect(sluice.published).toMatchObject([{ type: "plan.failed.v1", data: { code: "result_changed" } }]);
    expect(sluice.suspected).toEqual([`${build.job}: result_changed`]);
  });

  test("a plan that names another epoch than it was given is not believed", async () => {
    const sluice = await planAsked();
    const build = lastBuild(sluice);
    await build.lease();
    await build.report({ outcome: "completed", output: planOutput(4), seconds: 1 });

    await settleHeard(sluice.ports, build.job);

    expect(sluice.published).toMatchObject([{ type: "plan.failed.v1", data: { code: "result_changed" } }]);
  });

  test("what is no item of a job is put anew, counted as a start and for an alarm, and the plan is made", async () => {
    const sluice = await planAsked();
    const first = lastBuild(sluice);
    for (const name of sluice.store.items.keys())
      if (name.includes("#job#plan#")) sluice.store.items.set(name, { version: 1, state: { is: "applying" } });

    await settleHeard(sluice.ports, first.job);
    const second = lastBuild(sluice);
    await second.lease();
    await second.report(made());
    await settleHeard(sluice.ports, second.job);

    expect(sluice.builds.started.map(({ number }) => number)).toEqual([1, 2]);
    expect(sluice.suspected).toEqual([`${first.job}: item_unreadable`]);
    expect(typesOf(sluice)).toEqual(["plan.completed.v1", "approval.requested.v1"]);
  });

  test("an item that somebody else than its owner made void ends the job, and is counted for an alarm", async () => {
    const sluice = await planAsked();
    const { job } = lastBuild(sluice);
    for (const [name, item] of sluice.store.items)
      if (name.includes("#job#plan#")) sluice.store.items.set(name, { ...item, void: "closed" });

    await settleHeard(sluice.ports, job);

    expect(sluice.suspected).toEqual([`${job}: item_void`]);
    expect(sluice.published).toMatchObject([
      {
        type: "plan.failed.v1",
        data: {
          code: "could_not_start",
          sentence: "A build was started and it did not come to an end. Nothing was changed.",
        },
      },
    ]);
  });

  test("a lease of a build that CodeBuild does not know for this job is a dead build's", async () => {
    const sluice = await planAsked();
    const { job, build, lease } = lastBuild(sluice);
    await buildOf(sluice, job, unknownBuild).lease();
    sluice.builds.forget(unknownBuild);
    expect(await lease()).toBe("leased_by_another");

    await settleHeard(sluice.ports, job);

    expect(await lease()).toMatchObject({ state: { is: "running", build } });
  });

  test("only the lease's holder is quoted", async () => {
    const sluice = await planAsked();
    const build = lastBuild(sluice);
    await build.lease();
    const said = { job: build.job, sequence: 1, doing: "Reading the state" };

    await tellProgress(sluice.ports, "provisioner", { ...said, build: unknownBuild });
    await tellProgress(sluice.ports, "provisioner", { ...said, build: build.build });

    expect(sluice.published).toMatchObject([{ type: "job.progressed.v1", data: { doing: "Reading the state" } }]);
  });

  test("a step that is asked for again while its build is at work answers that it waits", async () => {
    const sluice = await planAsked();

    await ask(sluice);

    expect(sluice.published).toMatchObject([{ type: "step.suspended.v1", data: { waitsFor: "build" } }]);
  });
});

describe("an apply's builds", () => {
  test("an apply that refuses before it starts changes nothing and blocks nothing", async () => {
    const sluice = world();
    const output = await planned(sluice, await accepted(sluice, itinerary));
    const build = await applyAsked(sluice, itinerary, output);
    await build.lease();
    await build.report({
      outcome: "failed",
      code: "nothing_changed",
      sentence: "The workspace was changed.",
      repeatable: true,
      seconds: 1,
      clean: true,
    });
    sluice.published.length = 0;

    await settleHeard(sluice.ports, build.job);

    expect(typesOf(sluice)).toEqual(["apply.failed.v1"]);
    expect((await sluice.store.workspace("staging", "probe-smoke"))?.blocked).toBeUndefined();
  });

  test("an apply whose own plan was not the approved one tells the next apply where it differed", async () => {
    const sluice = world();
    await accepted(sluice, itinerary);
    const build = await applyAsked(sluice, itinerary, await planned(sluice, itinerary));
    await build.lease();
    const differs = digestOf(["aws_a.x: tags.created_by"]);
    const sentence = "Something moved since the plan was approved. Nothing was changed.";
    const refused = { outcome: "failed", code: "plan_changed", sentence, repeatable: true, seconds: 1, clean: true };
    await build.report({ ...refused, differs } as const as never);
    await settleHeard(sluice.ports, build.job);

    const output = await planned(sluice, itinerary, 3); // The second plan has failed, say.
    const next = await applyAsked(sluice, itinerary, output, 3);

    const inputOf = (job: string) => sluice.objects.inputs.find((input) => input.job === job);
    expect(inputOf(build.job)).toMatchObject({ differedBefore: undefined });
    expect(inputOf(next.job)).toMatchObject({
      differedBefore: differs,
      searchOrphans: false,
      variables: itinerary.parameters,
    });
  });

  test("an apply that says it is done and never started is not believed", async () => {
    const sluice = world();
    const output = await planned(sluice, await accepted(sluice, itinerary));
    const build = await applyAsked(sluice, itinerary, output);
    await build.lease();
    await build.report({ outcome: "completed", output: { epoch: 1 } as never, seconds: 1 });
    sluice.published.length = 0;

    await settleHeard(sluice.ports, build.job);

    expect(sluice.published).toMatchObject([{ type: "apply.failed.v1", data: { code: "result_changed" } }]);
  });

  const other = { build: unknownBuild, request: requestIdOf("req_another1"), job: "apply#2" } as const;
  test.each<[string, (own: SpentGrant) => SpentGrant | undefined]>([
    ["that nobody has spent", () => undefined],
    ["that another build has spent", (own) => ({ ...own, build: other.build })],
    ["that was spent for another request", (own) => ({ ...own, request: other.request })],
    ["that was spent for another job", (own) => ({ ...own, job: other.job })],
  ])(
    "an apply that says it is done, with a grant %s, is not believed, and nobody else may apply there",
    async (_, spentBy) => {
      const sluice = world();
      const output = await planned(sluice, await accepted(sluice, itinerary));
      const { job, build, lease, report } = await applyAsked(sluice, itinerary, output);
      const { environment, request } = itinerary;
      const own = { environment, jti: jtiOf(itinerary), request, job: "apply#1", build, at: 0 } as SpentGrant;
      await lease();
      for (const [name, item] of sluice.store.items)
        if (name.includes("#job#apply#"))
          sluice.store.items.set(name, { ...item, state: { is: "applying", build, since: 0 } });
      const spent = spentBy(own);
      if (spent) await sluice.store.commit([{ is: "grant", spent }]);
      await report({ outcome: "completed", output: applyOutput(), seconds: 1 });
      sluice.published.length = 0;

      await settleHeard(sluice.ports, job);

      expect(typesOf(sluice)).toEqual(["apply.failed.v1", "workspace.blocked.v1"]);
      expect(sluice.published[0]?.data).toMatchObject({ code: "result_changed" });
      expect((await sluice.store.request(environment, request))?.jobs["apply#1"]?.applied).toEqual({
        build,
        clean: false,
      });
    },
  );
});

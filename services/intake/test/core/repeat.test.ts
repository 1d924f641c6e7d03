import {
  ApprovalDenied,
  ApprovalOpened,
  apply,
  configuration,
  RepetitionRefused,
  RepetitionSubmitted,
  WorkspaceRefused,
  WorkspaceTaken,
} from "@sluice/events";
import { describe, expect, it } from "vitest";
import { hear } from "../../src/core/hear.ts";
import { proposeByPerson } from "../../src/core/propose.ts";
import { repeat, repeatInWorkspace, undoRepeat } from "../../src/core/repeat.ts";
import {
  acceptedSlip,
  failure,
  gate,
  heardBack,
  noon,
  outcomes,
  proposed,
  request,
  slackUsers,
  step,
  team,
  told,
  world,
} from "../factories.ts";

const click = (name: string, user: string, given: { attempt?: number; cause?: string } = {}) =>
  told(
    RepetitionSubmitted,
    { ...step(name, given.attempt), who: { team, user }, signedAt: new Date(noon).toISOString() },
    { cause: given.cause ?? `${name} ${user}` },
  );
const opened = told(ApprovalOpened, {
  ...gate(),
  of: { step: "plan", attempt: 1 },
  approvers: [],
  groups: ["infrastructure"],
  needed: 1,
  until: new Date(noon).toISOString(),
  destructive: false,
  changeDigest: "0".repeat(64),
});

async function accepted() {
  const made = world();
  await proposeByPerson(made.ports, proposed());
  for (const own of made.take()) if (own.type === "plan.requested.v1") await hear(made.ports, heardBack(own));
  return made;
}

async function needsReplan() {
  const made = await accepted();
  await hear(made.ports, outcomes.plan());
  await hear(made.ports, outcomes.applyFailed());
  made.take();
  return made;
}

async function notConfigured() {
  const made = await accepted();
  await hear(made.ports, outcomes.apply());
  await hear(
    made.ports,
    told(configuration.requested, {
      ...step("configure"),
      slip: { ...acceptedSlip, log: [{ step: "apply", attempt: 1, output: {} }] },
    }),
  );
  await hear(made.ports, told(configuration.failed, { ...step("configure"), ...failure }));
  made.take();
  return made;
}

describe("Plan again", () => {
  it.each([slackUsers.ada, slackUsers.dan])(
    "asks for the next attempt after an apply that failed, for requester and operator (%s)",
    async (user) => {
      const { ports, published } = await needsReplan();

      await repeat(ports, click("plan", user));

      expect(published).toMatchObject([
        { type: "plan.requested.v1", data: { step: "plan", attempt: 2, slip: { log: [] } } },
      ]);
    },
  );

  it("is not hidden by an attempt that nobody asked for", async () => {
    const { ports, published, take } = await needsReplan();
    await hear(ports, told(apply.requested, { ...step("apply", 2), slip: acceptedSlip }, { cause: "forged" }));
    take();

    await repeat(ports, click("plan", slackUsers.ada));

    expect(published).toMatchObject([{ type: "plan.requested.v1", data: { attempt: 2 } }]);
  });

  it("while the gate is open is not hidden by an apply that was asked for before anybody approved", async () => {
    const { ports, published, take } = await accepted();
    await hear(ports, outcomes.plan());
    await hear(ports, opened);
    await hear(ports, told(apply.requested, { ...step("apply", 1), slip: acceptedSlip }, { cause: "forged" }));
    take();

    await repeat(ports, click("plan", slackUsers.ada));

    expect(published).toMatchObject([{ type: "plan.requested.v1", data: { attempt: 2 } }]);
  });

  it("is for the requester alone while the gate is open, and the old gate's end ends nothing any more", async () => {
    const { ports, take } = await accepted();
    await hear(ports, outcomes.plan());
    await hear(ports, opened);

    await repeat(ports, click("plan", slackUsers.dan));
    expect(take()).toMatchObject([{ type: "repetition.refused.v1", data: { code: "not_yours" } }]);
    await repeat(ports, click("plan", slackUsers.ada));
    expect(take()).toMatchObject([{ type: "plan.requested.v1", data: { attempt: 2 } }]);

    await hear(
      ports,
      told(ApprovalDenied, { ...gate(), how: "expired", deniedAt: new Date(noon).toISOString(), seconds: 1 }),
    );
    expect(take()).toEqual([]);
  });

  it("makes one attempt of two clicks, and the same of a redelivered one", async () => {
    const { ports, take } = await needsReplan();
    await repeat(ports, click("plan", slackUsers.ada));
    const [first] = take();

    await repeat(ports, click("plan", slackUsers.ada));
    expect(take()).toEqual([first]);
    await repeat(ports, click("plan", slackUsers.dan));
    expect(take()).toMatchObject([{ type: "repetition.refused.v1", data: { code: "older_attempt" } }]);
  });

  it("that the owner refuses leaves the request as it was, and the next one has a new number", async () => {
    const { ports, take } = await needsReplan();
    await repeat(ports, click("plan", slackUsers.ada));
    take();

    await undoRepeat(
      ports,
      told(
        RepetitionRefused,
        { ...step("plan", 2), code: "apply_under_way", sentence: "An apply is under way." },
        { source: "sluice.provisioner", cause: "owner" },
      ),
    );
    expect(take()).toMatchObject([
      { type: "repetition.refused.v1", data: { code: "apply_under_way", who: { user: slackUsers.ada } } },
    ]);

    await repeat(ports, click("plan", slackUsers.ada, { cause: "again" }));
    expect(take()).toMatchObject([{ type: "plan.requested.v1", data: { attempt: 3 } }]);
  });

  it.each([
    ["not_now", "plan", slackUsers.ada],
    ["older_attempt", "configure", slackUsers.ada],
    ["unknown_step", "nothing", slackUsers.ada],
    ["unknown_person", "plan", slackUsers.eve],
  ] as const)("is refused as %s: %s by %s", async (code, name, user) => {
    const { ports, published } = await accepted();

    await repeat(ports, click(name, user));

    expect(published).toMatchObject([{ type: "repetition.refused.v1", data: { code, who: { user } } }]);
  });
});

describe("Configure again", () => {
  it("takes the workspace first, then asks for the step with what was done before it", async () => {
    const { ports, take } = await notConfigured();

    await repeat(ports, click("configure", slackUsers.ada));
    expect(take()).toMatchObject([
      { type: "workspace.requested.v1", data: { ...step("configure", 2), workspace: "probe-smoke" } },
    ]);

    const taken = {
      request,
      environment: "staging",
      workspace: "probe-smoke",
      epoch: 1,
      step: "configure",
      attempt: 2,
    };
    await repeatInWorkspace(ports, told(WorkspaceTaken, taken, { cause: "taken" }));
    expect(take()).toMatchObject([
      { type: "configuration.requested.v1", data: { ...step("configure", 2), slip: { log: [{ step: "apply" }] } } },
    ]);
  });

  it("ends the request when the workspace was changed by another one: no repeat could ever be allowed", async () => {
    const { ports, take } = await notConfigured();
    await repeat(ports, click("configure", slackUsers.ada));
    take();

    const refused = {
      ...step("configure", 2),
      environment: "staging",
      workspace: "probe-smoke",
      sentence: "Changed since by another request.",
    };
    const event = told(WorkspaceRefused, refused, { source: "sluice.provisioner", cause: "refused" });
    await undoRepeat(ports, event);
    const owed = take();
    expect(owed).toMatchObject([
      { type: "repetition.refused.v1", data: { sentence: refused.sentence, who: { user: slackUsers.ada } } },
      { type: "request.failed.v1", data: { step: "configure", code: "workspace_changed", sentence: refused.sentence } },
    ]);

    await undoRepeat(ports, event);
    expect(take(), "what is delivered again is told again, as the same event").toMatchObject([{ id: owed[1]?.id }]);
    await repeat(ports, click("configure", slackUsers.ada, { cause: "again" }));
    expect(take()).toMatchObject([{ type: "repetition.refused.v1", data: { code: "closed" } }]);
  });

  it("asks for nothing when a workspace is taken for a first plan", async () => {
    const { ports, published } = await accepted();

    await repeatInWorkspace(
      ports,
      told(WorkspaceTaken, {
        request,
        environment: "staging",
        workspace: "probe-smoke",
        epoch: 0,
        step: "plan",
        attempt: 1,
      }),
    );

    expect(published).toEqual([]);
  });
});

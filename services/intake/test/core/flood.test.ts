import type { AnyEvent } from "@sluice/events";
import {
  ApprovalGranted,
  ApprovalOpened,
  ApprovalRequested,
  apply,
  ClosingRefused,
  configuration,
  DecisionRecorded,
  DecisionRefused,
  plan,
  RepetitionRefused,
  RepetitionSubmitted,
  RequestProposed,
  scan,
  UnlockRefused,
  WithdrawalSubmitted,
} from "@sluice/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toItem } from "../../src/adapters/request-items.ts";
import { refuseClosing, withdraw } from "../../src/core/close.ts";
import { hear } from "../../src/core/hear.ts";
import { proposeByPerson } from "../../src/core/propose.ts";
import { type Accepted, isAccepted, MAX_ATTEMPTS } from "../../src/core/record.ts";
import { repeat, undoRepeat } from "../../src/core/repeat.ts";
import { statusText } from "../../src/door/status.ts";
import {
  acceptedSlip,
  failure,
  gate,
  MINUTE,
  noon,
  outcomes,
  proposed,
  reader,
  request,
  slackUsers,
  step,
  team,
  told,
  world,
} from "../factories.ts";

const SECOND = 1_000;
const KB = 1_024;
type World = ReturnType<typeof world>;

async function accepted() {
  const made = world();
  await proposeByPerson(made.ports, proposed());
  made.take();
  return made;
}

const recordOf = ({ store }: World): Accepted => {
  const record = store.records.get(request);
  if (!record || !isAccepted(record)) throw new Error("The request was not accepted");
  return record;
};
const statusOf = async (here: World) =>
  statusText(recordOf(here), await here.store.facts(request), {
    people: reader.people,
    logUrl: (build) =>
      `https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/000000000000/projects/p/build/${build}`,
  });

const signedAt = new Date(noon).toISOString();
const by = (user: string) => ({ who: { team, user } });

/** One press of each button by somebody who may not, as intake hears of it; the answers of other services too. */
const presses: readonly ((user: string, at: number) => (here: World) => Promise<void>)[] = [
  (user, at) => (here) => {
    const data = { ...DecisionRefused.example, ...gate(), ...by(user), code: "not_an_approver" };
    return hear(here.ports, told(DecisionRefused, data, { at, actor: `slack:${team}/${user}` }) as AnyEvent);
  },
  (user, at) => (here) => {
    const data = { ...UnlockRefused.example, request, ...by(user) };
    return hear(here.ports, told(UnlockRefused, data, { at }) as AnyEvent);
  },
  (user, at) => (here) =>
    withdraw(
      here.ports,
      told(WithdrawalSubmitted, { request, ...by(user), signedAt, reason: "x".repeat(500) }, { at }),
    ),
  (user, at) => (here) =>
    repeat(here.ports, told(RepetitionSubmitted, { ...step("plan"), ...by(user), signedAt }, { at })),
  (user, at) => (here) => {
    const data = { ...step("plan"), code: "unknown_person", sentence: "Sluice does not know you.", ...by(user) };
    return undoRepeat(here.ports, told(RepetitionRefused, data, { at, source: "sluice.intake" }));
  },
  (user, at) => async (here) => {
    const other = { request, blueprint: "probe", environment: "staging", parameters: { name: `n${at}` } };
    here.clock.now = at;
    await proposeByPerson(here.ports, told(RequestProposed, { ...other, ...by(user), signedAt }, { at }));
  },
];

/** Until it waits at its gate with one of two approvals, and a first plan that was made again. */
const decided: readonly AnyEvent[] = [
  outcomes.plan(),
  told(ApprovalOpened, { ...ApprovalOpened.example, ...gate() }, { at: noon + 2 * MINUTE }),
  told(
    DecisionRecorded,
    { ...gate(), by: "person_carol", verdict: "approve", have: 1, needed: 2, at: signedAt },
    { at: noon + 3 * MINUTE },
  ),
];

describe("a flood of clicks that come to nothing", () => {
  it("adds one fact for each person and kind, however often they press", async () => {
    const here = await accepted();
    for (const event of decided) await hear(here.ports, event);
    const before = here.store.kept.size;
    const users = ["U1A", "U2B", "U3C"];

    for (let n = 0; n < 100; n++)
      for (const user of users) for (const press of presses) await press(user, noon + 10 * MINUTE + n * SECOND)(here);

    expect(here.store.kept.size - before).toBe(users.length * presses.length);
    expect(JSON.stringify(toItem(recordOf(here))).length).toBeLessThan(8 * KB);
  });

  it("leaves every decision and outcome in the status, whoever presses what and in whatever order", async () => {
    const quiet = await accepted();
    for (const event of decided) await hear(quiet.ports, event);
    const lines = (await statusOf(quiet)).split("\n");
    const kept = lines.filter((line) => /asked for it|Plan is done|approved, 1 of 2/.test(line));
    expect(kept).toHaveLength(3);
    const flood = Array.from({ length: 400 }, (_, n) => {
      const press = presses[n % presses.length];
      return press?.(`U${n % 90}X`, noon + 4 * MINUTE + n * SECOND);
    });

    const statuses = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...decided, ...flood], { minLength: 403 }), async (order) => {
        const here = await accepted();
        for (const each of order)
          if (typeof each === "function") await each(here);
          else if (each) await hear(here.ports, each);
        statuses.add(await statusOf(here));
      }),
      { numRuns: 10 },
    );

    expect(statuses.size).toBe(1);
    const [status = ""] = statuses;
    expect(status.split("\n")).toEqual(expect.arrayContaining(kept));
    expect(status).toMatch(/\n\d+ more are left out: nothing was decided or done in them\.\n/);
    expect(status.length).toBeLessThanOrEqual(12_000);
  });

  it("of a requester who withdraws too late again and again is two facts", async () => {
    const here = await accepted();
    const before = here.store.kept.size;

    for (let n = 0; n < 50; n++) {
      await withdraw(
        here.ports,
        told(WithdrawalSubmitted, { request, ...by(slackUsers.ada), signedAt }, { at: noon + n }),
      );
      const [asked] = here.take();
      await refuseClosing(
        here.ports,
        told(ClosingRefused, { request, code: "applying" }, { causationId: asked?.id ?? "", at: noon + n }),
      );
      here.take();
    }

    expect(here.store.kept.size - before).toBe(2);
  });

  it("reads as one line with a count where neighbours say the same", async () => {
    const here = await accepted();
    for (const [n, user] of ["U1A", "U2B", "U3C"].entries())
      await hear(
        here.ports,
        told(UnlockRefused, { ...UnlockRefused.example, request, ...by(user) }, { at: noon + n * MINUTE }) as AnyEvent,
      );

    const lines = (await statusOf(here)).split("\n").filter((line) => line.includes("Not unlocked"));

    expect(lines).toEqual([
      expect.stringMatching(/Not unlocked: `Only operators can unlock a workspace\.` · 3 times, last </),
    ]);
  });
});

/** An attempt of everything, as long as events let it be, which ends in a failed check. */
function attempt(n: number): AnyEvent[] {
  const at = noon + n * 60 * MINUTE;
  const build = `sluice-test-plan-staging:6b0a2f0e-51c5-4f0a-8b8e-3a9a4b0c1d2e`;
  const ended = { seconds: 4, build };
  const asked = (
    definition: typeof plan.requested | typeof ApprovalRequested | typeof apply.requested | typeof scan.requested,
    name: string,
    after: number,
  ) => told(definition as typeof plan.requested, { ...step(name, n), slip: acceptedSlip }, { at: at + after });
  return [
    asked(plan.requested, "plan", 0),
    told(plan.completed, { ...step("plan", n), output: plan.example, ...ended }, { at: at + 1 }),
    asked(ApprovalRequested, "approve", 2),
    told(ApprovalOpened, { ...ApprovalOpened.example, ...gate(n) }, { at: at + 3 }),
    ...[1, 2, 3, 4, 5].map((have) =>
      told(
        DecisionRecorded,
        { ...gate(n), by: `person_${"x".repeat(30)}${have}`, verdict: "approve", have, needed: 5, at: signedAt },
        { at: at + 3 + have },
      ),
    ),
    told(
      ApprovalGranted,
      {
        ...gate(n),
        grant: "a.b.c",
        decidedBy: [1, 2, 3, 4, 5].map((m) => `person_${"x".repeat(30)}${m}`),
        grantedAt: signedAt,
        seconds: 5,
      },
      { at: at + 9 },
    ),
    asked(apply.requested, "apply", 10),
    told(apply.completed, { ...step("apply", n), output: apply.example, ...ended }, { at: at + 11 }),
    told(
      configuration.completed,
      { ...step("configure", n), output: { ran: true, hosts: 1, changed: 1, ok: 1 }, ...ended },
      { at: at + 12 },
    ),
    asked(scan.requested, "check", 13),
    told(
      scan.failed,
      { ...step("check", n), code: "controls_failed", sentence: "<&> ".repeat(250), repeatable: true, ...ended },
      { at: at + 14 },
    ),
  ] as AnyEvent[];
}

/** As if the requester had had a step done again until this attempt. */
function repeated(here: World, name: string, last: number): void {
  const record = recordOf(here);
  const repeats = Array.from({ length: last - 1 }, (_, n) => ({
    ...step(name, n + 2),
    asked: outcomes.plan(n + 1).metadata.id,
    by: record.itinerary.requester,
    who: { team, user: slackUsers.ada },
    at: noon,
  }));
  here.store.records.set(request, { ...record, repeats });
}

describe("a request's attempts", () => {
  it("are at most twenty: the last one that fails ends it, and says why", async () => {
    const here = await accepted();
    await hear(here.ports, outcomes.plan());
    await hear(here.ports, outcomes.applyFailed());

    for (let n = 2; n <= MAX_ATTEMPTS; n++) {
      expect(recordOf(here).end).toBeUndefined();
      await repeat(here.ports, told(RepetitionSubmitted, { ...step("plan", n - 1), ...by(slackUsers.ada), signedAt }));
      await hear(here.ports, outcomes.plan(n));
      await hear(here.ports, outcomes.applyFailed(n));
    }

    expect(recordOf(here).repeats).toHaveLength(MAX_ATTEMPTS - 1);
    expect(here.published.at(-1)).toMatchObject({
      type: "request.failed.v1",
      data: {
        step: "apply",
        attempt: 20,
        sentence: expect.stringMatching(/^This was attempt 20, and a request has no more\. It did not work\./),
      },
    });
  });

  it("are at most twenty: when the last one is not even made, that is the end", async () => {
    const here = await accepted();
    await hear(here.ports, outcomes.apply());
    await hear(here.ports, told(scan.failed, { ...step("check"), ...failure }));
    repeated(here, "check", MAX_ATTEMPTS);
    const refused = { ...step("check", MAX_ATTEMPTS), code: "apply_under_way", sentence: "An apply is under way." };

    await undoRepeat(here.ports, told(RepetitionRefused, refused, { source: "sluice.provisioner" }));

    expect(here.published.slice(-2)).toMatchObject([
      { type: "repetition.refused.v1", data: { who: { user: slackUsers.ada } } },
      { type: "request.failed.v1", data: { code: "too_many_attempts", step: "check" } },
    ]);
  });

  it("are at most twenty: at a gate another plan is refused, and the gate stays open", async () => {
    const here = await accepted();
    repeated(here, "plan", MAX_ATTEMPTS);
    await hear(here.ports, outcomes.plan(MAX_ATTEMPTS));
    await hear(here.ports, told(ApprovalOpened, { ...ApprovalOpened.example, ...gate(MAX_ATTEMPTS) }));

    await repeat(
      here.ports,
      told(RepetitionSubmitted, { ...step("plan", MAX_ATTEMPTS), ...by(slackUsers.ada), signedAt }),
    );

    expect(here.published.at(-1)).toMatchObject({ type: "repetition.refused.v1", data: { code: "too_many_attempts" } });
    expect(recordOf(here).repeats).toHaveLength(MAX_ATTEMPTS - 1);
    expect(recordOf(here).end).toBeUndefined();
  });

  it("leave all their decisions and outcomes in the status, in brief, within what Slack shows", async () => {
    const here = await accepted();
    repeated(here, "plan", MAX_ATTEMPTS);
    for (let n = 1; n <= MAX_ATTEMPTS; n++) for (const event of attempt(n)) await hear(here.ports, event);

    const status = await statusOf(here);

    const count = (pattern: RegExp) => status.match(pattern)?.length;
    expect(count(/Plan is done/g)).toBe(20);
    expect(count(/approved, \d of 5/g)).toBe(100);
    expect(count(/Approved by/g)).toBe(20);
    expect(count(/Apply is done/g)).toBe(20);
    expect(count(/Configure is done/g)).toBe(20);
    expect(count(/ {2}Check failed/g)).toBe(20);
    expect(status.length).toBeLessThan(40_000);
    expect(JSON.stringify(toItem(recordOf(here))).length).toBeLessThan(16 * KB);
  });

  it.each([
    ["a step that it does not have", { ...step("destroy"), output: plan.example, seconds: 1 }],
    ["an attempt that it cannot have", { ...step("plan", MAX_ATTEMPTS + 1), output: plan.example, seconds: 1 }],
  ])("are not filled with %s", async (_what, data) => {
    const here = await accepted();

    await expect(hear(here.ports, told(plan.completed, data))).rejects.toMatchObject({ code: "unknown_step" });
    expect([...here.store.kept.values()]).toEqual([]);
  });
});

import {
  ApprovalDenied,
  ClosingCompleted,
  PrincipalId,
  RepetitionSubmitted,
  scan,
  WithdrawalSubmitted,
  WorkspaceRefused,
} from "@sluice/events";
import { describe, expect, it } from "vitest";
import { finishClosing, withdraw } from "../../src/core/close.ts";
import { hear } from "../../src/core/hear.ts";
import { lookAgain } from "../../src/core/look-again.ts";
import type { Ports } from "../../src/core/ports.ts";
import { proposeByPerson } from "../../src/core/propose.ts";
import { repeat, undoRepeat } from "../../src/core/repeat.ts";
import {
  failure,
  gate,
  heardBack,
  MINUTE,
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

type Message = (ports: Ports) => Promise<void>;

const signedAt = new Date(noon).toISOString();
const by = (user: string) => ({ who: { team, user }, signedAt });
const propose: Message = (ports) => proposeByPerson(ports, proposed());
const again = told(RepetitionSubmitted, { ...step("plan"), ...by(slackUsers.ada) }, { cause: "again" });
const withdrawal = told(WithdrawalSubmitted, { request, ...by(slackUsers.ada) }, { cause: "back" });

const denied = (how: "rejected" | "expired") =>
  told(
    ApprovalDenied,
    {
      ...gate(),
      how,
      ...(how === "rejected" && { by: "person_carol", reason: "use the shared cluster" }),
      deniedAt: signedAt,
      seconds: 5,
    },
    { cause: how },
  );
const closed = told(ClosingCompleted, { request }, { cause: "closed" });
const overtaken = told(
  WorkspaceRefused,
  { ...step("check", 2), environment: "staging", workspace: "probe-smoke", sentence: "Changed since." },
  { source: "sluice.provisioner", cause: "overtaken" },
);

const stories: Readonly<Record<string, readonly Message[]>> = {
  done: [
    propose,
    ...[outcomes.plan(), outcomes.apply(), outcomes.check()].map(
      (event): Message =>
        (ports) =>
          hear(ports, event),
    ),
  ],
  "a failed plan": [propose, (ports) => hear(ports, outcomes.planFailed())],
  "a failed apply, planned again": [
    propose,
    (ports) => hear(ports, outcomes.plan()),
    (ports) => hear(ports, outcomes.applyFailed()),
    (ports) => repeat(ports, again),
  ],
  "a withdrawal": [propose, (ports) => withdraw(ports, withdrawal)],
  withdrawn: [propose, (ports) => withdraw(ports, withdrawal), (ports) => finishClosing(ports, closed)],
  rejected: [propose, (ports) => hear(ports, outcomes.plan()), (ports) => hear(ports, denied("rejected"))],
  expired: [propose, (ports) => hear(ports, outcomes.plan()), (ports) => hear(ports, denied("expired"))],
  overtaken: [
    propose,
    (ports) => hear(ports, outcomes.apply()),
    (ports) => hear(ports, told(scan.failed, { ...step("check"), ...failure }, { cause: "check failed" })),
    (ports) =>
      repeat(ports, told(RepetitionSubmitted, { ...step("check"), ...by(slackUsers.ada) }, { cause: "check" })),
    (ports) => undoRepeat(ports, overtaken),
  ],
  "nobody goes on": [
    propose,
    (ports) => hear(ports, outcomes.applyFailed()),
    (ports) => lookAgain({ ...ports, now: () => noon + 8 * 24 * 60 * MINUTE }, request),
  ],
};

/** Handles each message until it is handled, as a queue does. The n-th write or publish works and its answer is lost. */
async function run(messages: readonly Message[], deadAfter: number) {
  const { ports, store, published } = world();
  let calls = 0;
  const dying =
    <A extends unknown[], R>(call: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      const answer = await call(...given);
      if (++calls === deadAfter) throw new Error("killed");
      return answer;
    };
  const mortal: Ports = {
    ...ports,
    store: {
      ...store,
      putIfAbsent: dying(store.putIfAbsent),
      replace: dying(store.replace),
      replaceUsed: dying(store.replaceUsed),
      keep: dying(store.keep),
    },
    publish: dying(ports.publish),
  };
  for (const message of messages) await message(mortal).catch(() => message(mortal));
  const { version: _, ...used } = await store.used(PrincipalId.parse("person_ada"));
  return { ids: new Set(published.map(({ id }) => id)), end: store.records.get(request)?.end, used, calls };
}

describe("killed after any one write or publish, and handled again", () => {
  it.each(Object.keys(stories))("a request says the same, and what it has taken is the same: %s", async (name) => {
    const messages = stories[name] ?? [];
    const undisturbed = await run(messages, 0);
    expect(undisturbed.calls).toBeGreaterThan(2);
    expect(undisturbed.used.open, "an ended one has no place").toEqual(undisturbed.end ? [] : [request]);

    for (let deadAfter = 1; deadAfter <= undisturbed.calls; deadAfter++) {
      const disturbed = await run(messages, deadAfter);
      expect(disturbed.ids, `killed after call ${deadAfter}`).toEqual(undisturbed.ids);
      expect(disturbed.end).toEqual(undisturbed.end);
      expect(disturbed.used).toEqual(undisturbed.used);
    }
  });
});

describe("a finished request", () => {
  it("is not begun again by its own proposal, 30 days later", async () => {
    const { ports, clock, take } = world();
    await propose(ports);
    for (const own of take()) if (own.type === "plan.requested.v1") await hear(ports, heardBack(own));
    await hear(ports, outcomes.check());
    take();

    clock.now += 30 * 24 * 60 * MINUTE;
    await propose(ports);

    expect(take()).toEqual([]);
  });
});

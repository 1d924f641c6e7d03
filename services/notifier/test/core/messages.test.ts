import { type AnyEvent, type Pausing, PlanRisk, stepKinds, titleOf } from "@sluice/events";
import { actionIdOf } from "@sluice/slack";
import { type Picture, stepAt } from "@sluice/words/facts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { approvalMessage } from "../../src/core/approval-message.ts";
import { requestMessage } from "../../src/core/request-message.ts";
import { threadOf } from "../../src/core/thread.ts";
import {
  actionsIn,
  buttonsIn,
  event,
  itinerary,
  people,
  pictureAfter,
  planOf,
  planOutput,
  REQUEST,
  say,
  wholeStory,
  wordsOf,
} from "../factories.ts";

const pausing = Object.values(stepKinds).flatMap(({ kind, whenFailed }) =>
  whenFailed === "ends" ? [] : [{ kind, whenFailed: whenFailed as Pausing }],
);
const story = wholeStory();
const upTo = (type: string) => story.slice(0, story.findLastIndex((each) => each.type === type) + 1);
const shown = (picture: Picture) => wordsOf(requestMessage(picture, people));
const gateAt = (picture: Picture, attempt = 1) =>
  approvalMessage(picture, stepAt(picture.facts, "approve", "approval", attempt), people);

describe("a request's message", () => {
  it("says what it is about, who asked and why, what each step is doing, and ids last", () => {
    expect(shown(pictureAfter(...upTo("approval.opened.v1"))).split("\n")).toEqual([
      "Virtual machine `web-7` in staging",
      "Asked by Ada:",
      "> “load test for the June release”",
      "✓ Plan   + 3 to add   ~ 0 to change   − 0 to destroy   2 outputs to change   _41 s_",
      "◐ Approval   waiting for one of @infrastructure, until 16:00 UTC, then it is refused",
      "○ Apply",
      "○ Configure",
      "○ Check",
      "See plan",
      "Plan again",
      "Withdraw…",
      `${REQUEST} · workspace vm-web-7 · plan 9f3a61c2`,
    ]);
  });

  it("has buttons with the values that intake reads", () => {
    expect(buttonsIn(requestMessage(pictureAfter(...upTo("approval.opened.v1")), people))).toEqual({
      see_plan: `${REQUEST}.plan.1`,
      plan_again: `${REQUEST}.plan.1`,
      withdraw: REQUEST,
    });
  });

  it.each([
    ["step.suspended.v1", "◐ Plan   waiting for a build"],
    ["job.progressed.v1", "◐ Apply   running: Creating aws＿ebs＿volume.data, 20 s".replaceAll("＿", "_")],
    ["approval.granted.v1", "✓ Approval   approved by Carol at 12:09 UTC"],
    ["apply.completed.v1", "✓ Apply   3 added   _1 min 2 s_"],
    ["configuration.completed.v1", "✓ Configure   7 changed on 1 host   _1 min 20 s_"],
    ["scan.completed.v1", "✓ Check   all 6 checks passed   _9 s_"],
  ])("tells, after %s, in glyph and words: %s", (type, line) => {
    expect(shown(pictureAfter(...upTo(type))).split("\n")).toContain(line);
  });

  it("tells where in line a step waits, and stops telling when the workspace is taken", () => {
    const waiting = [say.accepted(), say.waits("plan", { waitsFor: "workspace", holder: "req_00000000", position: 2 })];

    expect(shown(pictureAfter(...waiting))).toContain(
      "◐ Plan   waiting for the workspace, held by req_00000000, number 2 in line",
    );
    expect(shown(pictureAfter(...waiting, say.taken()))).toContain("◐ Plan   running");
  });

  it("tells whose request holds the workspace that a step waits for", () => {
    const waits = say.waits("plan", { waitsFor: "workspace", holder: "req_00000000", position: 2 });

    const message = requestMessage(pictureAfter(say.accepted(), waits), people, () => "person_bob");

    expect(wordsOf(message)).toContain("waiting for the workspace, held by a request of Bob (req_00000000), number 2");
  });

  it("waits for the workspace again at a repeat, though it was held before", () => {
    const picture = pictureAfter(
      ...upTo("apply.completed.v1"),
      say.failed("configuration", "configure", "Ensure sshd runs: it does not"),
      say.waits("configure", { waitsFor: "workspace", position: 1 }, 2),
    );

    expect(shown(picture)).toContain(
      "◐ Configure   waiting for the workspace, held by req_0a1b2c3d, number 1 in line   attempt 2",
    );
  });

  it("counts approvals where more than one is needed", () => {
    const picture = pictureAfter(
      say.accepted(),
      say.planned(),
      say.opened({ needed: 2 }),
      say.recorded("person_carol", 1, 2),
    );

    expect(shown(picture)).toContain("waiting for one more (after Carol) of @infrastructure");
  });

  it("does not vouch for whom another system asks", () => {
    const of = itinerary({ requester: "system_pipeline", onBehalfOf: "person_bob" });
    const picture = pictureAfter(say.accepted(of), say.planned(), say.opened());

    for (const message of [requestMessage(picture, people), gateAt(picture)])
      expect(wordsOf(message)).toContain("Asked by system_pipeline, which says it is for Bob:\n> “load test");
    expect(wordsOf(gateAt(picture))).toContain("One of @infrastructure, but not system_pipeline or Bob.");
  });

  it("shows whose approval does not count any more, by the newest decision, in whatever order they are heard", () => {
    const decisions = [
      say.recorded("person_carol", 1, 3),
      say.recorded("person_dan", 1, 3, { lapsed: ["person_carol"] }),
      say.recorded("person_bob", 2, 3, { lapsed: ["person_carol"] }),
      say.recorded("person_carol", 2, 3, { lapsed: ["person_dan"] }), // She is back, and he has left.
    ];
    const heard = [say.accepted(), say.planned(), say.opened({ needed: 3 })];
    const approvalOf = (said: typeof decisions) => {
      const picture = pictureAfter(...heard, ...said);
      return [
        approvalMessage(picture, stepAt(picture.facts, "approve", "approval", 1), people),
        requestMessage(picture, people),
      ];
    };

    const [approval, request] = approvalOf(decisions);
    expect(wordsOf(approval)).toContain("One more (after Bob and Carol) of @infrastructure, but not Ada.");
    expect(wordsOf(approval)).toContain("Dan approved before and may not approve any more, so that does not count.");
    expect(wordsOf(request)).toContain("waiting for one more (after Bob and Carol) of @infrastructure");
    fc.assert(
      fc.property(fc.shuffledSubarray(decisions, { minLength: decisions.length }), (order) => {
        expect(approvalOf(order)).toEqual([approval, request]);
      }),
    );
  });

  it("mentions nobody: its changes must not call people", () => {
    for (let length = 1; length <= story.length; length++)
      expect(JSON.stringify(requestMessage(pictureAfter(...story.slice(0, length)), people))).not.toContain("<@");
  });

  it("is not changed by progress that arrives after its step or the request has ended", () => {
    const done = pictureAfter(...story);
    const late = pictureAfter(...story, say.progress("apply", 9, "Still creating"), say.progress("plan", 9));

    expect(requestMessage(late, people)).toEqual(requestMessage(done, people));
  });

  it("forgets what was done on a plan that is made anew", () => {
    const picture = pictureAfter(
      ...upTo("approval.granted.v1"),
      say.failed("apply", "apply", "InsufficientInstanceCapacity"),
      say.paused("apply", "needs_replan", "InsufficientInstanceCapacity"),
      say.progress("plan", 1, "Refreshing state", 2),
    );

    const lines = shown(picture).split("\n");

    expect(lines.slice(3, 6)).toEqual([
      "◐ Plan   running: Refreshing state, 20 s   attempt 2",
      "○ Approval",
      "○ Apply",
    ]);
    expect(lines.join()).not.toContain("stopped");
  });
});

describe("the end of a request", () => {
  const end = (...more: ReturnType<typeof event>[]) =>
    requestMessage(pictureAfter(...upTo("plan.completed.v1"), ...more), people);

  it("that is ready names its outputs, its checks, how long it took, and where its evidence is", () => {
    const message = requestMessage(pictureAfter(...story), people);

    expect(message.text).toBe("Virtual machine web-7 is ready in staging.");
    expect(wordsOf(message)).toContain(
      "✓ Virtual machine `web-7` is ready in staging. All 6 checks passed. It took 3 min 4 s, of which 9 min waiting for approval.\n• `instance`: `i-0abc`",
    );
    expect(buttonsIn(message)).toEqual({ see_plan: `${REQUEST}.plan.1`, see_evidence: `${REQUEST}.check.1` });
  });

  it("that removed something is done, not ready", () => {
    const steps = itinerary().steps.map((step) =>
      step.kind === "plan" ? { ...step, config: { ...step.config, destroy: true } } : step,
    );
    const [, ...rest] = story;

    expect(requestMessage(pictureAfter(say.accepted(itinerary({ steps })), ...rest), people).text).toBe(
      "Virtual machine web-7 is done in staging.",
    );
  });

  it.each<[string, ReturnType<typeof event>[], string, string]>([
    [
      "failed in its plan",
      [event("request.failed.v1", { step: "plan", sentence: '"huge" is not one of small. Nothing was changed.' })],
      '✗ Plan failed: `"huge" is not one of small. Nothing was changed.`',
      "edit_and_ask_again",
    ],
    [
      "was rejected",
      [say.denied(), event("request.rejected.v1")],
      "✗ Rejected by Carol. Nothing was changed.\nCarol wrote:\n> “use the shared cluster”",
      "edit_and_ask_again",
    ],
    [
      "nobody decided",
      [say.denied({ how: "expired", by: undefined, reason: undefined }), event("request.expired.v1")],
      "✗ Refused, because nobody decided by 2026-11-23 12:00 UTC. Nothing was changed.",
      "ask_again",
    ],
    ["was withdrawn", [event("request.withdrawn.v1")], "– Withdrawn by Ada. Nothing was changed.", "ask_again"],
  ])("that %s says so, what was changed, and what to do next", (_how, events, words, button) => {
    const message = end(...events);

    expect(wordsOf(message)).toContain(words);
    expect(Object.keys(buttonsIn(message))).toEqual(["see_plan", button]);
    expect(message.text).toMatch(
      /^Virtual machine web-7 (is|was|has) .*[.`](\nCarol wrote:\n> “use the shared cluster”)?$/,
    );
  });
});

describe("a pause", () => {
  const pausedAt = (kind: string, step: string, reason: string, ...more: ReturnType<typeof event>[]) =>
    requestMessage(
      pictureAfter(
        ...upTo("apply.completed.v1").filter(({ type }) => kind !== "apply" || type !== "apply.completed.v1"),
        say.failed(kind, step, "It broke."),
        say.paused(step, reason, "It broke."),
        ...more,
      ),
      people,
    );

  it.each([
    [
      "apply",
      "apply",
      "needs_replan",
      "✗ Apply stopped: `It broke.`\nNothing will be tried again by itself. Plan again makes a new plan",
      "plan_again",
      `${REQUEST}.plan.1`,
    ],
    [
      "configuration",
      "configure",
      "configuration_failed",
      "✗ Configure failed: `It broke.`\nWhat was applied exists",
      "configure_again",
      `${REQUEST}.configure.1`,
    ],
    [
      "scan",
      "check",
      "check_failed",
      "✗ Check failed: `It broke.`\nWhat was applied stays",
      "check_again",
      `${REQUEST}.check.1`,
    ],
  ])(
    "after a failed %s says what stands, what to press, and what happens if nobody does",
    (kind, step, reason, words, button, value) => {
      const message = pausedAt(kind, step, reason);

      expect(wordsOf(message)).toContain(words);
      expect(wordsOf(message)).toContain("If nobody goes on by 2026-11-30 12:00 UTC, the request ends as failed.");
      expect(buttonsIn(message)).toMatchObject({ [button]: value });
    },
  );

  it.each(pausing)("after a failed $kind has the words and the button of its contract", ({ kind, whenFailed }) => {
    const [name = ""] = itinerary().steps.flatMap((step) => (step.kind === kind ? [step.name] : []));

    const message = pausedAt(kind, name, whenFailed.pauses);

    expect(wordsOf(message)).toContain(`${titleOf(kind, name)} ${whenFailed.goesOnWith ? "stopped" : "failed"}`);
    expect(wordsOf(message)).toContain(`${whenFailed.stands} ${whenFailed.verb}`);
    expect(Object.keys(buttonsIn(message))).toContain(actionIdOf(whenFailed.verb));
  });

  it("offers to withdraw only while nothing was applied", () => {
    expect(Object.keys(buttonsIn(pausedAt("configuration", "configure", "configuration_failed")))).not.toContain(
      "withdraw",
    );
  });

  it("says that the workspace is blocked, and offers to unlock it until somebody has", () => {
    const blocked = event("workspace.blocked.v1", { step: "apply", attempt: 1 });
    const unlocked = event("workspace.unlocked.v1");

    const message = pausedAt("apply", "apply", "needs_replan", blocked);
    expect(buttonsIn(message)).toMatchObject({ unlock: REQUEST });
    expect(wordsOf(message)).toContain("The approval is used up and nothing will be tried again by itself.");
    expect(wordsOf(message)).toContain("Nobody else can apply in this workspace meanwhile.");
    expect(buttonsIn(pausedAt("apply", "apply", "needs_replan", unlocked, blocked))).not.toMatchObject({
      unlock: REQUEST,
    });
  });

  it.each([
    ["request.withdrawn.v1", "– Withdrawn by Ada. What its stopped apply changed is still there."],
    ["request.rejected.v1", "What its stopped apply changed is still there."],
    ["request.expired.v1", "What its stopped apply changed is still there."],
  ])("that is followed by %s does not claim that nothing was changed", (type, words) => {
    const blocked = event("workspace.blocked.v1", { step: "apply", attempt: 1 });
    const message = pausedAt("apply", "apply", "needs_replan", blocked, event(type));

    expect(wordsOf(message)).toContain(words);
    expect(`${message.text} ${wordsOf(message)}`).not.toContain("Nothing was changed");
  });

  it("stays when a repeat was refused its workspace, and its button names the attempt that failed", () => {
    const picture = pictureAfter(
      ...upTo("apply.completed.v1"),
      say.failed("configuration", "configure", "It broke."),
      say.paused("configure", "configuration_failed", "It broke."),
      say.waits("configure", { waitsFor: "workspace", position: 1 }, 2),
      event("workspace.refused.v1", { step: "configure", attempt: 2, sentence: "It was changed since." }),
    );

    expect(buttonsIn(requestMessage(picture, people))).toMatchObject({ configure_again: `${REQUEST}.configure.1` });
    expect(threadOf(picture, people).map(({ text }) => text)).toContain(
      "<@UADA> Configure was not repeated. `It was changed since.`",
    );
  });

  it("is over when the step is repeated", () => {
    expect(
      wordsOf(
        pausedAt(
          "configuration",
          "configure",
          "configuration_failed",
          say.progress("configure", 1, "Gathering facts", 2),
        ),
      ),
    ).toContain("◐ Configure   running: Gathering facts, 20 s   attempt 2");
  });
});

describe("an approval's message", () => {
  const { counts } = planOutput().summary;
  const destroying = planOf({
    counts: { ...counts, add: 2, destroy: 12, replace: 1 },
    destroys: { count: 12, first: Array.from({ length: 5 }, (_, n) => `aws_ebs_volume.data[${n}]`) },
    replaces: { count: 1, first: ["aws_instance.this"] },
  });
  const open = pictureAfter(say.accepted(), say.planned(destroying), say.opened({ destructive: true }));

  it("asks, says first what is taken away, then how many of whom, until when, and what silence means", () => {
    const words = wordsOf(gateAt(open));

    expect(words).toMatch(
      /^Approve virtual machine `web-7` in staging\?\nAsked by Ada:\n> “load test for the June release”\n− destroys 12: `aws_ebs_volume.data\[0\]`/,
    );
    expect(words).toContain(
      "and 7 more\n± replaces 1: `aws_instance.this`\n+ adds 1     ~ changes 0     2 outputs change\nRuns playbook `virtual-machine` afterwards",
    );
    expect(words).toContain(
      "You approve exactly plan 9f3a61c2. One of @infrastructure, but not Ada. Until 16:00 UTC, then it is refused.",
    );
  });

  it("names every step that changes something afterwards, and none that only looks", () => {
    const steps = [...itinerary().steps, { name: "tidy", kind: "elsewhere", config: {} }];
    const words = wordsOf(gateAt(pictureAfter(say.accepted(itinerary({ steps })), say.planned(), say.opened())));

    expect(words).toContain("Runs playbook `virtual-machine` afterwards\nDoes step `tidy` afterwards");
    expect(words.match(/afterwards/g)).toHaveLength(2);
  });

  it("has the buttons that intake knows, and asks once more only where something is destroyed", () => {
    expect(buttonsIn(gateAt(open))).toEqual({
      approve: `${REQUEST}.approve.1`,
      reject: `${REQUEST}.approve.1`,
      see_plan: `${REQUEST}.plan.1`,
    });
    const approve = (picture: Picture) => actionsIn(gateAt(picture)).find(({ action_id }) => action_id === "approve");
    expect(approve(open)).toMatchObject({
      style: "danger",
      confirm: {
        text: { text: "Plan 9f3a61c2 destroys 12 and replaces 1. What is destroyed does not come back by itself." },
        confirm: { text: "Approve" },
      },
    });
    expect(approve(pictureAfter(...upTo("approval.opened.v1")))).toMatchObject({ style: "primary" });
    expect(approve(pictureAfter(...upTo("approval.opened.v1")))).not.toHaveProperty("confirm");
  });

  it.each<[string, ReturnType<typeof event>, string]>([
    ["approved", say.granted(), "✓ Approved by Carol at 12:09 UTC · plan 9f3a61c2"],
    ["rejected", say.denied(), "✗ Rejected by Carol at 12:09 UTC:\n> “use the shared cluster”"],
    [
      "silence",
      say.denied({ how: "expired", by: undefined, reason: undefined }),
      "✗ Refused, because nobody decided by 16:00 UTC. Nothing was changed.",
    ],
    ["the request's end", event("request.withdrawn.v1"), "– Ended before anybody decided. Nothing was changed."],
    [
      "a newer plan",
      say.planned(planOutput(), 2),
      "– Superseded. Plan 9f3a61c2 is not applied any more; the newer plan has a message of its own.",
    ],
  ])("tells everybody, after %s, what became of it, and cannot be pressed any more", (_what, then, words) => {
    const message = gateAt(pictureAfter(say.accepted(), say.planned(), say.opened(), then));

    expect(wordsOf(message)).toContain(words);
    expect(Object.keys(buttonsIn(message))).toEqual(["see_plan"]);
  });

  it("that was passed says so when a newer plan has taken its place", () => {
    const picture = pictureAfter(
      say.accepted(),
      say.planned(),
      say.opened(),
      say.granted(),
      say.planned(planOutput(), 2),
    );

    expect(wordsOf(gateAt(picture))).toContain(
      "✓ Approved by Carol at 12:09 UTC · plan 9f3a61c2. A newer plan has taken its place.",
    );
  });

  it("says that what was approved was not applied, and why, where it was not what would happen", () => {
    const sentence = "Something moved since the plan was approved: aws_a.x: size large → huge. Nothing was changed.";
    const approved = [say.accepted(), say.planned(), say.opened(), say.granted()];
    const moved = gateAt(pictureAfter(...approved, say.failed("apply", "apply", sentence, 1, "plan_changed")));
    const stopped = gateAt(pictureAfter(...approved, say.failed("apply", "apply", "It stopped.", 1, "apply_stopped")));

    expect(moved?.text).toMatch(/approved by Carol.*, but not applied/);
    expect(wordsOf(moved)).toMatch(/✗ Not applied:.*Something moved since the plan was approved/);
    expect(wordsOf(stopped)).not.toContain("Not applied");
  });

  it("says what became of what was approved, and how the request ended or why it stands", () => {
    const approved = [...upTo("approval.opened.v1"), say.granted()];
    const linesOf = (...then: readonly AnyEvent[]) =>
      wordsOf(gateAt(pictureAfter(...approved, ...then)))
        .split("\n")
        .filter((line) => /^[✓✗–]/.test(line))
        .map((line) => line.replace(/ at .*|\. All.*|`/g, ""));

    expect(linesOf(say.applied())).toEqual(["✓ Approved by Carol", "✓ Apply: 3 added"]);
    expect(linesOf(...wholeStory().slice(-4))).toEqual([
      "✓ Approved by Carol",
      "✓ Apply: 3 added",
      "✓ Virtual machine web-7 is ready in staging",
    ]);
    expect(
      linesOf(
        say.failed("apply", "apply", "InsufficientInstanceCapacity"),
        say.paused("apply", "needs_replan", "InsufficientInstanceCapacity"),
      ),
    ).toEqual(["✓ Approved by Carol", "✗ Apply stopped: InsufficientInstanceCapacity"]);
  });

  it("of an older plan goes on to show that plan, not the newer one", () => {
    const picture = pictureAfter(
      say.accepted(),
      say.planned(destroying),
      say.opened(),
      say.planned(planOutput({ changeDigest: "7".repeat(64) }), 2),
      say.opened({ changeDigest: "7".repeat(64) }, 2),
    );

    expect(wordsOf(gateAt(picture, 1))).toContain("− destroys 12");
    expect(wordsOf(gateAt(picture, 2))).not.toContain("destroys");
    expect(buttonsIn(gateAt(picture, 2))).toMatchObject({
      see_plan: `${REQUEST}.plan.2`,
      approve: `${REQUEST}.approve.2`,
    });
  });

  const wordsOfPlan = (summary: Parameters<typeof planOf>[0], seen = { warnings: 0, failingChecks: 0 }) =>
    wordsOf(gateAt(pictureAfter(say.accepted(), say.planned(planOf(summary, { seen })), say.opened()))).split("\n");
  const none = Object.fromEntries(Object.keys(counts).map((count) => [count, 0])) as typeof counts;

  it.each<[string, Partial<typeof counts>, string]>([
    ["only outputs", { output: 2 }, "2 outputs change"],
    ["one output", { output: 1 }, "1 output changes"],
    ["only a move", { move: 1 }, "1 moves"],
    ["an import and reads", { import: 1, read: 2 }, "imports 1     reads 2 data sources"],
    ["a change beside", { change: 1, move: 3 }, "+ adds 0     ~ changes 1     3 move"],
  ])("counts everything that happens: %s", (_, some, line) => {
    expect(wordsOfPlan({ counts: { ...none, ...some } })).toContain(line);
  });

  it("says that nothing changes only of a plan that is empty, whatever its counts", () => {
    expect(wordsOfPlan({ empty: true, counts: none })).toContain("No changes to infrastructure");
    expect(wordsOfPlan({ empty: false, counts: none }).join()).not.toContain("No changes");
  });

  it("says first what must not be overlooked, each on a line of its own", () => {
    const first = ["aws_db_instance.this"];
    const risks = PlanRisk.shape.code.options.map((code) => ({ code, count: 3, first }));
    const lines = wordsOfPlan({ risks, destroys: { count: 1, first } });

    expect(lines.slice(lines.indexOf("> “load test for the June release”") + 1).slice(0, 7)).toEqual([
      "! loses the data of 3: `aws_db_instance.this` and 2 more",
      "! opens 3 to the internet: `aws_db_instance.this` and 2 more",
      "! makes 3 public: `aws_db_instance.this` and 2 more",
      "! decides who may do what, in 3: `aws_db_instance.this` and 2 more",
      "! a value of a role, policy or network is hidden, in 3: `aws_db_instance.this` and 2 more",
      "! a value of a role, policy or network is known only after apply, in 3: `aws_db_instance.this` and 2 more",
      "− destroys 1: `aws_db_instance.this`",
    ]);
  });

  it("says that checks fail and that there are warnings, and where their words are", () => {
    expect(wordsOfPlan({}, { warnings: 1, failingChecks: 2 })).toContain(
      "When it was planned: 2 checks of the code fail, 1 warning. _See plan_ has the words.",
    );
    expect(wordsOfPlan({}).join()).not.toContain("When it was planned");
  });

  it("shows two addresses that look alike as two", () => {
    const first = ['a.b["x`"]', 'a.b["xˋ"]', 'a.b["x "]', 'a.b["x\u00a0"]'];
    const line = wordsOfPlan({ destroys: { count: 4, first } }).find((each) => each.includes("destroys")) ?? "";

    expect(new Set(line.split(", ")).size).toBe(4);
    expect(line).toContain('`a.b["x\\u02cb"]`');
  });

  it("warns of what a killed apply left in the account", () => {
    const orphans = { count: 1, first: ["arn:aws:ec2:eu-west-1:1:instance/i-0abc"] };
    const picture = pictureAfter(say.accepted(), say.planned(planOf({ orphans })), say.opened());

    expect(wordsOf(gateAt(picture))).toContain(
      "1 in the account that no state knows, left by a killed apply: `arn:aws:ec2",
    );
  });
});

describe("a request's thread", () => {
  it("keeps every attempt that ended, and calls who asked at the end alone", () => {
    const texts = threadOf(pictureAfter(...story), people).map(({ text }) => text);

    expect(texts).toEqual([
      "✓ *Plan* in 41 s: + 3 to add   ~ 0 to change   − 0 to destroy   2 outputs to change · plan 9f3a61c2",
      expect.stringMatching(/^✓ \*Approval\* approved by Carol at /),
      "✓ *Apply* in 1 min 2 s: 3 added",
      "✓ *Configure* in 1 min 20 s: 7 changed, 21 ok",
      "✓ *Check* in 9 s: all 6 checks passed",
      "Virtual machine web-7 is ready in staging. <@UADA>",
    ]);
  });

  it("calls who asked when they must act", () => {
    const picture = pictureAfter(
      say.accepted(),
      say.failed("apply", "apply", "It broke."),
      say.paused("apply", "needs_replan", "It broke."),
    );

    expect(threadOf(picture, people).at(-1)?.text).toBe(
      "Virtual machine web-7 waits for you. Apply stopped: `It broke.` <@UADA>",
    );
  });

  it("keeps an older attempt's detail when a newer one comes", () => {
    const picture = pictureAfter(say.accepted(), say.planned(), say.planned(planOutput(), 2));

    expect(threadOf(picture, people).map(({ key }) => key)).toEqual(["step#plan#1#ended", "step#plan#2#ended"]);
  });
});

it("knows a subject that is no title and name, and shows it as one piece of data", () => {
  const picture = pictureAfter(say.accepted(itinerary({ subject: "*bold* <!channel> `x`" })));

  expect(requestMessage(picture, people).blocks?.[0]).toMatchObject({
    text: { text: expect.stringContaining("`*bold* &lt;!channel&gt; ˋxˋ` in staging") },
  });
  expect(requestMessage(picture, people).text).not.toContain("<!");
});

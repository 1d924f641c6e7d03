import {
  ApprovalOpened,
  ClosingCompleted,
  ClosingRefused,
  StepName,
  WithdrawalSubmitted,
  WorkspaceBlocked,
} from "@sluice/events";
import { describe, expect, it } from "vitest";
import { finishClosing, refuseClosing, withdraw } from "../../src/core/close.ts";
import { hear } from "../../src/core/hear.ts";
import { lookAgain } from "../../src/core/look-again.ts";
import { proposeByPerson } from "../../src/core/propose.ts";
import { type Accepted, isAccepted } from "../../src/core/record.ts";
import { statusText } from "../../src/door/status.ts";
import {
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

const withdrawal = (user: string, given: { reason?: string; signedAt?: number; cause?: string } = {}) =>
  told(
    WithdrawalSubmitted,
    {
      request,
      who: { team, user },
      signedAt: new Date(given.signedAt ?? noon).toISOString(),
      ...(given.reason && { reason: given.reason }),
    },
    { cause: given.cause ?? user, actor: `slack:${team}/${user}` },
  );
const closed = told(ClosingCompleted, { request }, { cause: "closed" });

async function accepted() {
  const made = world();
  await proposeByPerson(made.ports, proposed());
  made.take();
  return made;
}

describe("withdrawing a request", () => {
  it("asks the provisioner to close it, and is over only when nothing of it runs any more", async () => {
    const { ports, take } = await accepted();

    await withdraw(ports, withdrawal(slackUsers.ada));
    expect(take()).toMatchObject([
      { type: "closing.requested.v1", data: { by: "person_ada", workspace: "probe-smoke" } },
    ]);

    await finishClosing(ports, closed);
    expect(take()).toMatchObject([{ type: "request.withdrawn.v1", data: { request, by: "person_ada" } }]);
  });

  it.each([
    ["at once where no step can change anything", ["plan", "approval", "scan"], "request.withdrawn.v1"],
    ["by the provisioner where one can, whatever its kind", ["plan", "configuration"], "closing.requested.v1"],
    ["by the provisioner where nobody knows what a kind does", ["plan", "elsewhere"], "closing.requested.v1"],
  ])("closes %s", async (_how, kinds, type) => {
    const { ports, store, take } = await accepted();
    const record = store.records.get(request) as Accepted;
    const steps = kinds.map((kind) => ({ name: StepName.parse(`a-${kind}`), kind, config: {} }));
    store.records.set(request, { ...record, itinerary: { ...record.itinerary, steps } });

    await withdraw(ports, withdrawal(slackUsers.ada));

    expect(take()).toMatchObject([{ type }]);
  });

  it("publishes the same again for a redelivered click and a redelivered answer", async () => {
    const { ports, take } = await accepted();
    await withdraw(ports, withdrawal(slackUsers.ada));
    await withdraw(ports, withdrawal(slackUsers.ada));
    const [first, second] = take();
    expect(second).toEqual(first);

    await finishClosing(ports, closed);
    await finishClosing(ports, closed);
    const [end, again] = take();
    expect(again).toEqual(end);
  });

  it.each([
    ["not_yours", slackUsers.bob, {}],
    ["not_yours", slackUsers.carol, { reason: "I do not like it" }],
    ["unknown_person", slackUsers.eve, {}],
    ["unknown_person", slackUsers.gone, {}],
    ["reason_missing", slackUsers.dan, {}],
    ["stale", slackUsers.ada, { signedAt: noon - 16 * MINUTE }],
  ] as const)("is refused as %s to %s", async (code, user, given) => {
    const { ports, published } = await accepted();

    await withdraw(ports, withdrawal(user, given));

    expect(published).toMatchObject([{ type: "withdrawal.refused.v1", data: { code, who: { user } } }]);
  });

  it("is an operator's with a reason", async () => {
    const { ports, published } = await accepted();

    await withdraw(ports, withdrawal(slackUsers.dan, { reason: "the account is closing" }));

    expect(published).toMatchObject([
      { type: "closing.requested.v1", data: { by: "person_dan", reason: "the account is closing" } },
    ]);
  });

  it("that came too late goes on, tells who wanted it, and may be wanted again", async () => {
    const { ports, take } = await accepted();
    await withdraw(ports, withdrawal(slackUsers.ada));
    const [asked] = take();
    const refused = told(
      ClosingRefused,
      { request, code: "applying" },
      { cause: "late", causationId: asked?.id ?? "" },
    );

    await refuseClosing(ports, refused);
    await refuseClosing(ports, refused);

    expect(take()).toMatchObject([
      { type: "withdrawal.refused.v1", data: { code: "too_late", who: { user: slackUsers.ada } } },
    ]);
    await hear(ports, outcomes.applyFailed());
    take();
    await withdraw(ports, withdrawal(slackUsers.ada, { cause: "second click" }));
    expect(take()).toMatchObject([{ type: "closing.requested.v1" }]);
  });

  it("of an ended request is refused and says how it ended", async () => {
    const { ports, take } = await accepted();
    await hear(ports, outcomes.planFailed());
    take();

    await withdraw(ports, withdrawal(slackUsers.ada));

    expect(take()).toMatchObject([
      { type: "withdrawal.refused.v1", data: { code: "closed", sentence: expect.stringContaining("failed") } },
    ]);
  });

  it.each([
    ["too late", told(ClosingRefused, { request, code: "applied" }, { cause: "late", causationId: "asked" })],
    ["closed", closed],
  ])(
    "that is answered (%s) when the request has ended meanwhile tells who wanted it how it ended",
    async (_, answer) => {
      const { ports, take } = await accepted();
      await withdraw(ports, withdrawal(slackUsers.ada));
      const [asked] = take();
      await hear(ports, outcomes.planFailed());
      expect(take()).toMatchObject([{ type: "request.failed.v1" }]);
      const heard = { ...answer, metadata: { ...answer.metadata, causationId: asked?.id } } as typeof answer;

      for (let times = 0; times < 2; times++)
        await (heard.type === "closing.completed.v1"
          ? finishClosing(ports, heard as never)
          : refuseClosing(ports, heard as never));

      const [first, second] = take();
      expect(first).toMatchObject({
        type: "withdrawal.refused.v1",
        data: { code: "closed", sentence: expect.stringContaining("failed"), who: { user: slackUsers.ada } },
      });
      expect(second).toEqual(first);
    },
  );

  it("is asked for again when nobody answers", async () => {
    const { ports, clock, take } = await accepted();
    await withdraw(ports, withdrawal(slackUsers.ada));
    const [asked] = take();

    clock.now += 11 * MINUTE;
    await lookAgain(ports, request);

    expect(take()).toEqual([asked]);
  });

  it.each([
    ["before anything was applied", [], "withdrawn. Nothing was changed"],
    ["while people were asked", [told(ApprovalOpened, ApprovalOpened.example)], "withdrawn. Nothing was changed"],
    [
      "after an apply that stopped in the middle",
      [told(WorkspaceBlocked, { ...WorkspaceBlocked.example, ...step("apply") })],
      "withdrawn. What its stopped apply changed is still there",
    ],
  ])("%s says in its status what stays", async (_when, heard, words) => {
    const { ports, store } = await accepted();
    for (const event of heard) await hear(ports, event);
    await withdraw(ports, withdrawal(slackUsers.ada));
    await finishClosing(ports, closed);

    const record = store.records.get(request);
    if (!record || !isAccepted(record)) throw new Error("The request was not accepted");
    const status = statusText(record, await store.facts(request), reader);
    expect(status).toContain(words);
    expect(status, "nothing goes on once a request has ended").not.toContain("◐");
  });

  it("parks an answer that nobody asked for", async () => {
    const { ports } = await accepted();

    await expect(finishClosing(ports, closed)).rejects.toMatchObject({ code: "not_closing" });
  });
});

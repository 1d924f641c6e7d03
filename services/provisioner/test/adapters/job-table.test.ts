import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { BuildId } from "@sluice/events";
import {
  type Change,
  changeRequest,
  earlySteps,
  giveReport,
  type JobStore,
  jobTable,
  newRequestItem,
  newWorkspace,
  requestKey,
  takeLease,
  takeStart,
} from "@sluice/jobs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { emulatedTable } from "../../../../test/emulated-table.ts";
import { dueWakes } from "../../src/adapters/due-wakes.ts";
import { claim } from "../../src/core/claims.ts";
import { idOf, itineraryOf, objectRef, slipAfter, stepRequest } from "../factories.ts";

let emulated: Awaited<ReturnType<typeof emulatedTable>>;
let store: JobStore;
beforeAll(async () => {
  emulated = await emulatedTable();
  store = jobTable(emulated.documents, emulated.table);
});
afterAll(() => emulated.stop());

const now = () => 1_000;
const racers = Array.from({ length: 30 }, (_, index) => index);
const buildOf = (index: number) => `sluice-test:${index.toString(16).padStart(36, "0")}` as BuildId;
let requests = 0;

/** A request whose apply is claimed, in a workspace of its own that it holds. */
async function claimedApply() {
  requests += 1;
  const { request, environment, workspace } = itineraryOf(
    `req_race${String(requests).padStart(4, "0")}`,
    `race-${requests}`,
  );
  const turn = { request, step: "plan", attempt: 1, cause: idOf("plan"), since: 0 } as never;
  const item = {
    ...newRequestItem({ request, environment, workspace }),
    digest: "d".repeat(64) as never,
    attempts: { plan: 1 },
  };
  await store.commit([
    { is: "request", after: item },
    { is: "workspace", after: { ...newWorkspace({ environment, name: workspace }), holder: turn } },
  ]);
  const plan = { step: "plan", attempt: 1 } as never;
  const wanted = { step: "apply", attempt: 1, cause: idOf("apply"), job: { kind: "apply", plan } } as never;
  const where = { environment, request };
  const claimed = await changeRequest<never>(store, where, (before) => claim(before, wanted, now()) as never);
  return { where, claimed, place: { environment, request, workspace, key: "apply#1" } };
}

const grantOf = (jti: string) => ({ jti, plan: { step: "plan", attempt: 1, epoch: 0 } });
const startOf = (build: BuildId, jti: string) => ({ key: "apply#1", build, grant: grantOf(jti) });

test("thirty builds race for one lease and one has it", async () => {
  const { place } = await claimedApply();

  const answers = await Promise.all(racers.map((index) => takeLease(store, place, buildOf(index), now)));

  expect(answers.filter((answer) => typeof answer !== "string")).toHaveLength(1);
  expect(answers.filter((answer) => answer === "leased_by_another")).toHaveLength(29);
});

test("a lease whose answer was lost is taken again by the same build", async () => {
  const { place } = await claimedApply();
  await takeLease(store, place, buildOf(1), now);

  expect(await takeLease(store, place, buildOf(1), now)).toMatchObject({ state: { is: "running", build: buildOf(1) } });
});

test("thirty starts of one build are one start, and they all know it", async () => {
  const { place } = await claimedApply();
  await takeLease(store, place, buildOf(1), now);

  const answers = await Promise.all(racers.map(() => takeStart(store, place, startOf(buildOf(1), place.request), now)));

  expect(new Set(answers)).toEqual(new Set(["started"]));
  expect(await store.workspace(place.environment, place.workspace)).toMatchObject({ epoch: 1 });
});

test("closing races with the start, and one of them wins", async () => {
  for (const index of racers.slice(0, 10)) {
    const { where, place } = await claimedApply();
    await takeLease(store, place, buildOf(index), now);

    const [started, closed] = await Promise.all([
      takeStart(store, place, startOf(buildOf(index), place.request), now),
      changeRequest<"applying">(store, where, (item) =>
        item.jobs["apply#1"]?.state.is === "applying"
          ? "applying"
          : { ...item, closed: { why: "closing", cause: idOf("closing"), at: 1 } },
      ),
    ]);

    expect([started, typeof closed === "string"]).toEqual(
      started === "started" ? ["started", true] : ["closed", false],
    );
    expect(Boolean(await store.spentGrant(place.environment, place.request))).toBe(started === "started");
  }
});

/** A store whose commits take effect and whose answers are lost, the first `times` times. */
function deaf(times: number): JobStore {
  let left = times;
  return {
    ...store,
    async commit(changes: readonly Change[]) {
      const answer = await store.commit(changes);
      left -= 1;
      if (left >= 0) throw new Error("the answer was lost");
      return answer;
    },
  };
}

test("a start that took effect and was not answered is read back as ours", async () => {
  const { place } = await claimedApply();
  await takeLease(store, place, buildOf(1), now);

  expect(await takeStart(deaf(1), place, startOf(buildOf(1), place.request), now)).toBe("started");
});

test("another build's start is read back as spent", async () => {
  const { place } = await claimedApply();
  await takeLease(store, place, buildOf(1), now);
  await takeStart(store, place, startOf(buildOf(1), place.request), now);

  expect(await takeStart(store, place, startOf(buildOf(2), place.request), now)).toBe("grant_spent");
});

test("a report is written once, and only by the lease's holder", async () => {
  const { place, where } = await claimedApply();
  await takeLease(store, place, buildOf(1), now);
  const said = { build: buildOf(1), outcome: "failed", clean: true, result: objectRef("r") } as const;

  expect(await giveReport(store, place, { ...said, build: buildOf(2) }, now)).toBe("leased_by_another");
  expect(await giveReport(store, place, said, now)).toBe("reported");
  expect(await giveReport(store, place, said, now)).toBe("reported");
  expect((await store.request(where.environment, where.request))?.jobs["apply#1"]?.report).toEqual(said);
});

test("of two changes judged on one version, one is lost", async () => {
  const { claimed } = await claimedApply();
  const changed = (attempt: number): Change => ({
    is: "request",
    before: claimed,
    after: { ...claimed, attempts: { plan: attempt } },
  });

  const answers = await Promise.all([store.commit([changed(2)]), store.commit([changed(3)])]);

  expect(answers.toSorted()).toEqual(["done", "lost"]);
});

test("what a build does not know of an item stays as it is", async () => {
  const { place, where } = await claimedApply();
  const Key = requestKey(where.environment, where.request);
  await emulated.documents.send(
    new UpdateCommand({
      TableName: emulated.table,
      Key,
      UpdateExpression: "SET newer = :n",
      ExpressionAttributeValues: { ":n": 1 },
    }),
  );

  await takeLease(store, place, buildOf(1), now);

  expect(await store.beside(Key)).toMatchObject({ newer: 1 });
});

test("a request is due while a job of it has no end, and is not any more when it has", async () => {
  const { where } = await claimedApply();
  const due = async () =>
    (await dueWakes(emulated.documents, emulated.table)(10_000_000)).filter(
      (wake) => "request" in wake && wake.request === where.request,
    );

  expect(await due()).toHaveLength(1);
  await changeRequest<never>(store, where, ({ dueAt: _, ...item }) => item);

  expect(await due()).toEqual([]);
});

test("steps that came early are kept by event, each once", async () => {
  const early = earlySteps(emulated.documents, emulated.table);
  const slip = slipAfter(itineraryOf("req_early001"));
  const forged = stepRequest(slip, "plan", 1, "forged");
  const real = stepRequest(slip, "plan", 1, "real");

  for (const event of [forged, real, real]) await early.keep(event);

  expect((await early.of("req_early001")).map(({ metadata }) => metadata.id).toSorted()).toEqual(
    [forged.metadata.id, real.metadata.id].toSorted(),
  );
});

import { GetCommand, NumberValue, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { BuildId, Sha256, StepName } from "@sluice/events";
import {
  type BuildStore,
  buildTable,
  type Change,
  changeRequest,
  earlySteps,
  giveReport,
  JobItem,
  type JobStore,
  jobItemKey,
  jobRefOf,
  jobTable,
  newJobItem,
  newRequestItem,
  newWorkspace,
  takeLease,
  takeStart,
  untilCommitted,
} from "@sluice/jobs";
import { digestOf } from "@sluice/steps";
import { afterAll, beforeAll, expect, test } from "vitest";
import { allDue, emulatedTable } from "../../../../test/emulated-table.ts";
import { dueRequest } from "../../src/adapters/due-request.ts";
import { claim } from "../../src/core/claims.ts";
import { type ClosingRefusal, close } from "../../src/core/closing.ts";
import { openAppliesOf } from "../../src/core/open-applies.ts";
import { claimed, closed } from "../../src/core/transactions.ts";
import { idOf, itineraryOf, objectRef, slipAfter, stepRequest } from "../factories.ts";

let emulated: Awaited<ReturnType<typeof emulatedTable>>;
let store: JobStore;
let builds: BuildStore;
let BUILDS: string;
beforeAll(async () => {
  emulated = await emulatedTable();
  BUILDS = emulated.builds;
  store = jobTable(emulated.documents, { own: emulated.table, builds: BUILDS });
  builds = buildTable(emulated.documents, BUILDS);
});
afterAll(() => emulated.stop());

const now = () => 1_000;
const racers = Array.from({ length: 30 }, (_, index) => index);
const buildOf = (index: number) => BuildId.parse(`sluice-test:${index.toString(16).padStart(36, "0")}`);
let requests = 0;

/** A request whose apply is claimed, in a workspace of its own that it holds. */
async function claimedApply() {
  requests += 1;
  const { request, environment, workspace } = itineraryOf(
    `req_race${String(requests).padStart(4, "0")}`,
    `race-${requests}`,
  );
  const turn = { request, step: StepName.parse("plan"), attempt: 1, cause: idOf("plan"), since: 0 };
  const item = {
    ...newRequestItem({ request, environment, workspace }),
    digest: Sha256.parse("d".repeat(64)),
    attempts: { plan: 1 },
  };
  await store.commit([
    { is: "request", after: item },
    { is: "workspace", after: { ...newWorkspace({ environment, name: workspace }), holder: turn } },
  ]);
  const jti = digestOf(request);
  const job = { kind: "apply", plan: { step: StepName.parse("plan"), attempt: 1 }, grant: jti, epoch: 0 } as const;
  const wanted = { step: StepName.parse("apply"), attempt: 1, cause: idOf("apply"), job };
  const before = await store.request(environment, request);
  const after = before && claim(before, wanted, new Map(), now());
  if (!before || typeof after !== "object") throw new Error("The apply cannot be claimed");
  await store.commit(claimed({ before, after, key: KEY, job }));
  const start = (build: BuildId) => ({ build, grant: { jti, plan: { epoch: 0 } } });
  return {
    where: { environment, request },
    ref: jobRefOf(after, KEY, job),
    place: { request, workspace, key: KEY },
    jti,
    start,
  };
}
const KEY = "apply#1";

test("thirty builds race for one lease and one has it", async () => {
  const { ref } = await claimedApply();

  const answers = await Promise.all(racers.map((index) => takeLease(builds, ref, buildOf(index), now)));

  expect(answers.filter((answer) => typeof answer !== "string")).toHaveLength(1);
  expect(answers.filter((answer) => answer === "leased_by_another")).toHaveLength(29);
});

test("a lease whose answer was lost is taken again by the same build", async () => {
  const { ref } = await claimedApply();
  await takeLease(builds, ref, buildOf(1), now);

  expect(await takeLease(builds, ref, buildOf(1), now)).toMatchObject({ state: { is: "running", build: buildOf(1) } });
});

test("thirty starts of one build are one start, and they all know it", async () => {
  const { ref, place, start } = await claimedApply();
  await takeLease(builds, ref, buildOf(1), now);

  const answers = await Promise.all(racers.map(() => takeStart(builds, ref, place, start(buildOf(1)), now)));

  expect(new Set(answers)).toEqual(new Set(["started"]));
  expect(await store.workspace(ref.environment, place.workspace)).toMatchObject({ epoch: 1 });
});

/** The closing of a request, as `changeClosed` writes it. */
function closeIt({ environment, request }: Readonly<{ environment: string; request: string }>) {
  return untilCommitted<"closed" | ClosingRefusal>(async () => {
    const before = await store.request(environment, request);
    if (!before) throw new Error("unknown");
    const applies = await openAppliesOf(store, before);
    const after = close(before, idOf("closing"), applies, now());
    if (typeof after === "string") return after;
    return (await store.commit(closed(before, after, applies, []))) === "done" ? "closed" : "lost";
  });
}

test("closing races with the start, and one of them wins", async () => {
  for (const index of racers.slice(0, 10)) {
    const { where, ref, place, jti, start } = await claimedApply();
    await takeLease(builds, ref, buildOf(index), now);

    const [started, ending] = await Promise.all([
      takeStart(builds, ref, place, start(buildOf(index)), now),
      closeIt(where),
    ]);

    expect([started, ending]).toEqual(started === "started" ? ["started", "applying"] : ["closed", "closed"]);
    expect(Boolean(await store.spentGrant(ref.environment, jti))).toBe(started === "started");
  }
});

/** A store whose commits take effect and whose answers are lost, the first `times` times. */
function deaf(times: number): BuildStore {
  let left = times;
  return {
    ...builds,
    async commit(changes) {
      const answer = await builds.commit(changes);
      left -= 1;
      if (left >= 0) throw new Error("the answer was lost");
      return answer;
    },
  };
}

test("a start that took effect and was not answered is read back as ours", async () => {
  const { ref, place, start } = await claimedApply();
  await takeLease(builds, ref, buildOf(1), now);

  expect(await takeStart(deaf(1), ref, place, start(buildOf(1)), now)).toBe("started");
});

test("another build's start is read back as spent", async () => {
  const { ref, place, start } = await claimedApply();
  await takeLease(builds, ref, buildOf(1), now);
  await takeStart(builds, ref, place, start(buildOf(1)), now);

  expect(await takeStart(builds, ref, place, start(buildOf(2)), now)).toBe("grant_spent");
});

test("a report is written once, and only by the lease's holder", async () => {
  const { ref } = await claimedApply();
  await takeLease(builds, ref, buildOf(1), now);
  const said = { build: buildOf(1), outcome: "failed", clean: true, result: objectRef("r") } as const;

  expect(await giveReport(builds, ref, { ...said, build: buildOf(2) })).toBe("leased_by_another");
  expect(await giveReport(builds, ref, said)).toBe("reported");
  expect(await giveReport(builds, ref, said)).toBe("reported");
  expect((await store.job(ref))?.report).toEqual(said);
});

const junk: [string, object][] = [
  ["nothing of a job", { anything: "x".repeat(300_000) }],
  ["a state that is none", { version: 1, state: { is: "splendid" } }],
  ["a build that is none", { version: 1, state: { is: "running", build: "me", since: 0 } }],
  ["a version that is none", { version: "1", state: { is: "claimed" } }],
  ["another build's report", { version: 1, state: { is: "claimed" }, report: { build: buildOf(1) } }],
  ["a version after which none can be counted", { version: Number.MAX_SAFE_INTEGER, state: { is: "claimed" } }],
  ["a number that no double holds", { version: NumberValue.from("9007199254740993.5"), state: { is: "claimed" } }],
];

test.each(junk)("what a build left of its job's item is none: %s. It is put anew, whole", async (_, item) => {
  const { ref } = await claimedApply();
  await emulated.documents.send(new PutCommand({ TableName: BUILDS, Item: { ...item, ...jobItemKey(ref) } }));

  expect(await store.job(ref)).toBeUndefined();
  expect(await takeLease(builds, ref, buildOf(1), now)).toBe("unknown_job");
  expect(await store.commit([{ is: "job", after: newJobItem(ref) }])).toBe("done");
  const { Item = {} } = await emulated.documents.send(new GetCommand({ TableName: BUILDS, Key: jobItemKey(ref) }));
  expect(JobItem.parse(Item)).toMatchObject({ version: 1, state: { is: "claimed" } });
  expect(Item).not.toHaveProperty("anything");
});

test("which job an item is of is read from its key, whatever a build writes into it", async () => {
  const { ref } = await claimedApply();
  const other = { environment: "sandbox", kind: "plan", job: "job_7k3m9qx2_plan_1" };
  const Item = { ...other, version: 3, state: { is: "claimed" }, ...jobItemKey(ref) };
  await emulated.documents.send(new PutCommand({ TableName: BUILDS, Item }));

  expect(await store.job(ref)).toMatchObject(ref);
});

test("of two changes judged on one version, one is lost", async () => {
  const { where } = await claimedApply();
  const before = await store.request(where.environment, where.request);
  if (!before) throw new Error("unknown");
  const changed = (attempt: number): Change => ({
    is: "request",
    before,
    after: { ...before, attempts: { plan: attempt } },
  });

  const answers = await Promise.all([store.commit([changed(2)]), store.commit([changed(3)])]);

  expect(answers.toSorted()).toEqual(["done", "lost"]);
});

test("what a build of an older release does not know of its job stays as it is", async () => {
  const { ref } = await claimedApply();
  await emulated.documents.send(
    new UpdateCommand({
      TableName: BUILDS,
      Key: jobItemKey(ref),
      UpdateExpression: "SET newer = :n",
      ExpressionAttributeValues: { ":n": 1 },
    }),
  );

  await takeLease(builds, ref, buildOf(1), now);

  const { Item } = await emulated.documents.send(new GetCommand({ TableName: BUILDS, Key: jobItemKey(ref) }));
  expect(Item).toMatchObject({ newer: 1 });
});

test("a request is due while a job of it has no end, and is not any more when it has", async () => {
  const { where } = await claimedApply();
  const due = async () =>
    (await allDue(emulated.documents, emulated.table, 10_000_000))
      .map(dueRequest)
      .filter((wake) => wake?.request === where.request);

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

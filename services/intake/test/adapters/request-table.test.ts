import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { PrincipalId, RequestCompleted, RequestId, StepSuspended, WorkspaceName } from "@sluice/events";
import { sha256Of } from "@sluice/steps";
import { factOf } from "@sluice/words/facts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { allDue } from "../../../../test/emulated-table.ts";
import { doorRequests } from "../../src/adapters/door-requests.ts";
import { dueRequest } from "../../src/adapters/due-request.ts";
import { requestTable } from "../../src/adapters/request-table.ts";
import { seenSignatures } from "../../src/adapters/seen-signatures.ts";
import type { InventoryChange } from "../../src/core/inventory.ts";
import type { RequestStore } from "../../src/core/ports.ts";
import { proposeByPerson } from "../../src/core/propose.ts";
import { nothingUsed } from "../../src/core/quotas.ts";
import type { Accepted } from "../../src/core/record.ts";
import { tellEnd } from "../../src/core/use-quota.ts";
import { request as anyRequest, noon, outcomes, proposed, step, told, world } from "../factories.ts";
import { emulatedAccount } from "./emulated-account.ts";

let account: Awaited<ReturnType<typeof emulatedAccount>>;
let documents: DynamoDBDocumentClient;
let store: RequestStore;
let record: Accepted;
let requests = 0;
beforeAll(async () => {
  account = await emulatedAccount();
  documents = DynamoDBDocumentClient.from(account.dynamodb, { marshallOptions: { removeUndefinedValues: true } });
  store = requestTable(documents, account.table);
});
afterAll(() => account.stop());
beforeEach(async () => {
  const { ports, store: memory } = world();
  await proposeByPerson(ports, proposed());
  const made = memory.records.get(anyRequest) as Accepted;
  const request = RequestId.parse(`req_${String(++requests).padStart(8, "0")}`);
  record = { ...made, request, itinerary: { ...made.itinerary, request } };
});

describe("intake's table", () => {
  it("stores a request once and answers the one that is there", async () => {
    expect(await store.putIfAbsent(record)).toEqual(record);
    const other = { ...record, proposal: sha256Of("other") };

    expect(await store.putIfAbsent(other)).toEqual(record);
    expect(await store.request(record.request)).toEqual(record);
  });

  it("accepts exactly as many open requests of a person as there may be, however many come at once, and an end makes room for one", async () => {
    const quotas = { openRequests: 3, plansAnHour: 100, proposalsAnHour: 1 };
    const { ports, types, take } = world({ store, quotas });
    const propose = (n: number) => {
      const request = RequestId.parse(`${record.request}x${String(n).padStart(2, "0")}`);
      return proposeByPerson(ports, proposed({ request, parameters: { name: `smoke-${n}` } }));
    };
    const accepted = () => types().filter((type) => type === "request.accepted.v1").length;

    await Promise.all(Array.from({ length: 12 }, (_, n) => propose(n)));

    expect([accepted(), types().filter((type) => type === "request.refused.v1").length]).toEqual([3, 9]);
    const ada = record.itinerary.requester;
    const { open, plans } = await doorRequests(account.dynamodb, account.table).used(ada);
    expect(open).toHaveLength(3);
    expect([...plans].sort()).toEqual([...open].sort());
    take();

    const [first] = open;
    const ending = first && (await store.request(first));
    if (!ending) throw new Error("One was expected");
    await tellEnd(ports, ending);
    take();
    await Promise.all([propose(20), propose(21)]);

    expect(accepted()).toBe(1);
    expect((await store.used(ada)).open).toHaveLength(3);
  });

  it("stores what was used up over what was read, or not at all, and answers nothing before", async () => {
    const person = PrincipalId.parse(`person_a${requests}`);
    const nothing = await store.used(person);
    expect(nothing).toEqual(nothingUsed(person));
    const next = (hour: number) => ({ ...nothing, hour, open: [record.request], plans: ["evt_1"] });

    const first = await Promise.all([1, 2, 3].map((hour) => store.replaceUsed(nothing, next(hour))));
    const stored = await store.used(person);
    const second = await Promise.all([1, 2, 3].map(() => store.replaceUsed(stored, { ...stored, open: [] })));

    expect([first, second].map((wins) => wins.filter(Boolean).length)).toEqual([1, 1]);
    expect(stored).toEqual({ ...next(stored.hour), version: 1 });
    expect(await store.used(person)).toEqual({ ...stored, open: [], version: 2 });
  });

  it("lets one of two changes of the same record win", async () => {
    await store.putIfAbsent(record);
    const changes = [1, 2, 3].map((dueAt) => store.replace(record, { ...record, dueAt }));

    expect((await Promise.all(changes)).filter(Boolean)).toHaveLength(1);
  });

  it("keeps the fact of the higher rank, whatever comes last", async () => {
    const waits = (position: number) => ({
      ...factOf(told(StepSuspended, { ...step("plan"), waitsFor: "workspace", position })),
      request: record.request,
    });
    for (const position of [3, 1, 2]) await store.keep(waits(position));
    await store.keep({ ...factOf(outcomes.plan()), request: record.request });

    const facts = await store.facts(record.request);

    expect(facts).toHaveLength(2);
    expect(facts.find(({ type }) => type === "step.suspended.v1")?.data).toMatchObject({ position: 1 });
  });

  it("finds what is due until it has ended", async () => {
    await store.putIfAbsent({ ...record, dueAt: noon });
    const due = async () =>
      (await allDue(documents, account.table, noon)).map(dueRequest).filter((due) => due?.request === record.request);
    expect(await due()).toEqual([{ message: "request.due", request: record.request }]);

    const end = {
      type: RequestCompleted.type,
      data: { request: record.request, seconds: 62 },
      cause: record.cause,
      at: noon,
    };
    await store.replace(record, { ...record, dueAt: noon, end });

    expect(await due()).toEqual([]);
  });

  it("lists a person's own requests, the newest first", async () => {
    const { itinerary } = record;
    const later = {
      ...record,
      request: RequestId.parse("req_99999999"),
      itinerary: { ...itinerary, askedAt: "2027-01-01T00:00:00.000Z" },
    };
    await store.putIfAbsent(record);
    await store.putIfAbsent(later);

    const own = await doorRequests(account.dynamodb, account.table).own(itinerary.requester, 2);

    expect(own[0]?.request).toBe(later.request);
  });

  it("lets a signature be used once, also by fifty at once, and forgets it", async () => {
    const claim = seenSignatures(account.dynamodb, account.table, () => noon);

    const claims = await Promise.all(Array.from({ length: 50 }, () => claim(sha256Of("signature"))));

    expect(claims.filter(Boolean)).toHaveLength(1);
    const { Item } = await documents.send(
      new GetCommand({ TableName: account.table, Key: { pk: `seen#${sha256Of("signature")}`, sk: "seen" } }),
    );
    expect(Item?.expiresAt).toBe(noon / 1_000 + 15 * 60);
  });
});

describe("what stands", () => {
  const change = (epoch: number, more: Partial<InventoryChange> = {}): InventoryChange => ({
    entry: {
      environment: record.itinerary.environment,
      workspace: WorkspaceName.parse(`vm-${record.request.slice(4)}`),
      blueprint: "virtual-machine",
      subject: "Virtual machine web-7",
      owner: record.itinerary.requester,
      since: noon + epoch,
      request: RequestId.parse(`req_0000000${epoch}`),
    },
    epoch,
    removed: false,
    ...more,
  });
  const listed = async () => {
    const all = await doorRequests(account.dynamodb, account.table).inventory(record.itinerary.environment);
    return all.filter(({ workspace }) => workspace.endsWith(record.request.slice(4)));
  };

  it("is kept by the higher epoch, with its first day and owner", async () => {
    for (const epoch of [1, 3, 2]) await store.keepInventory(change(epoch));

    expect(await listed()).toEqual([{ ...change(1).entry, request: "req_00000003" }]);
  });

  it("is gone after a removal, and new when it is made again", async () => {
    await store.keepInventory(change(1));
    await store.keepInventory(change(2, { removed: true }));
    expect(await listed()).toEqual([]);

    await store.keepInventory(change(3));
    expect(await listed()).toEqual([change(3).entry]);
  });
});

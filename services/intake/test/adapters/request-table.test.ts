import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { PrincipalId, RequestId, StepSuspended, WorkspaceName } from "@sluice/events";
import { sha256Of } from "@sluice/steps";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { allDue } from "../../../../test/emulated-table.ts";
import { doorRequests } from "../../src/adapters/door-requests.ts";
import { dueRequest } from "../../src/adapters/due-request.ts";
import { requestTable } from "../../src/adapters/request-table.ts";
import { seenSignatures } from "../../src/adapters/seen-signatures.ts";
import { factOf } from "../../src/core/facts.ts";
import type { InventoryChange } from "../../src/core/inventory.ts";
import type { RequestStore } from "../../src/core/ports.ts";
import { proposeByPerson } from "../../src/core/propose.ts";
import type { Accepted } from "../../src/core/record.ts";
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

  const by = (name: string) => PrincipalId.parse(`person_${name}${requests}`);
  const ofPerson = (person: PrincipalId, n: number): Accepted => {
    const request = RequestId.parse(`${record.request}x${String(n).padStart(2, "0")}`);
    return { ...record, request, itinerary: { ...record.itinerary, request, requester: person } };
  };
  const plans = (person: PrincipalId, most: number) => ({ of: "plans", by: person, most, hour: 5 }) as const;
  const isUsedUp = (stored: object) => "usedUp" in stored;

  it("accepts as many open requests of a person as there may be, however many come at once, and an end makes room for one", async () => {
    const person = by("a");
    const uses = [{ of: "open", by: person, most: 3 }] as const;
    const all = Array.from({ length: 12 }, (_, n) => ofPerson(person, n));

    const stored = await Promise.all(all.map((each) => store.putIfAbsent(each, uses)));
    const accepted = stored.flatMap((each) => ("usedUp" in each ? [] : [each]));
    expect(accepted.map(({ slot }) => slot).sort()).toEqual([1, 2, 3]);
    expect(stored.filter(isUsedUp)).toEqual(Array(9).fill({ usedUp: "open" }));
    expect(await doorRequests(account.dynamodb, account.table).used(person, 5)).toEqual({ open: 3, plans: 0 });

    const first = accepted.find(({ slot }) => slot === 1);
    if (!first) throw new Error("One was expected");
    const end = { type: "request.completed.v1", data: {}, cause: first.cause, at: noon };
    expect(await store.replace({ ...first, version: 9 }, { ...first, end })).toBe(false);
    expect(await store.replace(first, { ...first, end })).toBe(true);
    expect(await store.putIfAbsent(first, uses)).toMatchObject({ end });
    const fewer = [{ of: "open", by: person, most: 2 }] as const; // The installation allows fewer by now.
    expect(await store.putIfAbsent(ofPerson(person, 19), fewer)).toEqual({ usedUp: "open" });
    const again = [ofPerson(person, 20), ofPerson(person, 21)].map((each) => store.putIfAbsent(each, uses));
    expect((await Promise.all(again)).filter(isUsedUp)).toHaveLength(1);
  });

  it("counts plans of an hour with what they are for, or stores neither", async () => {
    const person = by("b");
    const [one, other] = [ofPerson(person, 1), ofPerson(person, 2)];

    expect(await store.putIfAbsent(one, [plans(person, 2)])).toEqual(one);
    expect(await store.putIfAbsent(one, [plans(person, 2)])).toEqual(one); // It came twice.
    expect(await store.replaceUsing(one, { ...one, version: 7 }, plans(person, 2))).toBe("stored");
    expect(await store.replaceUsing(one, one, plans(person, 3))).toBe("lost");
    expect(await store.putIfAbsent(other, [plans(person, 2)])).toEqual({ usedUp: "plans" });
    expect(await store.request(other.request)).toBeUndefined();
    expect(await doorRequests(account.dynamodb, account.table).own(person, 9)).toHaveLength(1);
    expect(await doorRequests(account.dynamodb, account.table).used(person, 5)).toEqual({ open: 0, plans: 2 });
    expect([await store.use(plans(person, 3)), await store.use(plans(person, 3))]).toEqual([true, false]);
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

    const end = { type: "request.completed.v1", data: {}, cause: record.cause, at: noon };
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

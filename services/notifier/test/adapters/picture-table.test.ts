import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { RequestId } from "@sluice/events";
import type { Fact } from "@sluice/words/facts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { allDue, emulatedTable } from "../../../../test/emulated-table.ts";
import { pictureTable } from "../../src/adapters/picture-table.ts";
import type { PictureStore } from "../../src/core/ports.ts";
import { factsOf, itinerary, say, wholeStory } from "../factories.ts";

const NOW = 1_000_000;
let account: Awaited<ReturnType<typeof emulatedTable>>;
let store: PictureStore;
let request: RequestId;
let requests = 0;
beforeAll(async () => {
  account = await emulatedTable();
  store = pictureTable(account.documents, account.table);
});
afterAll(() => account.stop());
beforeEach(() => {
  request = RequestId.parse(`req_${String(++requests).padStart(8, "0")}`);
});

/** What stands in the table of what is shown, read past the store. */
const item = async () =>
  (
    await account.documents.send(
      new GetCommand({ TableName: account.table, Key: { pk: request, sk: "picture" }, ConsistentRead: true }),
    )
  ).Item;
const own = (facts: readonly Fact[]) => facts.map((fact) => ({ ...fact, request }));
const byKey = (facts: readonly Fact[]) => [...facts].sort((a, b) => (a.key < b.key ? -1 : 1));
const isDue = async (at: number) =>
  (await allDue(account.documents, account.table, at)).some(({ pk }) => pk === request);

describe("the notifier's table", () => {
  it("keeps the same facts as the rule says, in either order and however often they come", async () => {
    const story = wholeStory();
    const each = own(story.flatMap((event) => factsOf([event])));

    for (const fact of [...each].reverse()) await store.keep(fact);
    for (const fact of each) await store.keep(fact);

    expect(byKey(await store.facts(request))).toEqual(own(factsOf(story)));
  });

  it("keeps one of two facts of equal rank, whichever comes first", async () => {
    const [one, other] = own([
      ...factsOf([say.waits("plan", { waitsFor: "workspace", holder: "req_00000000", position: 1 })]),
      ...factsOf([say.waits("plan", { waitsFor: "workspace", holder: "req_11111111", position: 1 })]),
    ]);
    if (!one || !other) throw new Error("Two facts were expected");

    await store.keep(other);
    await store.keep(one);

    expect(await store.facts(request)).toEqual([other]);
  });

  it("is due after something was heard, until that is shown", async () => {
    expect(await store.noteHeard(request, "a", NOW)).toEqual({
      changed: 1,
      rendered: 0,
      places: {},
      dueAt: NOW + 45_000,
    });
    expect(await isDue(NOW + 44_999)).toBe(false);
    expect(await isDue(NOW + 45_000)).toBe(true);

    expect(await store.release(request, "a", 1)).toBe(true);

    expect(await isDue(NOW + 45_000)).toBe(false);
    expect(await item()).toMatchObject({ changed: 1, rendered: 1 });
  });

  it("says when something newer was heard meanwhile, and stays due", async () => {
    await store.noteHeard(request, "a", NOW);
    expect(await store.noteHeard(request, "b", NOW), "somebody renders already").toBeUndefined();

    expect(await store.release(request, "a", 1)).toBe(false);
    expect(await isDue(NOW + 45_000)).toBe(true);
    expect(await store.takeLease(request, "a", NOW)).toMatchObject({ changed: 2, rendered: 1 });
  });

  it("notes everything that many hear at once, and one of them shows it", async () => {
    const heard = await Promise.all(Array.from({ length: 8 }, (_, n) => store.noteHeard(request, `holder-${n}`, NOW)));

    expect(heard.filter((shown) => shown !== undefined)).toHaveLength(1);
    expect(await item()).toMatchObject({ changed: 8, dueAt: NOW + 45_000 });
  });

  it("gives the lease to one of many, and to another when that one is dead", async () => {
    const takers = await Promise.all(Array.from({ length: 8 }, (_, n) => store.takeLease(request, `holder-${n}`, NOW)));
    expect(takers.filter(Boolean)).toHaveLength(1);

    expect(await store.takeLease(request, "later", NOW + 20_000)).toBeUndefined();
    expect(await store.takeLease(request, "later", NOW + 20_001)).toBeDefined();
  });

  it("gives it again to whoever has it, whose answer may have been lost", async () => {
    expect(await store.noteHeard(request, "a", NOW)).toMatchObject({ changed: 1 });
    expect(await store.noteHeard(request, "a", NOW)).toMatchObject({ changed: 2 });
    expect(await store.takeLease(request, "a", NOW)).toMatchObject({ changed: 2 });
  });

  it("takes nothing from whoever holds the lease now", async () => {
    await store.noteHeard(request, "dead", NOW);
    await store.takeLease(request, "alive", NOW + 30_000);

    await store.postpone(request, "dead", NOW + 1);
    await store.release(request, "dead", 1);

    expect(await store.takeLease(request, "third", NOW + 30_001)).toBeUndefined();
    expect(await item()).not.toHaveProperty("rendered");
  });

  it("is due again when Slack said, with the lease given back", async () => {
    await store.takeLease(request, "a", NOW);
    await store.postpone(request, "a", NOW + 30_000);

    expect(await isDue(NOW + 30_000)).toBe(true);
    expect(await store.takeLease(request, "b", NOW)).toBeDefined();
  });

  it("remembers where each message stands, and what was told privately", async () => {
    await store.notePlace(request, "thread#step#plan#1#ended", { channel: "C1", ts: "1.2" });
    const told = { request, event: "evt_1", to: { team: "T1", user: "U1" }, kind: "decision.refused.v1#stale" };
    await store.noteTold(told);

    expect((await store.takeLease(request, "a", NOW))?.places).toEqual({
      "thread#step#plan#1#ended": { channel: "C1", ts: "1.2" },
    });
    expect([await store.wasTold(told), await store.wasTold({ ...told, event: "evt_2" })]).toEqual([true, false]);
  });

  it("remembers of one person and kind of answer the last one alone", async () => {
    const itemsOf = async () =>
      (
        await account.documents.send(
          new QueryCommand({
            TableName: account.table,
            KeyConditionExpression: "pk = :pk",
            ExpressionAttributeValues: { ":pk": request },
          }),
        )
      ).Items;

    for (let n = 0; n < 20; n++)
      await store.noteTold({
        request,
        event: `evt_${n}`,
        to: { team: "T1", user: "U1" },
        kind: "decision.refused.v1#stale",
      });

    expect(await itemsOf()).toMatchObject([{ event: "evt_19" }]);
  });

  it("looks at a picture again at the next reminder, and at once when something newer is heard", async () => {
    await store.noteHeard(request, "one", NOW);

    expect(await store.release(request, "one", 1, NOW + 3_600_000)).toBe(true);
    expect(await isDue(NOW + 3_599_999)).toBe(false);
    expect(await isDue(NOW + 3_600_000)).toBe(true);

    await store.noteHeard(request, "one", NOW);
    expect(await isDue(NOW + 45_000)).toBe(true);
  });

  it("reads facts that are more than a page of DynamoDB's", async () => {
    const parameters = Object.fromEntries([..."abcdefg"].map((name) => [name, "x".repeat(2_000)]));
    const [fact] = own(factsOf([say.accepted(itinerary({ parameters }))]));
    if (!fact) throw new Error("A fact was expected");
    await Promise.all(Array.from({ length: 90 }, (_, n) => store.keep({ ...fact, key: `fact ${n}` })));

    expect(await store.facts(request)).toHaveLength(90);
  });
});

import { describe, expect, it } from "vitest";
import type { Call } from "../../local/front/front.ts";
import type { Item } from "../item-size.ts";
import { type Consumed, meter, type Tables } from "../meter.ts";

const OWN = "sluice-local-provisioner";
const BUILDS = "sluice-local-provisioner-builds";
const DUE: Item = { dueShard: { S: "all" }, dueAt: { N: "1" } };

const key = (name: string): Item => ({ pk: { S: name }, sk: { S: "it" } });
const item = (name: string, bytes: number, more: Item = {}): Item => ({
  ...key(name),
  ...more,
  it: { S: "x".repeat(bytes) },
});

/** An owner's two tables, of which its own alone has an index. */
function twoTables(...stored: readonly (readonly [table: string, item: Item])[]) {
  const items = new Map<string, Item>();
  const at = (table: string, { pk, sk }: Item) => JSON.stringify([table, pk, sk]);
  const put = (table: string, item: Item) => void items.set(at(table, item), item);
  for (const [table, item] of stored) put(table, item);
  const tables: Tables = {
    describe: async (table) => ({
      key: ["pk", "sk"],
      indexes: table === OWN ? [{ key: ["dueShard", "dueAt"] }] : [],
    }),
    item: async (table, { pk, sk, ...more }) => {
      expect(more).toEqual({});
      return items.get(at(table, { pk, sk } as Item));
    },
    looksAt: async () => [...items.values()],
  };
  return { tables, put };
}

const callOf = (action: string, body: object): Call => ({
  number: 1,
  at: 0,
  account: "111111111111",
  service: "dynamodb",
  action,
  protocol: "json",
  method: "POST",
  path: "/",
  body,
});

async function metered(tables: Tables, call: Call, answer: () => number): Promise<Consumed> {
  const { before, after } = meter(tables);
  await before(call);
  call.status = answer();
  return after(call);
}

describe("the meter", () => {
  it("counts each item of a transaction for its table, and the index of that table which has one", async () => {
    const { tables, put } = twoTables([OWN, item("request", 1_500, DUE)], [BUILDS, item("job", 100, DUE)]);
    const call = callOf("TransactWriteItems", {
      TransactItems: [
        { Update: { TableName: OWN, Key: key("request") } },
        { Put: { TableName: BUILDS, Item: item("job", 200, DUE) } },
        { ConditionCheck: { TableName: BUILDS, Key: key("workspace") } },
      ],
    });

    const consumed = await metered(tables, call, () => {
      put(OWN, item("request", 1_600, DUE));
      put(BUILDS, item("job", 200, DUE));
      return 200;
    });

    expect(consumed).toEqual([
      { table: OWN, read: 0, write: 2 * 2 + 2 },
      { table: BUILDS, read: 0, write: 2 },
      { table: BUILDS, read: 0, write: 2 },
    ]);
  });

  it("counts an update by what the item was, when it has become smaller", async () => {
    const { tables, put } = twoTables([BUILDS, item("job", 2_500)]);

    const consumed = await metered(tables, callOf("UpdateItem", { TableName: BUILDS, Key: key("job") }), () => {
      put(BUILDS, item("job", 10));
      return 200;
    });

    expect(consumed).toEqual([{ table: BUILDS, read: 0, write: 3 }]);
  });

  it("counts a write that was refused by the larger of what is there and what would have been", async () => {
    const { tables } = twoTables([OWN, item("request", 100, DUE)]);
    const call = callOf("PutItem", { TableName: OWN, Item: item("request", 2_500, DUE) });

    expect(await metered(tables, call, () => 400)).toEqual([{ table: OWN, read: 0, write: 3 }]);
  });

  it("counts a read by what is there, and a query by all that it looks at", async () => {
    const { tables } = twoTables([BUILDS, item("job", 3_000)], [BUILDS, item("other", 3_000)]);
    const get = callOf("GetItem", { TableName: BUILDS, Key: key("job"), ConsistentRead: true });
    const query = callOf("Query", { TableName: BUILDS, ConsistentRead: false });

    expect(await metered(tables, get, () => 200)).toEqual([{ table: BUILDS, read: 1, write: 0 }]);
    expect(await metered(tables, query, () => 200)).toEqual([{ table: BUILDS, read: 1, write: 0 }]);
  });

  it("does not guess what another operation consumes", async () => {
    const { tables } = twoTables();

    await expect(meter(tables).before(callOf("BatchWriteItem", {}))).rejects.toThrow("what BatchWriteItem consumes");
  });
});

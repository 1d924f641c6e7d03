import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as z from "zod";
import type { Call } from "../local/front/front.ts";
import { type Capacity, type Index, readUnits, type Write, writeUnits } from "./capacity.ts";
import type { Item } from "./item-size.ts";

/** The tables as they are, read beside the calls that are metered. */
export interface Tables {
  /** The names of a table's key attributes, and its indexes. */
  describe(table: string): Promise<Readonly<{ key: readonly string[]; indexes: readonly Index[] }>>;
  item(table: string, key: Item): Promise<Item | undefined>;
  /** All items that a Query looks at, also those that its filter leaves out. @param body of the call */
  looksAt(body: object): Promise<readonly Item[]>;
}

/** What a call consumed of each table. */
export type Consumed = readonly (Capacity & Readonly<{ table: string }>)[];

/** Looks at each call to DynamoDB on both sides: `before` it is answered, and `after`, when it has its status. */
export interface Meter {
  before(call: Call): Promise<void>;
  after(call: Call): Promise<Consumed>;
}

const Attributes = z.record(z.string(), z.custom<AttributeValue>());
const Operation = z.object({
  TableName: z.string(),
  Key: Attributes.optional(),
  Item: Attributes.optional(),
  ConsistentRead: z.boolean().default(false),
});
const Transaction = z.object({ TransactItems: z.array(z.record(z.string(), Operation)) });
type Operation = z.infer<typeof Operation>;

/**
 * Counts by the items themselves, as they are before and after a call: `writeUnits` and `readUnits` say how. An estimate where calls on one item overlap, since each
 * sees what the other has done meanwhile; and whatever has another status than 200 is taken for a condition that failed.
 *
 * @throws for operations that nobody calls yet
 */
export function meter(tables: Tables): Meter {
  const seen = new WeakMap<Call, readonly (Item | undefined)[]>();

  const stored = async ({ TableName, Key, Item: put = {} }: Operation): Promise<Item | undefined> => {
    const { key } = await tables.describe(TableName);
    return tables.item(
      TableName,
      Key ?? Object.fromEntries(Object.entries(put).filter(([name]) => key.includes(name))),
    );
  };
  const all = (operations: readonly Operation[]) => Promise.all(operations.map(stored));

  return {
    async before(call) {
      const writes = writesOf(call);
      if (writes.length > 0) seen.set(call, await all(writes));
    },

    async after(call) {
      if (call.action === "GetItem") {
        const operation = Operation.parse(call.body);
        return [reads(operation, await all([operation]))];
      }
      if (call.action === "Query")
        return [reads(Operation.parse(call.body), await tables.looksAt(z.looseObject({}).parse(call.body)))];

      const writes = writesOf(call);
      const refused = call.status !== 200;
      const [before, after] = [seen.get(call), refused ? [] : await all(writes)];
      if (!before) throw new Error(`Nobody looked at what ${call.action} found`);
      return Promise.all(
        writes.map(async ({ TableName, Item: put }, place) => {
          const { indexes } = await tables.describe(TableName);
          const write: Write = {
            before: before[place],
            after: put ?? after[place],
            indexes,
            inTransaction: call.action === "TransactWriteItems",
            refused,
          };
          return { table: TableName, read: 0, write: writeUnits(write) };
        }),
      );
    },
  };
}

function writesOf({ action, body }: Call): readonly Operation[] {
  switch (action) {
    case "GetItem":
    case "Query":
      return [];
    case "PutItem":
    case "UpdateItem":
    case "DeleteItem":
      return [Operation.parse(body)];
    case "TransactWriteItems":
      return Transaction.parse(body).TransactItems.flatMap((part) => Object.values(part));
    default:
      throw new Error(`Nobody has said yet what ${action} consumes`);
  }
}

function reads({ TableName, ConsistentRead }: Operation, items: readonly (Item | undefined)[]) {
  const found = items.filter((item) => item !== undefined);
  return { table: TableName, read: readUnits(found, ConsistentRead), write: 0 };
}

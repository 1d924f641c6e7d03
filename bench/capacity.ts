import { type AttributeValue, DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { Cloud } from "../local/cloud/start-cloud.ts";
import type { Call } from "../local/front/front.ts";

type Item = Record<string, AttributeValue>;

/** What DynamoDB would bill, in units of its price list: a read of 4 KB, a write of 1 KB. */
export interface Capacity {
  read: number;
  write: number;
}

const READ_UNIT_BYTES = 4_096;
const WRITE_UNIT_BYTES = 1_024;

/**
 * What a call consumes, by the sizes that the items have right after it, read as root. An estimate: an item that shrank is
 * counted by its new size, and a write to the index `due` as one more write of the item.
 *
 * See https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/capacity-unit-calculations.html
 */
export function capacityOf(asRoot: Cloud["asRoot"]): (call: Call) => Promise<Capacity> {
  const dynamodb = new DynamoDBClient(asRoot);

  const stored = async (TableName: string, Key: Item): Promise<Item | undefined> =>
    (await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
  const writeOf = (item: Item | undefined): number => {
    const units = unitsOf(item, WRITE_UNIT_BYTES);
    return item?.dueShard ? 2 * units : units;
  };
  const written = async ({ TableName, Key, Item }: Operation): Promise<number> =>
    writeOf(Item ?? (Key && (await stored(TableName, Key))));
  const read = async ({ TableName, Key, ConsistentRead }: Operation): Promise<number> =>
    unitsOf(Key && (await stored(TableName, Key)), READ_UNIT_BYTES) * (ConsistentRead ? 1 : 0.5);

  return async ({ action, body }) => {
    const operation = body as Operation;
    switch (action) {
      case "GetItem":
        return { read: await read(operation), write: 0 };
      case "Query": {
        const { Items = [] } = await dynamodb.send(
          new QueryCommand(body as ConstructorParameters<typeof QueryCommand>[0]),
        );
        const bytes = Items.reduce((sum, item) => sum + sizeOf(item), 0);
        return {
          read: Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) * (operation.ConsistentRead ? 1 : 0.5),
          write: 0,
        };
      }
      case "PutItem":
      case "UpdateItem":
      case "DeleteItem":
        return { read: 0, write: await written(operation) };
      case "TransactWriteItems": {
        const parts = (operation.TransactItems ?? []).flatMap((part) => Object.values(part));
        const each = await Promise.all(parts.map(written));
        return { read: 0, write: 2 * each.reduce((sum, units) => sum + units, 0) }; // Prepared, then committed.
      }
      default:
        throw new Error(`Nobody has said yet what ${action} consumes`);
    }
  };
}

interface Operation {
  TableName: string;
  Key?: Item;
  Item?: Item;
  ConsistentRead?: boolean;
  TransactItems?: Record<string, Operation>[];
}

const unitsOf = (item: Item | undefined, unit: number) => Math.max(1, Math.ceil((item ? sizeOf(item) : 0) / unit));

/** Bytes of an item by DynamoDB's rules: names and values in UTF-8, numbers about a byte for two digits. */
export function sizeOf(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value), 0);
}

function sizeOfValue(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.replace(/[-.]/g, "").length / 2) + 1;
  if (value.B !== undefined) return value.B.length;
  if (value.M !== undefined) return 3 + sizeOf(value.M) + Object.keys(value.M).length;
  if (value.L !== undefined) return 3 + value.L.reduce((sum, each) => sum + 1 + sizeOfValue(each), 0);
  if (value.SS !== undefined) return value.SS.reduce((sum, each) => sum + Buffer.byteLength(each), 0);
  return 1; // true, false, null
}

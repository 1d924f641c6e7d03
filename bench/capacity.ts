import { isDeepStrictEqual } from "node:util";
import { type Item, sizeOf } from "./item-size.ts";

/** In units of DynamoDB's price list: a read of 4 KB, a write of 1 KB. */
export type Capacity = Readonly<{ read: number; write: number }>;

/** An index that holds whole items, and of them those that have all attributes of its key. */
export type Index = Readonly<{ key: readonly string[] }>;

/** What a call does to one item: how it is before and after, each absent where there is none. */
export type Write = Readonly<{
  before: Item | undefined;
  /** Of a write that was refused, the item that it would have put, where the call says it. */
  after: Item | undefined;
  indexes: readonly Index[];
  inTransaction: boolean;
  /** Its condition did not hold, or another one's of the transaction. */
  refused: boolean;
}>;

const READ_UNIT_BYTES = 4_096;
const WRITE_UNIT_BYTES = 1_024;

/**
 * Write units of one item.
 *
 * - Of the table one for each KB, rounded up for each item, of the larger of before and after, whatever part is changed. A write whose condition fails costs the same.
 * - In a transaction twice that, as it is prepared and then committed: also for an item that is only a condition. What a cancelled transaction costs AWS does not
 *   say: it is counted in full.
 * - Of each index what changes in it: an entry that comes, goes or differs costs its KBs, one whose key differs those of both, because the old one goes and a new
 *   one comes. A refused write changes none, and a transaction costs an index no more (measured on DynamoDB by others, the third link).
 *
 * See https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html,
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes,
 * https://github.com/nubo-db/dynoxide/pull/188
 */
export function writeUnits({ before, after, indexes, inTransaction, refused }: Write): number {
  const ofTable = Math.max(1, unitsOf(before), unitsOf(after)) * (inTransaction ? 2 : 1);
  return refused ? ofTable : indexes.reduce((sum, index) => sum + indexUnits(index, before, after), ofTable);
}

function indexUnits({ key }: Index, before: Item | undefined, after: Item | undefined): number {
  const isEntry = (item: Item | undefined) => key.every((name) => item?.[name] !== undefined);
  const [old, made] = [isEntry(before) ? before : undefined, isEntry(after) ? after : undefined];
  const isMoved = key.some((name) => !isDeepStrictEqual(old?.[name], made?.[name]));
  if (isMoved) return unitsOf(old) + unitsOf(made);
  return isDeepStrictEqual(old, made) ? 0 : Math.max(unitsOf(old), unitsOf(made));
}

const unitsOf = (item: Item | undefined) => (item ? Math.ceil(sizeOf(item) / WRITE_UNIT_BYTES) : 0);

/**
 * Read units of all items that one GetItem or Query looks at, also those that a filter then leaves out: one for each 4 KB of them together, rounded up, one where
 * there is none; half of it unless the read is strongly consistent.
 *
 * See https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
export function readUnits(items: readonly Item[], isConsistent: boolean): number {
  const bytes = items.reduce((sum, item) => sum + sizeOf(item), 0);
  return Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) * (isConsistent ? 1 : 0.5);
}

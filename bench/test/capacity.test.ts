import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { readUnits, type Write, writeUnits } from "../capacity.ts";
import { type Item, sizeOf } from "../item-size.ts";

/** An item of so many bytes, of which two are its name. */
const item = (bytes: number, more: Item = {}): Item => ({ ...more, it: { S: "x".repeat(bytes - 2 - sizeOf(more)) } });
const due = (dueAt: string): Item => ({ dueShard: { S: "all" }, dueAt: { N: dueAt } });
const INDEX = { key: ["dueShard", "dueAt"] };

function units(write: Partial<Write>): number {
  return writeUnits({
    before: undefined,
    after: undefined,
    indexes: [],
    inTransaction: false,
    refused: false,
    ...write,
  });
}

describe("an item's size", () => {
  it.each<[string, AttributeValue, number]>([
    ["a text by its bytes in UTF-8", { S: "é€" }, 5],
    ["a number by its significant digits", { N: "1795987200000" }, 5],
    ["a number below one", { N: "-0.0012" }, 2],
    ["nought", { N: "0" }, 1],
    ["a flag", { BOOL: false }, 1],
    ["nothing", { NULL: true }, 1],
    ["a list with a byte for each element", { L: [{ S: "ab" }, { BOOL: true }] }, 8],
    ["a map with names and a byte for each", { M: { ab: { S: "c" } } }, 7],
  ])("counts %s", (_what, value, bytes) => {
    expect(sizeOf({ n: value })).toBe(1 + bytes);
  });

  it("is not guessed for what no item of ours has", () => {
    expect(() => sizeOf({ n: { SS: ["a"] } })).toThrow("Nobody has said yet how large SS is");
  });
});

describe("a write", () => {
  it("costs a unit for each KB that was begun, and one where there was and is no item", () => {
    expect([1_024, 1_025, 2_049].map((bytes) => units({ after: item(bytes) }))).toEqual([1, 2, 3]);
    expect(units({})).toBe(1);
  });

  it("costs by the larger of before and after", () => {
    expect(units({ before: item(3_000), after: item(10) })).toBe(3);
    expect(units({ before: item(10), after: item(3_000) })).toBe(3);
  });

  it("costs the same when its condition fails, but changes no index", () => {
    const [before, after] = [item(1_500, due("1")), item(2_500, due("2"))];

    expect(units({ before, refused: true })).toBe(2);
    expect(units({ before, after, indexes: [INDEX], refused: true })).toBe(3);
    expect(units({ before, after, indexes: [INDEX], inTransaction: true, refused: true })).toBe(6);
  });

  it("costs twice in a transaction, also for an item that is only a condition", () => {
    expect(units({ before: item(1_500), after: item(1_500), inTransaction: true })).toBe(4);
    expect(units({ inTransaction: true })).toBe(2);
  });
});

describe("an index", () => {
  const inIndex = (write: Partial<Write>) => units({ ...write, indexes: [INDEX] }) - units(write);

  it("costs nothing while an item has not all of its key", () => {
    expect(inIndex({ before: item(50), after: item(60, { dueAt: { N: "1" } }) })).toBe(0);
  });

  it("costs the entry that comes, that goes, and that differs", () => {
    const entry = item(1_500, due("1"));

    expect(inIndex({ after: entry })).toBe(2);
    expect(inIndex({ before: entry, after: item(50) })).toBe(2);
    expect(inIndex({ before: entry, after: item(1_501, due("1")) })).toBe(2);
  });

  it("costs both entries when the key differs, because one goes and one comes", () => {
    expect(inIndex({ before: item(1_500, due("1")), after: item(50, due("2")) })).toBe(3);
  });

  it("costs nothing when its entry stays as it is", () => {
    expect(inIndex({ before: item(50, due("1")), after: item(50, due("1")) })).toBe(0);
  });

  it("costs the same in a transaction as outside", () => {
    expect(inIndex({ after: item(1_500, due("1")), inTransaction: true })).toBe(2);
  });
});

describe("a read", () => {
  it("costs a unit for each 4 KB that was begun of all items together, and half of it when it need not be consistent", () => {
    expect(readUnits([item(4_096)], true)).toBe(1);
    expect(readUnits([item(4_000), item(97)], true)).toBe(2);
    expect(readUnits([item(4_000), item(97)], false)).toBe(1);
  });

  it("costs as much as that of one item when there is none", () => {
    expect(readUnits([], true)).toBe(1);
    expect(readUnits([], false)).toBe(0.5);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Decimal, exactText, parseExact } from "../../src/json/exact-json.ts";

const numberOf = (text: string) => (parseExact(text) as Decimal).text;

describe("a number is read by its value", () => {
  it.each([
    ["1.10", "1.1"],
    ["1e3", "1000"],
    ["-0.0", "0"],
    ["2.50E-2", "0.025"],
    ["9007199254740993", "9007199254740993"],
    ["-12.5e+1", "-125"],
    ["1e-5", "0.00001"],
    [`1${"0".repeat(400)}`, `1${"0".repeat(400)}`],
  ])("%#: as its shortest plain decimal", (spelled, read) => {
    expect(numberOf(spelled)).toBe(read);
  });

  it("however it is spelled, and another value is another number", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.nat(30), (value, zeros) => {
        fc.pre(value !== 0n); // No digit may follow a zero.
        const digits = value.toString();
        const spellings = [digits, `${digits}.${"0".repeat(zeros + 1)}`, `${digits}${"0".repeat(zeros)}e-${zeros}`];

        expect(new Set(spellings.map(numberOf)).size).toBe(1);
        expect(numberOf((value + 1n).toString())).not.toBe(numberOf(digits));
      }),
    );
  });

  it("also where a double would do", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(numberOf(JSON.stringify(value)))).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});

it("writes what it read", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      fc.pre(text.isWellFormed());

      expect(JSON.parse(exactText(parseExact(text)))).toEqual(JSON.parse(text));
    }),
  );
  expect(exactText(parseExact('{"owner":9007199254740993,"weight":1.10}'))).toBe(
    '{"owner":9007199254740993,"weight":1.1}',
  );
});

it("never takes a map for a number", () => {
  expect(parseExact('{"text":"1"}')).not.toBeInstanceOf(Decimal);
});

it("keeps a key that has a meaning in JavaScript", () => {
  expect(Object.keys(parseExact('{"__proto__":1,"constructor":2}') as object)).toEqual(["__proto__", "constructor"]);
});

describe("what cannot be written again as it was is refused", () => {
  it.each([
    ["no JSON", "{"],
    ["more than 5,000 digits", "1".repeat(5_001)],
    ["more than 5,000 digits", "1e5001"],
    ["more than 200 levels", `${"[".repeat(201)}${"]".repeat(201)}`.replace("[]", "[1]")],
    ["more than 200 levels", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["half a character", String.raw`{"a":"\ud800"}`],
    ["half a character", String.raw`{"\udc00":1}`],
  ])("%s: %#", (says, text) => {
    expect(() => parseExact(text)).toThrow(says);
  });
});

it("does not quote what it cannot read, which may be a secret", () => {
  expect(() => parseExact('{"serial": hunter2-hunter2 }')).toThrow(/^It is no JSON$/);
});

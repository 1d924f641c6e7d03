import fc from "fast-check";

/** JSON of lists in lists, so many levels deep: as text, since `JSON.stringify` breaks on it. */
export const lists = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

/** JSON of maps in maps. */
export const maps = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

/** JSON texts of values that have broken something somewhere: as texts, since an object literal cannot say `__proto__` or 1e400. */
const odd: readonly string[] = [
  ...[20, 500, 2_000, 5_000, 8_000].map(lists),
  ...[20, 1_300].map(maps),
  ...["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "toJSON", "then", ""].flatMap(
    (name) => [`{"${name}":"x"}`, `{"${name}":{"name":"Set"}}`, `{"${name}":{"name":"Buffer"}}`],
  ),
  ...['"\\ud800"', '"\\udc00 and \\ud83d"', '{"\\ud800":1}', '"\\u0000"', '"%"', '"%E0%A4%A"', '""'],
  ...["1e400", "-1e400", "1e-400", "1e300", "1e-300", "9007199254740993", "-9007199254740993", "-0", "0.1", "1e21"],
  ...["null", "true", "[]", "{}", '["x",1,[null]]', '"9999-12-31T23:59:59.999Z"', '"0000-01-01T00:00:00Z"'],
];

/** Any value of JSON as its text: odd ones, and whatever else there is. */
export const hostileJson: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...odd) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4, stringUnit: "binary" }).map((value) => JSON.stringify(value)) },
);

type Place = readonly (string | number)[];

/** Every place of a value at which another one could stand. */
function placesIn(value: unknown, at: Place = []): Place[] {
  if (typeof value !== "object" || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([name, each]) => placesIn(each, [...at, name]))];
}

/** JSON of `good` with something hostile in place of one of its values, or beside them under a name that is hostile too. */
export function hostileVersionOf(good: unknown): fc.Arbitrary<string> {
  const names = fc.constantFrom("__proto__", "constructor", "toString", "x", "\ud800", "");
  return fc
    .record({ place: fc.constantFrom(...placesIn(good)), value: hostileJson, beside: fc.option(names) })
    .map(({ place, value, beside }) => changed(good, place, value, beside));
}

function changed(good: unknown, [name, ...rest]: Place, value: string, beside: string | null): string {
  if (name === undefined) {
    if (beside === null || typeof good !== "object" || good === null || Array.isArray(good)) return value;
    return `{${[...Object.entries(good).map(([key, each]) => member(key, JSON.stringify(each))), member(beside, value)].join(",")}}`;
  }
  const members = Object.entries(good as object).map(([key, each]) => {
    const text = key === String(name) ? changed(each, rest, value, beside) : JSON.stringify(each);
    return Array.isArray(good) ? text : member(key, text);
  });
  return Array.isArray(good) ? `[${members.join(",")}]` : `{${members.join(",")}}`;
}

const member = (name: string, text: string) => `${JSON.stringify(name)}:${text}`;

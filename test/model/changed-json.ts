/** Names and indexes from the outside in. */
export type Path = readonly (string | number)[];
/** What stands there instead; `undefined` takes it out. */
export type To = unknown;

/** Where a JSON value has its leaves: scalars, null, and what is empty. */
export function leafPaths(value: unknown, path: Path = []): Path[] {
  const inside = entriesOf(value).flatMap(([name, each]) => leafPaths(each, [...path, name]));
  return inside.length > 0 ? inside : [path];
}

export function isAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, name) => new Map<string | number, unknown>(entriesOf(at)).get(name), value);
}

/** Others of the same kind, so that a schema lets most of them through; then another kind, and nothing at all. */
export function anotherOf(value: unknown): To[] {
  const near = nearTo(value);
  return [...near, typeof value === "string" ? 1 : "1", undefined];
}

function nearTo(value: unknown): To[] {
  if (typeof value === "boolean") return [!value];
  if (typeof value === "number") return [value + 1, ...(value > 0 ? [0] : [])];
  if (Array.isArray(value)) return [["a.b"]];
  if (typeof value !== "string") return [{}];
  if (/^[0-9a-f]{64}$/.test(value)) return ["e".repeat(64)];
  return [`${value}x`, `${value.slice(0, -1)}${value.endsWith("A") ? "B" : "A"}`];
}

/** A copy with one thing in it changed. */
export function changed(value: unknown, [first, ...rest]: Path, to: To): unknown {
  if (first === undefined) return to;
  if (Array.isArray(value)) {
    const at = Number(first);
    return rest.length === 0 && to === undefined
      ? value.toSpliced(at, 1)
      : value.toSpliced(at, 1, changed(value[at], rest, to));
  }
  const { [first]: inner, ...others } = (value ?? {}) as Record<string, unknown>;
  return rest.length === 0 && to === undefined ? others : { ...others, [first]: changed(inner, rest, to) };
}

function entriesOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return value.map((each, index) => [index, each]);
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

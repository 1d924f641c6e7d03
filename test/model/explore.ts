/** One thing that may happen in a state: what it leads to, or nothing when it changes nothing there. */
export type Action<S> = Readonly<{
  name: string;
  /** Done by people or by misfortune: nobody may rely on it for going on. */
  chance?: boolean;
  run(state: S): readonly S[];
}>;

/** A state that must not be, and how it came about. */
export type Finding = Readonly<{ broken: string; path: readonly string[] }>;

export type Exploration = Readonly<{ states: number; finding: Finding | undefined }>;

/**
 * Visits every state that any order of actions can lead to, the nearest first, so that a finding has the shortest path.
 *
 * From each of them something may happen, without people and without misfortune, that leads to one where everybody has what they came for. `unfinished` says of a
 * state why it is not such a one.
 */
export function explore<S extends object>(
  start: S,
  actions: readonly Action<S>[],
  invariant: (state: S) => string | undefined,
  unfinished: (state: S) => string | undefined,
): Exploration {
  const nameOf = naming();
  const numbers = new Map<string, number>([[nameOf(start), 0]]);
  const cameBy: { from: number; by: string }[] = [{ from: -1, by: "" }];
  const edges: [from: number, to: number][] = [];
  const waits: (string | undefined)[] = [];
  let queue: [number: number, state: S][] = [[0, start]];
  const finding = (number: number, broken: string): Exploration => ({
    states: numbers.size,
    finding: { broken, path: pathTo(number, cameBy) },
  });

  while (queue.length > 0) {
    const nearest: [number, S][] = [];
    for (const [number, state] of queue) {
      const broken = invariant(state);
      if (broken) return finding(number, broken);
      waits[number] = unfinished(state);
      for (const action of actions) {
        for (const next of action.run(state)) {
          if (next === state) continue; // Four of five: naming a state is what costs.
          const name = nameOf(next);
          let to = numbers.get(name);
          if (to === undefined) {
            to = numbers.size;
            numbers.set(name, to);
            cameBy.push({ from: number, by: action.name });
            nearest.push([to, next]);
          }
          if (!action.chance && to !== number) edges.push([number, to]);
        }
      }
    }
    queue = nearest;
  }
  const stuck = neverDone(waits, edges);
  return stuck === undefined ? { states: numbers.size, finding: undefined } : finding(stuck, waits[stuck] ?? "");
}

/**
 * A short name for each value, the same for equal ones. States share nearly all that they are made of, so that each part is looked at once and not in every state
 * that holds it.
 */
function naming(): (value: unknown) => string {
  const names = new WeakMap<object, string>();
  const numbers = new Map<string, number>();
  const nameOf = (value: unknown): string => {
    if (typeof value === "string") return `"${value}`;
    if (typeof value !== "object" || value === null) return String(value);
    const known = names.get(value);
    if (known) return known;
    const parts = Object.entries(value).map(([key, part]) => (part === undefined ? "" : `${key}:${nameOf(part)}`));
    const text = `${Array.isArray(value) ? "[" : "{"}${parts.join()}`;
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    const name = `#${number}`;
    names.set(value, name);
    return name;
  };
  return nameOf;
}

/** The first state from which none can be reached that waits for nothing. Backwards from those. */
function neverDone(waits: readonly (string | undefined)[], edges: readonly [number, number][]): number | undefined {
  const leadingTo = new Map<number, number[]>();
  for (const [from, to] of edges) {
    const known = leadingTo.get(to);
    if (known) known.push(from);
    else leadingTo.set(to, [from]);
  }
  const comes = new Uint8Array(waits.length);
  const open = waits.flatMap((wait, number) => (wait === undefined ? [number] : []));
  for (const number of open) comes[number] = 1;
  for (let to = open.pop(); to !== undefined; to = open.pop())
    for (const from of leadingTo.get(to) ?? []) {
      if (comes[from]) continue;
      comes[from] = 1;
      open.push(from);
    }
  const first = comes.indexOf(0);
  return first < 0 ? undefined : first;
}

function pathTo(number: number, cameBy: readonly Readonly<{ from: number; by: string }>[]): string[] {
  const path: string[] = [];
  for (let at = cameBy[number]; at && at.from >= 0; at = cameBy[at.from]) path.unshift(at.by);
  return path;
}

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
 * A state in which nothing goes on by itself is handed to `atRest`, which says what is wrong with stopping there.
 */
export function explore<S extends object>(
  start: S,
  actions: readonly Action<S>[],
  invariant: (state: S) => string | undefined,
  atRest: (state: S) => string | undefined,
): Exploration {
  const cameBy = new Map<string, Readonly<{ from: string; by: string }> | undefined>();
  const startName = JSON.stringify(start);
  cameBy.set(startName, undefined);
  const queue: [name: string, state: S][] = [[startName, start]];

  for (let at = 0; at < queue.length; at += 1) {
    const [name, state] = queue[at] as [string, S];
    let broken = invariant(state);
    let goesOn = false;
    for (const action of actions) {
      for (const next of action.run(state)) {
        if (next === state) continue; // Four of five: naming a state is what costs.
        const nextName = JSON.stringify(next);
        if (nextName === name) continue;
        goesOn ||= !action.chance;
        if (cameBy.has(nextName)) continue;
        cameBy.set(nextName, { from: name, by: action.name });
        queue.push([nextName, next]);
      }
    }
    if (!goesOn) broken ??= atRest(state);
    if (broken) return { states: cameBy.size, finding: { broken, path: pathTo(name, cameBy) } };
  }
  return { states: cameBy.size, finding: undefined };
}

function pathTo(
  name: string,
  cameBy: ReadonlyMap<string, Readonly<{ from: string; by: string }> | undefined>,
): string[] {
  const path: string[] = [];
  for (let step = cameBy.get(name); step; step = cameBy.get(step.from)) path.unshift(step.by);
  return path;
}

import { type PartResult, runPart, STYLE, TYPES, testsOf } from "./part.ts";

/**
 * Style, types, unit and wiring tests. Two lanes, since two programs keep two cores busy and four would only slow each other;
 * the wiring tests come last in theirs, behind what they need.
 */
export async function checkParts(root: string, needsForWiring: () => Promise<void>): Promise<PartResult[]> {
  const ready = needsForWiring();
  ready.catch(() => undefined); // Told by the wiring part, which waits for it.
  const lanes = await Promise.all([
    inOrder(root, [TYPES, testsOf("wiring", () => ready)]),
    inOrder(root, [STYLE, testsOf("unit")]),
  ]);
  return lanes.flat();
}

/** One part after the other. */
export async function inOrder(
  root: string,
  parts: Parameters<typeof runPart>[1][],
  each: (result: PartResult) => void = () => undefined,
): Promise<PartResult[]> {
  const results: PartResult[] = [];
  for (const part of parts) {
    const result = await runPart(root, part);
    each(result);
    results.push(result);
  }
  return results;
}

import { isDeepStrictEqual } from "node:util";
import { type PlanOutput, Sha256 } from "@sluice/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { summaryOf } from "../../packages/runner/src/index.ts";
import type { PlanPage } from "../../packages/runner/src/plan-page/page.ts";
import { anotherOf, changed, isAt, leafPaths, type Path, type To } from "./changed-json.ts";
import { type Lie, type Made, type Scene, scenes, type Walked, walkPlan } from "./plan-protocol.ts";

/**
 * Suite 1 of the threat model, for plans: whatever a plan's build reports, shows or measures with, nothing is applied but exactly what people, or the rule that
 * passed in their place, were shown.
 */
const kinds = Object.entries<Scene>(scenes);

/** What an honest build makes of a scene, and what comes of it. */
type Truth = Readonly<{ made: Made; page: PlanPage; walked: Walked }>;
const truths = new Map<Scene, Promise<Truth>>();

function truthOf(scene: Scene): Promise<Truth> {
  const known = truths.get(scene) ?? honestly(scene);
  truths.set(scene, known);
  return known;
}

async function honestly(scene: Scene): Promise<Truth> {
  const made: Made[] = [];
  const walked = await walkPlan(scene, (honest) => {
    made.push(honest);
    return honest;
  });
  const [honest] = made;
  if (!honest) throw new Error("Nothing was planned");
  return { made: honest, page: JSON.parse(honest.page), walked };
}

/** Why an apply was not begun, or no gate opened: each has a name. */
const REFUSALS = ["result_changed", "page_changed", "summary_changed", "plan_changed", "digest_key_changed"] as const;

/** Nothing was begun, or exactly what was shown was. */
async function judge(scene: Scene, { ended, told, gate, shown, spent, published }: Walked, lie: string): Promise<void> {
  const { page, walked: honest } = await truthOf(scene);
  if (ended !== "applied") {
    expect(REFUSALS, `${lie}: ${ended}`).toContain(ended);
    expect(told, lie).not.toContain("apply");
    expect(spent, lie).toEqual([]);
    expect(typesOf(published), lie).not.toContain("apply.completed.v1");
    return;
  }
  expect(
    told.filter((each) => each === "apply"),
    lie,
  ).toHaveLength(1);
  expect(spent, lie).toHaveLength(1);
  expect(shown?.change, lie).toEqual(page.change);
  expect(gate?.plan.summary, lie).toEqual(shown && summaryOf(shown));
  expect(shown?.seen.orphans, lie).toEqual(expect.arrayContaining([...(scene.orphans ?? [])]));
  if (gate?.rule) expect(gate.rule, lie).toBe(honest.gate?.rule);
  expect(gate?.decisions.length, lie).toBeGreaterThanOrEqual(honest.gate?.decisions.length ?? 0);
}

const typesOf = (published: Walked["published"]) => published.map(({ type }) => type);

/** Each field of a report is one walk: `npm test` takes the scenes with most in them, `npm run faults` all. */
const FIELDS_OF: readonly Scene[] =
  process.env.FAULTS === "all"
    ? Object.values(scenes)
    : [scenes["changes and destroys"], scenes["hides what is secret"], scenes["changes nothing"]];

describe.each(kinds)("a plan that %s", (_, scene) => {
  it("is applied where its build was honest, once as many have approved as its change needs", async () => {
    const { walked, page } = await truthOf(scene);

    expect(walked.ended).toBe("applied");
    await judge(scene, walked, "none");
    const nobody = scene === scenes["changes nothing"];
    expect(walked.gate?.rule).toBe(nobody ? "empty-plan" : undefined);
    const takesAway = page.change.resources.some(({ action }) => ["destroy", "replace", "forget"].includes(action));
    expect(walked.gate?.decisions).toHaveLength(nobody ? 0 : scene.destroy ? 3 : takesAway ? 2 : 1);
  });

  if (FIELDS_OF.includes(scene))
    it("is applied as it was shown or not at all, whatever field of the report is another one", async () => {
      const { made } = await truthOf(scene);
      const believed = new Set<string>();
      let lies = 0;

      for (const path of leafPaths(made.output))
        for (const to of anotherOf(isAt(made.output, path))) {
          const walked = await walkPlan(scene, (honest) => ({
            ...honest,
            output: changed(honest.output, path, to) as PlanOutput,
          }));
          lies += 1;
          await judge(scene, walked, `${path.join(".")} = ${String(JSON.stringify(to))}`);
          if (walked.ended === "applied") believed.add(String(path[0]));
        }

      expect(lies).toBeGreaterThan(90);
      // What was true when the plan was made, for people. A field that is added to what a plan reports is proven by the apply, or stands here.
      expect([...believed].sort()).toEqual(["seen", "state", "tools"]);
    });

  it("is applied as it was shown or not at all, whatever the build has made another one, and however often", async () => {
    await fc.assert(
      fc.asyncProperty(liesOf((await truthOf(scene)).made), async ({ what, lie }) => {
        await judge(scene, await walkPlan(scene, lie), what);
      }),
      { numRuns: 50 },
    );
  });

  it("is not applied by the whole report of a plan that does something else", async () => {
    const { page: own } = await truthOf(scene);
    for (const [name, other] of kinds) {
      const { made, page } = await truthOf(other);
      const walked = await walkPlan(scene, ({ output: { epoch } }) => ({ ...made, output: { ...made.output, epoch } }));

      await judge(scene, walked, name);
      if (!isDeepStrictEqual(page.change, own.change)) expect(walked.ended, name).toBe("plan_changed");
    }
  });
});

describe("a plan's build that lies about one thing alone is found out by its name", () => {
  const scene = scenes["changes and destroys"];

  it.each<[string, Lie, string]>([
    [
      "how many things are destroyed, so that one approver is enough",
      saying(({ summary }) => ({
        summary: {
          ...summary,
          counts: { ...summary.counts, destroy: 0, replace: 0 },
          destroys: { count: 0, first: [] },
        },
      })),
      "summary_changed",
    ],
    ["what it shows, and counts what it shows", showing({ change: { resources: [], outputs: [] } }), "page_changed"],
    ["its digest", saying(() => ({ changeDigest: Sha256.parse("e".repeat(64)) })), "plan_changed"],
    [
      "what its digest was made with",
      (made) => ({ ...made, digestKey: JSON.stringify({ key: "", entries: [] }) }),
      "digest_key_changed",
    ],
  ])("%s", async (_, lie, code) => {
    const walked = await walkPlan(scene, lie);

    await judge(scene, walked, code);
    expect(walked.gate?.status).toBe("granted");
    expect(walked.ended).toBe(code);
  });

  it("which state of the workspace it planned on: nobody is asked about it", async () => {
    const walked = await walkPlan(
      scene,
      saying(({ epoch }) => ({ epoch: epoch + 1 })),
    );

    expect(walked).toMatchObject({ ended: "result_changed", gate: undefined });
  });

  it("that nothing happens, so that nobody is asked", async () => {
    const walked = await walkPlan(
      scene,
      saying(() => ({ summary: NOTHING })),
    );

    await judge(scene, walked, "nothing");
    expect(walked.gate?.rule).toBe("empty-plan");
    expect(walked.ended).toBe("summary_changed");
  });

  it("that nothing was left behind, so that nobody is asked", async () => {
    const left = scenes["changes nothing, beside what was left behind"];

    const walked = await walkPlan(left, (made) => {
      const { seen }: PlanPage = JSON.parse(made.page);
      return showing({ seen: { ...seen, orphans: [] } })(made);
    });

    await judge(left, walked, "no orphans");
    expect(walked.gate?.rule).toBe("empty-plan");
    expect(walked.ended).toBe("summary_changed");
  });
});

const NOTHING = summaryOf({
  version: 1,
  change: { resources: [], outputs: [] },
  seen: { terraform: "", orphans: [], drift: [], warnings: [], checks: [], before: [] },
});

/** It reports something else. */
function saying(other: (output: PlanOutput) => Partial<PlanOutput>): Lie {
  return (made) => ({ ...made, output: { ...made.output, ...other(made.output) } });
}

/** It shows something else, and counts what it shows. */
function showing(other: Partial<PlanPage>): Lie {
  return (made) => {
    const page: PlanPage = { ...JSON.parse(made.page), ...other };
    return { ...made, page: JSON.stringify(page), output: { ...made.output, summary: summaryOf(page) } };
  };
}

/** Some things at once that the build has made another one: of its report, its page, its digest's key; counted again by what it shows, or not. */
function liesOf({ output, page, digestKey }: Made): fc.Arbitrary<{ what: string; lie: Lie }> {
  const edits = (of: unknown) => {
    const paths = leafPaths(of);
    const edit = fc.tuple(fc.constantFrom(...paths), fc.nat()).map(([path, nth]): [Path, To] => {
      const others = anotherOf(isAt(of, path));
      return [path, others[nth % others.length]];
    });
    return fc.array(edit, { maxLength: 2 });
  };
  return fc
    .record({
      report: edits(output),
      shown: edits(JSON.parse(page)),
      measured: edits(JSON.parse(digestKey)),
      countsAgain: fc.boolean(),
    })
    .map((lies) => ({ what: JSON.stringify(lies), lie: (made) => withLies(made, lies) }));
}

type Edits = readonly [Path, To][];

function withLies(
  made: Made,
  { report, shown, measured, countsAgain }: { report: Edits; shown: Edits; measured: Edits; countsAgain: boolean },
): Made {
  const all = (of: unknown, edits: Edits) => edits.reduce((value, [path, to]) => changed(value, path, to), of);
  const page = all(JSON.parse(made.page), shown);
  const output = countsAgain ? { ...made.output, ...countedBy(page) } : made.output;
  return {
    output: all(output, report) as PlanOutput,
    page: shown.length > 0 ? JSON.stringify(page) : made.page,
    digestKey: measured.length > 0 ? JSON.stringify(all(JSON.parse(made.digestKey), measured)) : made.digestKey,
  };
}

/** The summary of a page, if it still is one. */
function countedBy(page: unknown): object {
  try {
    return { summary: summaryOf(page as PlanPage) };
  } catch (cause) {
    if (cause instanceof TypeError) return {};
    throw cause;
  }
}

import { StepRef } from "@sluice/events";
import { PlanPage, type ShownAttribute, shownActions } from "@sluice/runner";
import { checkLimits, exactBlocks, exactCode } from "@sluice/slack";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planPages, planView } from "../../src/door/plan-view.ts";
import { request } from "../factories.ts";

const ref = StepRef.parse({ request, step: "plan", attempt: 1 });
const digest = "9f3a61c2".padEnd(64, "0");

type Change = Partial<PlanPage["change"]>;
const pageWith = (change: Change, seen: Partial<PlanPage["seen"]> = {}): PlanPage =>
  PlanPage.parse({
    version: 1,
    change: { resources: [], outputs: [], ...change },
    seen: { terraform: "1.11.4", orphans: [], drift: [], warnings: [], checks: [], before: [], ...seen },
  });
const resource = (attributes: readonly unknown[], more: Record<string, unknown> = {}) =>
  ({ address: "aws_instance.this", type: "aws_instance", action: "update", attributes, ...more }) as never;

type View = ReturnType<typeof planView>;
type Block = Readonly<{ type: string; text?: { text: string }; elements?: readonly Record<string, unknown>[] }>;
const blocksOf = (view: View) => view.blocks as unknown as readonly Block[];
const sectionsOf = (view: View) =>
  blocksOf(view).flatMap(({ type, text }) => (type === "section" && text ? [text.text] : []));
const actingIn = (view: View) =>
  blocksOf(view).flatMap(({ type, elements = [] }) => (type === "actions" ? elements : []));
const linesOf = (view: View) => sectionsOf(view).flatMap((text) => text.split("\n"));

const viewAt = (plan: PlanPage, page = 1) => planView(plan, { ref, digest, page });
function everyPage(plan: PlanPage): View[] {
  const first = viewAt(plan);
  const of = Number(/page 1 of (\d+)/.exec(JSON.stringify(first.blocks))?.[1] ?? 1);
  return Array.from({ length: of }, (_, at) => viewAt(plan, at + 1));
}

describe("an attribute", () => {
  const line = (attribute: unknown, more?: Record<string, unknown>) =>
    linesOf(viewAt(pageWith({ resources: [resource([attribute], more)] }))).slice(1);

  it.each<[string, unknown, string]>([
    [
      "a number, every digit of it",
      { before: { number: "9007199254740992" }, after: { number: "9007199254740993" } },
      "`9007199254740992` → `9007199254740993`",
    ],
    ["a text that looks like a number", { before: { value: "10" }, after: { number: "10" } }, '`"10"` → `10`'],
    ["a text that looks like nothing", { before: { value: "null" }, after: { value: null } }, '`"null"` → `null`'],
    ["a text that looks quoted", { before: { value: '"10"' }, after: { value: "10" } }, '`""10""` → `"10"`'],
    ["nothing at all", { before: { value: "" }, after: { value: [] } }, "(empty) → `[]`"],
    ["a backtick and what looks like one", { before: { value: "`" }, after: { value: "ˋ" } }, "`ˋ` → `\\u02cb`"],
    [
      "a line break and how it is spelled",
      { before: { value: "a\nb" }, after: { value: "a\\nb" } },
      "`a\\nb` → `a\\\\nb`",
    ],
    ["a blank at the end", { before: { value: "a" }, after: { value: "a " } }, "`a` → `a␣`"],
    [
      "what Terraform says is sensitive",
      { before: { hidden: "marked" }, after: { hidden: "equal" } },
      "_sensitive_ → _holds a sensitive value_",
    ],
    ["what goes", { before: { value: "x" } }, "`x` → _removed_"],
    [
      "what forces a replacement",
      { before: { value: "x" }, after: { hidden: "unknown" }, forcesReplacement: true },
      "`x` → _known after apply_ *(forces replacement)*",
    ],
  ])("shows %s", (_, sides, shown) => {
    expect(line({ path: "tags.a", ...(sides as object) })).toEqual([`• \`tags.a\`: ${shown}`]);
  });

  it("that is long is shown around its first difference, and both values whole", () => {
    const [was, willBe] = ["x".repeat(3_000), `${"x".repeat(2_999)}y`];

    const sections = everyPage(
      pageWith({ resources: [resource([{ path: "user_data", before: { value: was }, after: { value: willBe } }])] }),
    ).flatMap(sectionsOf);

    expect(sections[0]).toMatch(
      /`x+` _\(3,000 characters, whole text 1\)_ → …`x+y` _\(3,000 characters, whole text 2\)_$/,
    );
    for (const text of [was, willBe])
      for (const block of exactBlocks(text, 2_000)) expect(sections.join()).toContain(block);
    expect(sections[1]).toMatch(/^\*Whole text 1\*, `user_data` of `aws_instance.this`\n/);
  });

  it("comes before others where it forces a replacement or decides what is allowed, and after them where it says little", () => {
    const attributes = [
      { path: "a", before: { value: "same" }, after: { value: "same" } },
      { path: "arn", after: { hidden: "unknown" } },
      { path: "b", after: { value: null } },
      { path: "c", before: { number: "1" }, after: { number: "2" } },
      { path: "id", after: { hidden: "unknown" } },
      { path: "role", before: { value: "r" }, after: { hidden: "equal" } },
      { path: "z", before: { value: "x" }, after: { value: "y" }, forcesReplacement: true },
    ];

    expect(
      line(attributes[0], { action: "replace", attributes, risks: [{ code: "security_hidden", path: "role" }] }),
    ).toEqual([
      "*! a value of a role, policy or network is hidden*: `role`",
      "• `z`: `x` → `y` *(forces replacement)*",
      "• `role`: `r` → _holds a sensitive value_",
      "• `c`: `1` → `2`",
      "• _known after apply:_ `arn`, `id`",
      "• _no value (null):_ `b`",
      "• _written again as it was:_ `a` = `same`",
    ]);
  });

  it("of what goes says what names it and how it goes", () => {
    const gone = [
      { path: "force_destroy", before: { value: true } },
      { path: "id", before: { value: "data" } },
      { path: "prefix", before: { value: null } },
    ];

    const view = viewAt(
      pageWith({ resources: [resource([], { action: "destroy", gone, risks: [{ code: "data_lost" }] })] }),
    );

    expect(sectionsOf(view)).toEqual([
      "*− destroys* `aws_instance.this`\n*! its data is lost*\n_What goes:_\n− `force_destroy`: `true`\n− `id`: `data`\n• _no value (null):_ `prefix`",
    ]);
  });
});

describe("what was seen when the plan was made", () => {
  const seen = {
    warnings: ["Argument is deprecated"],
    checks: ["The check check.health fails: 503"],
    drift: [
      {
        address: "aws_instance.this",
        action: "update" as const,
        attributes: [{ path: "tags.by", after: { value: "hand" } }],
      },
    ],
    before: [{ address: "aws_instance.this", path: "ami", before: '"ami-1"' }],
  };

  it("stands after the change, on pages of its own, and says that nobody approves it", () => {
    const [first, second, ...more] = everyPage(
      pageWith({ resources: [resource([{ path: "a", after: { value: "b" } }])] }, seen),
    );

    expect(more).toEqual([]);
    expect(sectionsOf(first as View)).toEqual(["*~ changes* `aws_instance.this`\n• `a`: `b`"]);
    const shown = sectionsOf(second as View);
    expect(shown.map((text) => text.split("\n")[1])).toEqual([
      "• `The check check.health fails: 503`",
      "• `Argument is deprecated`",
      "• `tags.by`: `hand`",
      '• `aws_instance.this` `ami`: `"ami-1"` → _known after apply_',
    ]);
    for (const text of shown) expect(text).toContain("seen when the plan was made, not part of what is approved");
  });

  it("begins with what a killed apply left, before the change", () => {
    const [first = ""] = sectionsOf(
      viewAt(pageWith({ resources: [resource([])] }, { orphans: ["arn:aws:ec2:1:i-left"] })),
    );

    expect(first).toMatch(
      /^\*! In the account, but in no state\*.*not part of what is approved_\n.*delete them by hand.*\n• `arn:aws:ec2:1:i-left`$/,
    );
  });

  it("does not make an empty change look like one", () => {
    expect(sectionsOf(viewAt(pageWith({}, seen)))).toEqual(["No changes to infrastructure."]);
  });
});

it("counts moves, imports, reads and outputs beside the rest", () => {
  const outputs = [{ name: "ip", action: "update" as const, attributes: [] }];
  const moved = resource([], { action: "move", movedFrom: "aws_instance.that" });
  const read = resource([], { address: "data.aws_ami.this", type: "aws_ami", action: "read" });

  const [head] = viewAt(pageWith({ resources: [moved, read], outputs })).blocks;

  expect(JSON.stringify(head)).toContain(
    "+ 0 to add   ~ 0 to change   − 0 to destroy   1 to move   1 to read   1 output to change",
  );
});

describe("a plan of 2,000 resources", () => {
  const actions = ["destroy", "replace", "create"] as const;
  const resources = Array.from({ length: 2_000 }, (_, n) =>
    resource(
      Array.from({ length: 18 }, (_, at) => ({ path: `tags.t${at}`, before: { value: "a" }, after: { value: "b" } })),
      {
        address: `aws_instance.many[${n}]`,
        action: actions[Math.floor(n / 700)],
        ...(n === 1_500 && { movedFrom: "aws_instance.old" }),
      },
    ),
  );
  const plan = pageWith(
    {
      resources,
      outputs: [{ name: "ip", action: "create", attributes: [{ path: "", after: { hidden: "unknown" } }] }],
    },
    { warnings: ["w"] },
  );
  const of = planPages(plan).pages.length;

  const valuesIn = (view: View) => Object.fromEntries(actingIn(view).map(({ action_id, value }) => [action_id, value]));

  it("can be turned from the first page to the last and back", () => {
    const at = (page: number) => valuesIn(viewAt(plan, page));
    const to = (page: number) => `${request}.plan.1.${page}`;

    expect(at(1)).toEqual({ next_page: to(2), last_page: to(of), jump_to_page: undefined });
    expect(at(9)).toMatchObject({ first_page: to(1), previous_page: to(8), next_page: to(10), last_page: to(of) });
    expect(at(of)).toEqual({ first_page: to(1), previous_page: to(of - 1), jump_to_page: undefined });
    expect(viewAt(plan, of + 1)).toEqual(viewAt(plan, of));
  });

  it("can be gone through by kind, where there is one of it", () => {
    const select = actingIn(viewAt(plan, 3)).find(({ action_id }) => action_id === "jump_to_page");
    const options = select?.options as readonly { text: { text: string }; value: string }[];

    expect(options.map(({ text }) => text.text.split(",")[0])).toEqual([
      "Destroys",
      "Replaces",
      "Adds",
      "Moves",
      "Outputs",
      "Seen beside the change",
    ]);
    for (const { text, value } of options) {
      const page = Number(value.split(".")[3]);
      expect(text.text).toContain(`page ${page}`);
      const words = { replace: "± replaces", move: "moved from", output: "adds* output" }[value.split(".")[4] ?? ""];
      expect(sectionsOf(viewAt(plan, page)).join()).toContain(words ?? "");
      expect(sectionsOf(viewAt(plan, page - 1)).join()).not.toContain(words ?? "nothing");
    }
  });

  it("is within Slack's limits on each page, and a click sends little back", () => {
    for (const page of [1, 9, Math.floor(of / 2), of - 1, of]) {
      const view = viewAt(plan, page);

      expect(checkLimits(view)).toEqual([]);
      expect(sectionsOf(view).join("").length).toBeLessThanOrEqual(10_000);
      expect(JSON.stringify(view).length).toBeLessThan(20_000);
    }
  });
});

/** Texts that are easily taken for another, short, long and very long. */
const unit = fc.constantFrom(
  ..."ab \\`ˋ␣↵n\n\r\t<>&\"'*_.[]1\u0301e\u00e9\u00a0\u200b\u202e\ue000א",
  "\\n",
  "(empty)",
  "null",
  "☁️",
);
const short = fc.array(unit, { maxLength: 6 }).map((units) => units.join(""));
const text = fc.oneof(
  { weight: 6, arbitrary: short },
  {
    weight: 1,
    arbitrary: fc.constantFrom("true", "1", "1.0", "null", "[]", "{}", '"1"', "…", "sensitive", "_sensitive_"),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom("x", "&", "\u200b", "\n", "👩", "` "), fc.integer({ min: 240, max: 2_600 }), short)
      .map(([one, length, end]) => `${one.repeat(length)}${end}${one}`),
  },
);
const value = fc.oneof(
  { weight: 4, arbitrary: text.map((each) => ({ value: each })) },
  fc.constantFrom({ value: true }, { value: false }, { value: null }, { value: [] }, { value: {} }),
  fc.constantFrom("0", "1", "10", "-1.5", "9007199254740993", "1".repeat(700)).map((number) => ({ number })),
  fc.constantFrom("marked", "equal", "unknown").map((hidden) => ({ hidden })),
);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const attributes = fc.uniqueArray(
  fc.record({
    path: text,
    before: optional(value),
    after: optional(value),
    forcesReplacement: optional(fc.constant(true)),
  }),
  { maxLength: 4, selector: ({ path }) => path },
) as fc.Arbitrary<unknown> as fc.Arbitrary<ShownAttribute[]>;
const code = fc.constantFrom("data_lost", "open_to_internet", "public", "iam", "security_hidden", "security_unknown");
const planPage = fc
  .record({
    resources: fc.array(
      fc.record({
        address: fc.oneof(text, fc.constant("aws_instance.this")),
        type: fc.oneof(short, fc.constant("aws_instance")),
        action: fc.constantFrom(...shownActions),
        reason: optional(text),
        movedFrom: optional(text),
        importedId: optional(text),
        deposed: optional(text),
        createsFirst: optional(fc.constant(true)),
        attributes,
        gone: optional(attributes),
        risks: optional(fc.array(fc.record({ code, path: optional(text) }), { minLength: 1, maxLength: 2 })),
      }),
      { maxLength: 3 },
    ),
    outputs: fc.array(fc.record({ name: text, action: fc.constantFrom("create", "update", "destroy"), attributes }), {
      maxLength: 2,
    }),
    orphans: fc.array(text, { maxLength: 2 }),
    drift: fc.array(fc.record({ address: text, action: fc.constantFrom("destroy", "update"), attributes }), {
      maxLength: 2,
    }),
    warnings: fc.array(text, { maxLength: 2 }),
    checks: fc.array(text, { maxLength: 2 }),
    before: fc.array(fc.record({ address: text, path: text, before: text }), { maxLength: 2 }),
    terraform: text,
  })
  .map(({ resources, outputs, ...seen }) =>
    PlanPage.parse(JSON.parse(JSON.stringify({ version: 1, change: { resources, outputs }, seen }))),
  );

/** Everything that is written in the window, on all its pages, as it is drawn. */
function drawn(plan: PlanPage): string {
  const { pages, terraform } = planPages(plan);
  return [...pages.flatMap(({ texts }) => texts), terraform].join("\n").normalize("NFC");
}

type Json = string | boolean | null | readonly Json[] | { readonly [name: string]: Json };
type Place = readonly (string | number)[];
function placesIn(json: Json, at: Place = []): Place[] {
  const inside = Array.isArray(json)
    ? [...json.entries()]
    : typeof json === "object" && json !== null
      ? Object.entries(json)
      : [];
  return [at, ...inside.flatMap(([name, each]) => placesIn(each as Json, [...at, name]))];
}
function changedAt(json: Json, [name, ...rest]: Place, put: (there: Json) => Json | undefined): Json | undefined {
  if (name === undefined) return put(json);
  const copy = structuredClone(json) as Record<string | number, Json>;
  const inside = changedAt(copy[name] as Json, rest, put);
  if (inside !== undefined) copy[name] = inside;
  else if (Array.isArray(copy)) copy.splice(Number(name), 1);
  else delete copy[name];
  return copy as Json;
}

describe("two different pages", () => {
  it("never look the same, whatever one part of them differs in", { timeout: 60_000 }, () => {
    const other = fc.oneof(
      fc.constant(undefined),
      text,
      value,
      fc.constantFrom("destroy", "marked", "equal", "iam", true),
    );
    fc.assert(
      fc.property(
        planPage,
        fc.nat(),
        other,
        fc.nat(),
        fc.constantFrom("put", "insert", "cut"),
        (one, where, put, at, how) => {
          const places = placesIn(one as unknown as Json);
          const place = places[where % places.length] as Place;
          const changed = changedAt(one as unknown as Json, place, (there) => {
            if (how === "put" || typeof there !== "string") return put as Json | undefined;
            const from = at % (there.length + 1);
            return `${there.slice(0, from)}${how === "insert" ? "a" : ""}${there.slice(how === "cut" ? from + 1 : from)}`;
          });
          const two = PlanPage.safeParse(changed);
          fc.pre(two.success && asTruth(two.data) !== asTruth(one));

          expect(drawn(two.data as PlanPage)).not.toBe(drawn(one));
        },
      ),
      { numRuns: 250 },
    );
  });

  it("have every name and value of the change somewhere in the window, whole, within Slack's limits", {
    timeout: 60_000,
  }, () => {
    fc.assert(
      fc.property(planPage, (plan) => {
        const shown = drawn(plan);
        const of = planPages(plan).pages.length;

        for (const place of placesIn(plan as unknown as Json)) {
          const leaf = place.reduce<unknown>((json, name) => (json as Record<string | number, unknown>)[name], plan);
          const isName = ["action", "code", "hidden", "type"].includes(String(place.at(-1)));
          if (typeof leaf !== "string" || isName || (place.at(-1) === "path" && leaf === "")) continue;
          const isThere =
            [leaf, `"${leaf}"`].some(
              (each) =>
                shown.includes(exactCode(each)) || exactBlocks(each, 2_000).every((block) => shown.includes(block)),
            ) || leaf === "sensitive";
          expect(isThere, JSON.stringify({ place, leaf: leaf.slice(0, 80) })).toBe(true);
        }
        for (const page of [1, 2, of - 1, of]) expect(checkLimits(viewAt(plan, page))).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });
});

/** What a page says: the order of attributes says nothing, an empty list of them neither. */
function asTruth(plan: PlanPage): string {
  return JSON.stringify(plan, (key, each) => {
    if (key === "gone" || key === "risks") return each.length > 0 ? sorted(key, each) : undefined;
    return key === "attributes" ? sorted(key, each) : each;
  });
}
const sorted = (key: string, each: readonly unknown[]) =>
  key === "risks" ? each : each.map((one) => JSON.stringify(one)).sort();

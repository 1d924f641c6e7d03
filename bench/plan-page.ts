import { readFileSync } from "node:fs";
import { sha256Of } from "@sluice/steps";
import { changeDigest, entryDigests, KEY_BYTES } from "../packages/runner/src/change/change-digest.ts";
import { changeListOf } from "../packages/runner/src/change/change-list.ts";
import { maskOf } from "../packages/runner/src/change/mask-of.ts";
import { nothingGoes } from "../packages/runner/src/change/provider-schema.ts";
import { secretsOf } from "../packages/runner/src/masking/secrets.ts";
import { pageBytes, planPage } from "../packages/runner/src/plan-page/plan-page.ts";
import { seenWith } from "../packages/runner/src/plan-page/seen.ts";
import { summaryOf } from "../packages/runner/src/plan-page/summary.ts";
import { readPlan } from "../packages/runner/src/terraform/plan-json.ts";
import { keeps, median, type Row, table } from "./row.ts";

const RESOURCES = 2_000;
const TIMES = 5;
const BOUND_SECONDS = 1.5;
/** Of each: a machine, its security group and a rule of it. */
const FIXTURES = ["virtual-machine-create", "virtual-machine-change", "virtual-machine-destroy"];

/**
 * How long a plan of many resources takes from Terraform's text to its page: a third each is made, changed and destroyed. The providers' schemas, which
 * decide what is listed of what goes, are not asked: everything is, which is the most that it can be.
 */
export function planPageTimes(): Row[] {
  const rows = [
    ...timesOf(
      "",
      textOf(() => undefined),
    ),
    ...timesOf(", each machine with a secret of its own", textOf(secretOf)),
  ];
  return rows;
}

/** Wall time by part, and the whole of it; also as user CPU, which other programs on the machine do not stretch as much. */
function timesOf(which: string, text: string): Row[] {
  once(text); // The first one compiles the code.
  const runs = Array.from({ length: TIMES }, () => once(text));
  const of = (part: keyof ReturnType<typeof once>) => median(runs.map((run) => run[part]));
  const size = `${(text.length / 1e6).toFixed(1)} MB of JSON${which}; median of ${TIMES}`;
  return [
    { name: "plan of 2,000: all", value: of("all") / 1_000, unit: "s", bound: BOUND_SECONDS, how: size },
    { name: "… in user CPU", value: of("cpu") / 1_000, unit: "s" },
    { name: "… read", value: Math.round(of("read")), unit: "ms" },
    { name: "… secrets", value: Math.round(of("secrets")), unit: "ms" },
    { name: "… list", value: Math.round(of("list")), unit: "ms" },
    { name: "… digest", value: Math.round(of("digest")), unit: "ms" },
    { name: "… page and summary", value: Math.round(of("page")), unit: "ms", how: `${of("shown")} resources` },
  ];
}

function once(text: string) {
  const cpu = process.cpuUsage();
  const marks = [performance.now()];
  const mark = () => void marks.push(performance.now());

  const { plan, whole } = readPlan(text);
  mark();
  const mask = maskOf(secretsOf(whole));
  mark();
  const list = changeListOf(plan, mask, nothingGoes);
  mark();
  const basis = { code: sha256Of("code"), parameters: sha256Of("parameters") };
  changeDigest(entryDigests(list, Buffer.alloc(KEY_BYTES, 1)), basis);
  mark();
  const page = planPage(list, seenWith(plan, mask, { warnings: [], orphans: [] }));
  pageBytes(page);
  summaryOf(page);
  mark();

  const [read = 0, secrets = 0, listed = 0, digest = 0, paged = 0] = marks
    .slice(1)
    .map((at, index) => at - (marks[index] ?? 0));
  return {
    read,
    secrets,
    list: listed,
    digest,
    page: paged,
    all: (marks.at(-1) ?? 0) - (marks[0] ?? 0),
    cpu: process.cpuUsage(cpu).user / 1_000,
    shown: page.change.resources.length,
  };
}

type Module = { resources: object[]; address: string };
type State = { root_module?: { child_modules?: Module[] } };
type Fixture = {
  resource_changes: { change: { after: object | null; after_sensitive: object; after_unknown: object } }[];
  resource_drift?: object[];
  planned_values: State;
  prior_state: { values: State };
};

/** A real plan of one machine, so many times side by side, each under an address and ids of its own. */
function textOf(secret: (machine: number) => string | undefined): string {
  const texts = FIXTURES.map((name) =>
    readFileSync(new URL(`../packages/runner/test/fixtures/${name}.json`, import.meta.url), "utf8"),
  );
  const [first = "{}"] = texts;
  const machines: Fixture[] = [];
  for (let count = 0; machines.flatMap((each) => each.resource_changes).length < RESOURCES; count++) {
    const number = String(count).padStart(4, "0");
    const own = (texts[count % texts.length] ?? "")
      .replaceAll("module.virtual_machine", `module.virtual_machine_${number}`)
      .replaceAll(/\b(i|sg|sgr|vol|eni)-[0-9a-f]{13}/g, (id) => `${id.slice(0, -4)}${number}`);
    machines.push(withSecret(JSON.parse(own), secret(count)));
  }
  const modules = (of: (machine: Fixture) => State | undefined) =>
    machines.flatMap((each) => of(each)?.root_module?.child_modules ?? []);
  return JSON.stringify({
    ...JSON.parse(first),
    resource_changes: machines.flatMap((each) => each.resource_changes).slice(0, RESOURCES),
    resource_drift: machines.flatMap((each) => each.resource_drift ?? []),
    planned_values: { root_module: { child_modules: modules((each) => each.planned_values) } },
    prior_state: {
      format_version: "1.0",
      terraform_version: "1.11.4",
      values: { root_module: { child_modules: modules((each) => each.prior_state.values) } },
    },
  });
}

/** The machine's start script is marked, and another attribute of it says the same without the mark. */
function withSecret(machine: Fixture, secret: string | undefined): Fixture {
  const change = machine.resource_changes[0]?.change;
  if (!secret || !change?.after) return machine;
  change.after = { ...change.after, user_data: secret, user_data_base64: Buffer.from(secret).toString("base64") };
  change.after_sensitive = { ...change.after_sensitive, user_data: true };
  change.after_unknown = { ...change.after_unknown, user_data: false, user_data_base64: false };
  return machine;
}

function secretOf(machine: number): string {
  return `#!/bin/sh\nexport TOKEN=${sha256Of(String(machine))}\nexec /opt/app/start --name machine-${machine}\n`;
}

if (import.meta.main) {
  const rows = planPageTimes();
  console.log(table(rows));
  process.exitCode = rows.every(keeps) ? 0 : 1;
}

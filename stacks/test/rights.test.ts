import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { isWrite, type Right, rightsOf, rightsPage } from "./rights.ts";
import { root, Synthesized } from "./synthesized.ts";

let rights: readonly Right[];
beforeAll(async () => {
  rights = rightsOf(await Synthesized.make());
});

/** What each kind of build may change, in its environment. Whoever widens it changes this list, and says why. */
const everyBuild = ["logs:CreateLogStream its own log", "logs:PutLogEvents its own log"];
const JOB = (owner: string, kind: string) =>
  `dynamodb:UpdateItem table ${owner}-builds: \`<environment>#job#${kind}#*\``;
const RESULTS = (kind: string) => `s3:PutObject bucket jobs: \`results/<environment>/${kind}/*\``;
const TARGET = (role: string) =>
  ["AssumeRole", "TagSession"].map((action) => `sts:${action} role sluice-${role} in the account of \`<environment>\``);
const mayChange: Record<string, string[]> = {
  "plan-<environment>": [
    JOB("provisioner", "plan"),
    RESULTS("plan"),
    "s3:PutObject bucket jobs: `digest-keys/<environment>/*`",
    "s3:PutObject bucket states: `<environment>/*.tflock`",
    "s3:DeleteObject bucket states: `<environment>/*.tflock`",
    "sqs:SendMessage queue provisioner-reports",
    ...TARGET("plan"),
  ],
  "apply-<environment>": [
    JOB("provisioner", "apply"),
    "dynamodb:UpdateItem table provisioner-builds: `<environment>#workspace#*`",
    "dynamodb:PutItem table provisioner-builds: `<environment>#grant#*`",
    RESULTS("apply"),
    "s3:PutObject bucket states: `<environment>/*`",
    "s3:DeleteObject bucket states: `<environment>/*.tflock`",
    "sqs:SendMessage queue provisioner-reports",
    ...TARGET("apply"),
  ],
  "configure-<environment>": [
    JOB("provisioner", "configuration"),
    RESULTS("configuration"),
    "sqs:SendMessage queue provisioner-reports",
    ...TARGET("configure"),
  ],
  "check-<environment>": [
    JOB("compliance", "scan"),
    RESULTS("scan"),
    "sqs:SendMessage queue compliance-reports",
    ...TARGET("check"),
  ],
};

describe("rights", () => {
  it("are each known to change something or not", () => {
    const unknown = rights
      .filter((right) => isWrite(right) === undefined)
      .map(({ who, action }) => `${who}: ${action}`);

    expect(unknown).toEqual([]);
  });

  it("of builds to change something are their own kind's jobs and results and what their kind is for, in their environment", () => {
    const builds = [...new Set(rights.filter(({ isBuild }) => isBuild).map(({ who }) => who))].sort();

    expect(builds).toEqual(Object.keys(mayChange).sort());
    for (const who of builds) {
      const has = rights.filter((right) => right.who === who && isWrite(right));
      expect(has.map(({ action, where }) => `${action} ${where}`).sort(), who).toEqual(
        [...everyBuild, ...(mayChange[who] ?? [])].sort(),
      );
    }
  });

  it("of builds to items are conditions on keys that hold for none of no keys, in a table without an index", async () => {
    const stacks = await Synthesized.make();
    const statements = stacks
      .roles()
      .filter(({ trust }) => JSON.stringify(trust[0]?.principal).includes("codebuild"))
      .flatMap((role) =>
        role.statements.filter(({ actions }) => actions.some((action) => action.startsWith("dynamodb:"))),
      );
    const tables = stacks.all("aws:dynamodb/table:Table");

    expect(statements.length).toBeGreaterThan(0);
    for (const { condition, resources } of statements) {
      expect(condition.Null).toEqual({ "dynamodb:LeadingKeys": "false" });
      expect(condition["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"]).toBeDefined();
      for (const arn of resources) {
        const table = tables.find(({ computed }) => computed.arn === arn);
        expect(table?.inputs.name).toMatch(/-builds$/);
        expect(table?.inputs.globalSecondaryIndexes ?? []).toEqual([]);
        expect(table?.inputs.localSecondaryIndexes ?? []).toEqual([]);
        expect(table?.inputs.ttl).toBeUndefined();
      }
    }
  });

  it("to change what builds are told are each of an owner of that kind alone", () => {
    const inputs = rights.filter(({ action, where }) => action === "s3:PutObject" && where.includes("`inputs/"));
    const owners = inputs.map(({ who, where }) => `${who.split("-")[0]} ${where.match(/inputs\/\*\/(\w+)\//)?.[1]}`);

    expect([...new Set(owners)].sort()).toEqual([
      "compliance scan",
      "provisioner apply",
      "provisioner configuration",
      "provisioner plan",
    ]);
  });

  it("to list a bucket are rights to learn what is not there below a prefix", () => {
    const lists = rights.filter(({ action }) => action === "s3:ListBucket");

    expect(lists.length).toBeGreaterThan(0);
    expect(lists.filter(({ where }) => !/: `(results\/\*\/\w+|<environment>)\/\*`$/.test(where))).toEqual([]);
  });

  it("stand in docs/rights.md, for people", () => {
    expect(readFileSync(join(root, "docs/rights.md"), "utf8"), "run `npm run generate`").toBe(rightsPage(rights));
  });
});

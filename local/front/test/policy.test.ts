import { describe, expect, it } from "vitest";
import { covers, isAllowed, type Statement } from "../policy.ts";

const context = new Map<string, string | string[]>([
  ["sts:externalid", "ours"],
  ["aws:tagkeys", ["request", "environment"]],
]);
const allow = (Condition: NonNullable<Statement["Condition"]>): Statement => ({
  Effect: "Allow",
  Action: "a:B",
  Condition,
});
const judge = (...statements: Statement[]) => isAllowed(statements, (each) => covers(each, "a:B"), context);

describe("a policy", () => {
  it.each<[string, NonNullable<Statement["Condition"]>, boolean]>([
    ["equal", { StringEquals: { "sts:ExternalId": ["theirs", "ours"] } }, true],
    ["other", { StringEquals: { "sts:ExternalId": "theirs" } }, false],
    ["absent", { StringEquals: { "aws:PrincipalArn": "x" } }, false],
    ["absent, if it exists", { StringEqualsIfExists: { "aws:PrincipalArn": "x" } }, true],
    ["absent and not equal", { StringNotEquals: { "aws:PrincipalArn": "x" } }, true],
    ["like", { StringLike: { "sts:ExternalId": "o?r*" } }, true],
    ["all of a list", { "ForAllValues:StringEquals": { "aws:TagKeys": ["request", "environment", "x"] } }, true],
    ["one too many of a list", { "ForAllValues:StringEquals": { "aws:TagKeys": ["request"] } }, false],
    ["all of nothing", { "ForAllValues:StringEquals": { "aws:nothing": ["x"] } }, true],
    ["one of a list", { "ForAnyValue:StringEquals": { "aws:TagKeys": "request" } }, true],
    ["one of nothing", { "ForAnyValue:StringEquals": { "aws:nothing": "x" } }, false],
    ["must be absent", { Null: { "aws:nothing": "true" } }, true],
    ["must be absent and is not", { Null: { "sts:ExternalId": true } }, false],
    ["an operator that is not known", { NumericLessThan: { "sts:ExternalId": "9" } }, false],
  ])("judges a condition: %s", (_case, condition, allowed) => {
    expect(judge(allow(condition))).toBe(allowed);
  });

  it("refuses when a Deny speaks, also one that cannot be judged", () => {
    const everything: Statement = { Effect: "Allow", Action: "*" };

    expect(judge(everything)).toBe(true);
    expect(judge(everything, { Effect: "Deny", Action: "A:b" })).toBe(false);
    expect(
      judge(everything, { Effect: "Deny", Action: "a:*", Condition: { IpAddress: { "aws:SourceIp": "x" } } }),
    ).toBe(false);
    expect(judge(everything, { Effect: "Deny", Action: "a:Other" })).toBe(true);
  });

  it("compares resources with their case", () => {
    const statement: Statement = { Effect: "Allow", Action: "a:b", Resource: "arn:x/*" };

    expect(covers(statement, "a:B", "arn:x/1")).toBe(true);
    expect(covers(statement, "a:B", "arn:X/1")).toBe(false);
    expect(covers({ Effect: "Allow", NotAction: "a:*" }, "a:B")).toBe(false);
  });
});

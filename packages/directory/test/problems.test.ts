import { describe, expect, it } from "vitest";
import { directoryProblems } from "../src/problems.ts";

const person = (name: string, given: object = {}) => ({
  id: `person_${name}`,
  name,
  active: true,
  slack: { team: "T1", user: `U${name}` },
  ...given,
});
const system = { account: "333333333333", source: "partner.ci" };
const good = {
  principals: [person("carol"), person("dan")],
  groups: { infrastructure: { members: ["person_carol"] }, operators: { members: ["person_dan"] } },
  operators: "operators",
  ask: [{ groups: ["infrastructure"], blueprints: "*", environments: "*" }],
  see: [],
};
const problems = (directory: object) => directoryProblems(JSON.stringify(directory), ["infrastructure"]);

describe("a directory", () => {
  it("that says what it means has no problem", () => {
    expect(problems(good)).toEqual([]);
  });

  it.each([
    ["no JSON", "{", /not JSON/],
    ["an unknown key", JSON.stringify({ ...good, extra: 1 }), /the file: .*extra/],
    ["a name of nobody's", JSON.stringify({ ...good, operators: "No Group" }), /operators: /],
  ])("with %s would be refused whole, and says where", (_, text, says) => {
    expect(directoryProblems(text, []).join("\n")).toMatch(says);
  });

  it.each([
    [
      "one id twice",
      { principals: [...good.principals, person("dan", { slack: { team: "T1", user: "U9" } })] },
      /person_dan is there more/,
    ],
    [
      "one Slack identity twice",
      { principals: [...good.principals, person("eve", { slack: { team: "T1", user: "Udan" } })] },
      /T1\/Udan has more/,
    ],
    [
      "one system twice",
      {
        principals: [
          ...good.principals,
          ...["one", "two"].map((name) => ({ id: `system_${name}`, name, active: true, system })),
        ],
      },
      /partner\.ci of 333333333333 has more/,
    ],
    [
      "an unknown member",
      { groups: { ...good.groups, infrastructure: { members: ["person_carol", "person_gone"] } } },
      /names person_gone/,
    ],
    [
      "a right of no group",
      { see: [{ groups: ["auditors"], blueprints: "*", environments: "*" }] },
      /auditors, which is not there/,
    ],
    ["no operator", { groups: { infrastructure: { members: ["person_carol"] } } }, /nobody could unlock/],
    [
      "no approver",
      { groups: { operators: { members: ["person_dan"] } } },
      /infrastructure has no active member: nobody could approve/,
    ],
    [
      "approvers who have left",
      { principals: [person("carol", { active: false }), person("dan")] },
      /nobody could approve/,
    ],
  ])("with %s says so", (_, changed, says) => {
    expect(problems({ ...good, ...changed }).join("\n")).toMatch(says);
  });
});

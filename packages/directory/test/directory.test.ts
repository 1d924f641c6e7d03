import { Directory, isOperator, mayAsk, maySee, membersOf, personOf, principalOf, systemOf } from "@sluice/directory";
import { PrincipalId } from "@sluice/events";
import { describe, expect, it } from "vitest";
import type * as z from "zod";

const slack = (user: string) => ({ team: "T1", user });
const source: z.input<typeof Directory> = {
  principals: [
    { id: "person_ada", name: "Ada", active: true, slack: slack("UADA") },
    { id: "person_carol", name: "Carol", active: true, slack: slack("UCAROL") },
    { id: "person_gone", name: "Gone", active: false, slack: slack("UGONE") },
    { id: "person_twin", name: "Twin", active: true, slack: slack("UTWIN") },
    { id: "person_double", name: "Double", active: true, slack: slack("UTWIN") },
    { id: "system_ci", name: "CI", active: true, system: { account: "333333333333", source: "partner.ci" } },
  ],
  groups: {
    members: { members: ["person_ada", "person_gone"] },
    infrastructure: { members: ["person_carol", "person_gone"], slackUserGroup: "S024INFRA" },
    operators: { members: ["person_carol"] },
  },
  operators: "operators",
  ask: [{ groups: ["members"], blueprints: ["probe"], environments: ["staging"] }],
  see: [{ groups: ["infrastructure"], blueprints: "*", environments: "*" }],
};
const directory = Directory.parse(source);
const [ada, carol, gone] = [
  PrincipalId.parse("person_ada"),
  PrincipalId.parse("person_carol"),
  PrincipalId.parse("person_gone"),
];

describe("who somebody is", () => {
  it("follows from team and user together", () => {
    expect(personOf(directory, slack("UADA"))?.id).toBe(ada);
    expect(personOf(directory, { team: "T2", user: "UADA" })).toBeUndefined();
  });

  it("is nobody when they are unknown, deactivated, or two", () => {
    expect(personOf(directory, slack("UEVE"))).toBeUndefined();
    expect(personOf(directory, slack("UGONE"))).toBeUndefined();
    expect(personOf(directory, slack("UTWIN"))).toBeUndefined();
    expect(principalOf(directory, "person_gone")).toBeUndefined();
  });

  it("is a system only from its own account with its own source", () => {
    expect(systemOf(directory, "333333333333", "partner.ci")?.id).toBe("system_ci");
    expect(systemOf(directory, "444444444444", "partner.ci")).toBeUndefined();
    expect(systemOf(directory, "333333333333", "partner.other")).toBeUndefined();
  });
});

describe("what somebody may", () => {
  it("is what a group of theirs may, in that environment, for that blueprint", () => {
    expect(mayAsk(directory, ada, "probe", "staging")).toBe(true);
    expect(mayAsk(directory, ada, "probe", "production")).toBe(false);
    expect(mayAsk(directory, ada, "virtual-machine", "staging")).toBe(false);
    expect(mayAsk(directory, carol, "probe", "staging")).toBe(false);
  });

  it("ends when they are deactivated", () => {
    expect(mayAsk(directory, gone, "probe", "staging")).toBe(false);
    expect(membersOf(directory, ["infrastructure"])).toEqual(new Set([carol]));
  });

  it("lets those who may ask also see, and others see only what they may see", () => {
    expect(maySee(directory, ada, "probe", "staging")).toBe(true);
    expect(maySee(directory, carol, "virtual-machine", "production")).toBe(true);
    expect(maySee(directory, ada, "virtual-machine", "production")).toBe(false);
  });

  it("knows no members of a group that it does not know, not even of an object's own names", () => {
    expect(membersOf(directory, ["nobody", "constructor"])).toEqual(new Set());
    expect(isOperator(directory, ada)).toBe(false);
    expect(isOperator(directory, carol)).toBe(true);
  });
});

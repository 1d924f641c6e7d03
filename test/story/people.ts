import type { Directory } from "@sluice/directory";
import type { z } from "zod";

/** Ada may ask, Bob is a member and no approver, Carol and Dan are approvers of infrastructure and operators, Eve is not in the directory. */
export const people = [
  { name: "ada", displayName: "Ada" },
  { name: "bob", displayName: "Bob" },
  { name: "carol", displayName: "Carol" },
  { name: "dan", displayName: "Dan" },
  { name: "eve", displayName: "Eve" },
] as const;
export type Person = (typeof people)[number]["name"];

/** One channel for each environment's requests, one for approvers. */
export const channels = [{ name: "sandbox" }, { name: "staging" }, { name: "approvals" }] as const;

/** The directory of the story's installation. Eve is left out. */
export function directoryOf(team: string, userId: (person: Person) => string): z.input<typeof Directory> {
  const known = people.filter(({ name }) => name !== "eve");
  return {
    principals: [
      ...known.map(({ name, displayName }) => ({
        id: `person_${name}`,
        name: displayName,
        active: true,
        slack: { team, user: userId(name) },
      })),
      {
        id: "system_pipeline",
        name: "Delivery pipeline",
        active: true,
        system: { account: "333333333333", source: "partner.pipeline" },
      },
    ],
    groups: {
      members: { members: ["person_ada", "person_bob", "person_carol", "person_dan", "system_pipeline"] },
      infrastructure: { members: ["person_carol", "person_dan"] },
      operators: { members: ["person_dan"] },
    },
    operators: "operators",
    ask: [{ groups: ["members"], blueprints: "*", environments: "*" }],
    see: [{ groups: ["members"], blueprints: "*", environments: "*" }],
  };
}

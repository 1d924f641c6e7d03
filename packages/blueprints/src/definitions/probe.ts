import * as z from "zod";
import { apply, approval, configuration, defineBlueprint, plan, scan } from "../define-blueprint.ts";

/** Proves an installation in seconds, and carries the fault tests: three resources in a row, each of which can be told to take its time. */
export const probe = defineBlueprint({
  id: "probe",
  version: 1,
  title: "Probe",
  purpose:
    "Walks the whole way with nothing but a note in a Terraform state. Use it to see that an installation works.",
  environments: ["sandbox", "staging"],
  parameters: z.strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/)
      .meta({
        title: "Name",
        description: "Names the workspace: two probes of the same name go one after the other.",
        allowed: "Use 3 to 30 lower-case letters, digits or hyphens, starting with a letter.",
        examples: ["smoke"],
      }),
    note: z.string().max(300).optional().meta({
      title: "Note",
      description: "Any text. It is kept as it is and never run.",
      allowed: "Use up to 300 characters.",
    }),
    seconds: z.array(z.int().min(0).max(120)).length(3).optional().meta({
      title: "Seconds",
      description: "How long each of the three resources takes, such as 0, 15, 0.",
      allowed: "Use three whole numbers from 0 to 120, separated by commas.",
    }),
  }),
  workspace: ({ name }) => `probe-${name}`,
  subject: ({ name }) => name,
  steps: [
    plan("plan", { root: "probe" }),
    approval("approve", { of: "plan", policy: "infrastructure" }),
    apply("apply", { plan: "plan", approval: "approve" }),
    configuration("configure", { playbook: "probe", hosts: "build" }),
    scan("check", { profile: "probe", of: "apply" }),
  ],
});

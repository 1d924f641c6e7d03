import * as z from "zod";
import { defineStep } from "../define-step.ts";
import { StepName } from "../identifiers.ts";

/** What a configuration did, or why it did not run. */
export const ConfigurationOutput = z.union([
  z.strictObject({ ran: z.literal(false), reason: z.string().min(1).max(300) }),
  z.strictObject({ ran: z.literal(true), hosts: z.int().min(0), changed: z.int().min(0), ok: z.int().min(0) }),
]);
export type ConfigurationOutput = z.infer<typeof ConfigurationOutput>;

/** Ansible's playbook on what an apply of the same request made. */
export const configuration = defineStep({
  kind: "configuration",
  title: "Configure",
  whenFailed: {
    pauses: "configuration_failed",
    verb: "Configure again",
    workspace: "freed",
    stands: "What was applied exists and is not yet configured.",
  },
  changes: true,
  repeats: "by a person",
  owner: "sluice.provisioner",
  askedBy: ["sluice.provisioner"],
  config: z.strictObject({
    playbook: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
    hosts: StepName.describe("The apply whose hosts are configured, or build: the build itself"),
  }),
  output: ConfigurationOutput,
  maxOutputBytes: 400,
  example: { ran: true, hosts: 1, changed: 7, ok: 21 },
});

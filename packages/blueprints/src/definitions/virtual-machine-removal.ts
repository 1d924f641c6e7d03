import * as z from "zod";
import { apply, approval, defineBlueprint, plan, scan } from "../define-blueprint.ts";

/** What `virtual-machine` made goes: the same root and workspace, planned with destroy, approved by one person more. */
export const virtualMachineRemoval = defineBlueprint({
  id: "virtual-machine-removal",
  version: 1,
  title: "Removal of virtual machine",
  purpose: "A machine and its disk are deleted for good. What was on them cannot be brought back.",
  environments: ["sandbox", "staging"],
  parameters: z.strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/)
      .meta({
        title: "Name",
        description: "Type the name of the machine that shall go. It is never filled in for you.",
        allowed: "Use the machine's name: 3 to 30 lower-case letters, digits or hyphens, starting with a letter.",
        examples: ["web-7"],
        typed: true,
      }),
  }),
  workspace: ({ name }) => `vm-${name}`,
  subject: ({ name }) => name,
  // The root asks for them; what is destroyed is what stands in the state.
  fixed: ({ images }) => ({ image: images.ubuntu ?? "", size: "small", disk_gib: 10, open_https: false }),
  steps: [
    plan("plan", { root: "virtual_machine", destroy: true }),
    approval("approve", { of: "plan", policy: "removal" }),
    apply("apply", { plan: "plan", approval: "approve" }),
    scan("check", { profile: "removal", of: "apply" }),
  ],
});

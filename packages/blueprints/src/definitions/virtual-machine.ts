import * as z from "zod";
import { apply, approval, configuration, defineBlueprint, plan, scan } from "../define-blueprint.ts";

export const virtualMachine = defineBlueprint({
  id: "virtual-machine",
  version: 1,
  title: "Virtual machine",
  purpose: "One Linux machine in the environment's network: encrypted, no way in, checked when it is up.",
  environments: ["sandbox", "staging"],
  parameters: z.strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/)
      .meta({
        title: "Name",
        description: "The machine's name in its environment.",
        allowed: "Use 3 to 30 lower-case letters, digits or hyphens, starting with a letter.",
        examples: ["web-7"],
      }),
    size: z
      .enum(["small", "medium", "large"])
      .meta({ title: "Size", description: "small: 2 vCPU, 1 GiB. medium: 2 vCPU, 4 GiB. large: 2 vCPU, 8 GiB." }),
    disk_gib: z.int().min(8).max(100).default(10).meta({
      title: "Disk",
      description: "Size of the root disk in GiB.",
      allowed: "Use a whole number from 8 to 100.",
    }),
    open_https: z
      .boolean()
      .default(false)
      .meta({ title: "Open port 443", description: "Let anybody on the internet reach HTTPS on this machine." }),
  }),
  workspace: ({ name }) => `vm-${name}`,
  subject: ({ name }) => name,
  fixed: ({ images }) => ({ image: images.ubuntu ?? "" }),
  steps: [
    plan("plan", { root: "virtual_machine" }),
    approval("approve", { of: "plan", policy: "infrastructure" }),
    apply("apply", { plan: "plan", approval: "approve" }),
    configuration("configure", { playbook: "virtual-machine", hosts: "apply" }),
    scan("check", { profile: "baseline", of: "apply" }),
  ],
});

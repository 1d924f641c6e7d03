import { PlanJson, type ResourceChange } from "../src/terraform/plan-json.ts";

type ChangeInput = Partial<ResourceChange["change"]> & { actions: string[] };

/** A plan as `terraform show -json` gives it, with what a test is about. */
export function planJson(parts: object = {}): PlanJson {
  return PlanJson.parse({
    format_version: "1.2",
    terraform_version: "1.11.4",
    applyable: true,
    complete: true,
    errored: false,
    ...parts,
  });
}

export function resource(address: string, change: ChangeInput, more: object = {}): ResourceChange {
  const type = address.split(".")[0] ?? "";
  return { address, mode: "managed", type, change, ...more };
}

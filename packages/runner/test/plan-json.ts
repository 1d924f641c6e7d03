import { changeListOf } from "../src/change/change-list.ts";
import { maskOf } from "../src/change/mask-of.ts";
import { type IsConfigurable, nothingGoes } from "../src/change/provider-schema.ts";
import { secretsOf } from "../src/masking/secrets.ts";
import { planPage } from "../src/plan-page/plan-page.ts";
import { seenWith } from "../src/plan-page/seen.ts";
import { readPlan } from "../src/terraform/plan-json.ts";

/** A plan as `terraform show -json` prints it, with what a test is about. */
export function planText(parts: object = {}): string {
  return JSON.stringify({
    format_version: "1.2",
    terraform_version: "1.11.4",
    applyable: true,
    complete: true,
    errored: false,
    ...parts,
  });
}

/** One entry of `resource_changes`. */
export function resource(address: string, change: { actions: string[]; [more: string]: unknown }, more: object = {}) {
  const [type = "", name = ""] = address.replace(/^data\./, "").split(".");
  return {
    address,
    mode: "managed",
    type,
    name,
    provider_name: "registry.terraform.io/hashicorp/aws",
    change,
    ...more,
  };
}

/** The change list of a plan's text, with the mask that its page has. */
export function listOf(text: string, isConfigurable: IsConfigurable = nothingGoes) {
  const { plan, whole } = readPlan(text);
  const mask = maskOf(secretsOf(whole));
  return { plan, mask, list: changeListOf(plan, mask, isConfigurable) };
}

/** The page of a plan's text. */
export function pageOf(
  text: string,
  { orphans = [], warnings = [] }: { orphans?: string[]; warnings?: string[] } = {},
) {
  const { plan, mask, list } = listOf(text);
  return planPage(list, seenWith(plan, mask, { orphans, warnings }));
}

import type { ResourceEntry } from "../change/change-list.ts";
import { byCodeUnits } from "../change/leaves.ts";
import type { ActionReason } from "../terraform/plan-json.ts";
import { shownAttributes } from "./attributes.ts";
import { type ShownResource, shownActions } from "./page.ts";
import { risksOf } from "./risks.ts";

/** Every resource that something happens to, what takes away first, then by address. */
export function shownResources(entries: readonly ResourceEntry[]): ShownResource[] {
  return entries
    .map(shownResource)
    .sort(
      (one, other) =>
        shownActions.indexOf(one.action) - shownActions.indexOf(other.action) ||
        byCodeUnits(one.address, other.address) ||
        byCodeUnits(one.deposed ?? "", other.deposed ?? ""),
    );
}

function shownResource(entry: ResourceEntry): ShownResource {
  const { resource, actions, importing, replacePaths, leaves, gone } = entry;
  const { address, type, previous_address, deposed, action_reason } = resource;
  const risks = risksOf(entry);
  return {
    address,
    type,
    action: shownAction(entry),
    ...(action_reason && { reason: reasons[action_reason] }),
    ...(previous_address !== undefined && previous_address !== address && { movedFrom: previous_address }),
    ...(importing !== undefined && { importedId: importing }),
    ...(deposed && { deposed }),
    ...(actions.join() === "create,delete" && { createsFirst: true as const }),
    attributes: shownAttributes(leaves, replacePaths),
    ...(gone && { gone: shownAttributes(gone) }),
    ...(risks.length > 0 && { risks }),
  };
}

/** What stays as it is is in the list because it moves or is taken in. */
function shownAction({ action, importing }: ResourceEntry): ShownResource["action"] {
  if (action !== "no-op") return action;
  return importing === undefined ? "move" : "import";
}

const reasons: Readonly<Record<ActionReason, string>> = {
  replace_because_cannot_update: "this change cannot be made in place",
  replace_because_tainted: "an earlier apply left it unfinished",
  replace_by_request: "its replacement was asked for",
  replace_by_triggers: "something that it depends on changes",
  delete_because_no_resource_config: "it is no longer in the code",
  delete_because_no_module: "its module is no longer in the code",
  delete_because_no_move_target: "it was moved to what is no longer in the code",
  delete_because_wrong_repetition: "it is no longer made by count or for_each as it was",
  delete_because_count_index: "its count is smaller now",
  delete_because_each_key: "its key is no longer in for_each",
  read_because_config_unknown: "what it asks for is known after apply",
  read_because_dependency_pending: "something that it depends on changes",
  read_because_check_nested: "a check asks for it",
};

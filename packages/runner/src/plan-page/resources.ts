import type { ResourceChange } from "../terraform/plan-json.ts";
import { changedAttributes } from "./attributes.ts";
import { type ShownAttribute, type ShownResource, shownActions } from "./page.ts";
import type { Secrets } from "./secrets.ts";

/** Every resource that something happens to, what takes away first, then by address. */
export function shownResources(changes: readonly ResourceChange[], secrets: Secrets): ShownResource[] {
  return changes
    .flatMap((change) => shownResource(change, secrets) ?? [])
    .sort(
      (one, other) =>
        shownActions.indexOf(one.action) - shownActions.indexOf(other.action) ||
        compare(one.address, other.address) ||
        compare(one.deposed ?? "", other.deposed ?? ""),
    );
}

function shownResource(resource: ResourceChange, secrets: Secrets): ShownResource | undefined {
  const { address, previous_address, deposed, change, action_reason } = resource;
  const action = actionOf(resource);
  if (!action) return undefined;

  const changed = action === "read" ? [] : changedAttributes(change, secrets);
  const listed = changed.filter((each) => isListed(each, action));
  return {
    address,
    action,
    ...(action_reason && { reason: wordsOf(action_reason) }),
    ...(previous_address && previous_address !== address && { movedFrom: previous_address }),
    ...(change.importing && { importedId: change.importing.id ?? "" }),
    ...(deposed && { deposed }),
    ...(change.actions.join() === "create,delete" && { createsFirst: true as const }),
    attributes: listed,
    unknown: changed.length - listed.length,
  };
}

/** @throws on an action that this version does not know: what cannot be shown cannot be approved. */
function actionOf({ address, previous_address, change }: ResourceChange): ShownResource["action"] | undefined {
  switch (change.actions.join()) {
    case "delete":
      return "destroy";
    case "forget":
      return "forget";
    case "delete,create":
    case "create,delete":
      return "replace";
    case "update":
      return "update";
    case "create":
      return "create";
    case "read":
      return "read";
    case "no-op":
      if (change.importing) return "import";
      return previous_address && previous_address !== address ? "move" : undefined;
    default:
      throw new Error(`Terraform plans an action for ${address} that is not known here: ${change.actions.join(", ")}`);
  }
}

/** A new object has some forty attributes that only the provider will know: they are counted. What an update or a forced replacement makes unknown is told. */
function isListed({ after, forcesReplacement }: ShownAttribute, action: ShownResource["action"]): boolean {
  const isUnknown = after !== undefined && "hidden" in after && after.hidden === "unknown";
  return !isUnknown || forcesReplacement === true || !(action === "create" || action === "replace");
}

const reasons: Readonly<Record<string, string>> = {
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

function wordsOf(reason: string): string {
  return reasons[reason] ?? reason.replaceAll("_", " ");
}

/** By code unit, the same on every machine: the page's bytes are signed. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

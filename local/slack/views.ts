import { checkLimits } from "../../packages/slack/src/limits.ts";
import { stateOf, withIds } from "./elements.ts";
import { isJson, type Json, objectsIn, textIn } from "./json.ts";
import type { OpenView, SlackRecord } from "./record.ts";
import { invalid, refusal } from "./refusals.ts";
import type { WebApiParts } from "./web-api-parts.ts";
import type { Workplace } from "./workplace.ts";

/** Slack allows a view to be pushed twice: three in a stack. */
const DEEPEST_STACK = 3;

/** `views.open` and `views.push`. */
export async function openView(parts: WebApiParts, body: Json, isPush: boolean): Promise<Json> {
  const trigger = parts.triggers.redeem(textIn(body.trigger_id) ?? "");
  if (typeof trigger === "string") return refusal(trigger);
  const parent = trigger.viewId === undefined ? undefined : parts.record.view(trigger.viewId);
  if (isPush && !parent) return refusal("view_not_found");
  return showView(parts, trigger.user, body.view, isPush ? parent : undefined);
}

/**
 * Opens a view for a person, on top of `parent` if there is one. The emulator never forgets a view and would count closed ones
 * into the stack, so every view is opened anew there and the stack is ours.
 */
export async function showView(parts: WebApiParts, user: string, view: unknown, parent?: OpenView): Promise<Json> {
  const checked = checkedView(view);
  if ("refused" in checked) return checked.refused;
  if (parent && depthOf(parts.record, parent) >= DEEPEST_STACK) return refusal("push_limit_reached");
  const trigger = await parts.workplace.call("views.generateTriggerId", { user_id: user });
  const answer = await parts.workplace.call("views.open", { trigger_id: trigger.trigger_id, view: checked.view });
  if (answer.ok !== true || !isJson(answer.view)) return answer;
  const id = String(answer.view.id);
  if (!parent) parts.record.views = parts.record.views.filter((one) => one.user !== user);
  const shown: OpenView = {
    id,
    user,
    rootId: parent?.rootId ?? id,
    ...(parent && { previousId: parent.id }),
    hash: String(answer.view.hash),
    content: checked.view,
    state: stateOf(objectsIn(checked.view.blocks)),
    errors: {},
  };
  parts.record.views.push(shown);
  parts.record.changed();
  return { ...answer, view: viewPayload(parts.workplace, shown) };
}

/** `views.update`. */
export async function updateView(parts: WebApiParts, body: Json): Promise<Json> {
  const shown = parts.record.views.find((one) => one.id === body.view_id || sameExternal(one, body.external_id));
  if (!shown) return refusal("not_found");
  if (textIn(body.hash) && body.hash !== shown.hash) return refusal("hash_conflict");
  return replaceView(parts, shown, body.view);
}

/** Puts other content into an open view. What was typed stays where block and action ids are the same, as in Slack. */
export async function replaceView(parts: WebApiParts, shown: OpenView, view: unknown): Promise<Json> {
  const checked = checkedView(view);
  if ("refused" in checked) return checked.refused;
  const answer = await parts.workplace.call("views.update", { view_id: shown.id, view: checked.view });
  if (answer.ok !== true || !isJson(answer.view)) return answer;
  shown.hash = String(answer.view.hash);
  shown.content = checked.view;
  shown.state = stateOf(objectsIn(checked.view.blocks), shown.state);
  shown.errors = {};
  delete shown.trouble;
  parts.record.changed();
  return { ...answer, view: viewPayload(parts.workplace, shown) };
}

/** A view as Slack sends it, in answers and in interactions. */
export function viewPayload(workplace: Workplace, view: OpenView): Json {
  return {
    private_metadata: "",
    callback_id: "",
    external_id: "",
    clear_on_close: false,
    notify_on_close: false,
    submit: null,
    close: null,
    ...view.content,
    id: view.id,
    team_id: workplace.team.id,
    app_id: workplace.app.id,
    app_installed_team_id: workplace.team.id,
    bot_id: workplace.app.botId,
    hash: view.hash,
    root_view_id: view.rootId,
    previous_view_id: view.previousId ?? null,
    state: { values: view.state },
  };
}

function checkedView(view: unknown): { view: Json } | { refused: Json } {
  if (!isJson(view)) return { refused: refusal("invalid_arguments") };
  const violations = checkLimits(view);
  if (violations.length > 0) return { refused: invalid("invalid_arguments", violations) };
  return { view: { ...view, blocks: withIds(objectsIn(view.blocks)) } };
}

function depthOf(record: SlackRecord, top: OpenView): number {
  return record.views.filter((one) => one.rootId === top.rootId).length;
}

function sameExternal(view: OpenView, externalId: unknown): boolean {
  return typeof externalId === "string" && externalId !== "" && view.content.external_id === externalId;
}

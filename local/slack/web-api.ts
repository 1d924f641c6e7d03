import { createHash, timingSafeEqual } from "node:crypto";
import { checkLimits } from "../../packages/slack/src/limits.ts";
import { stateOf, withIds } from "./elements.ts";
import type { slackFaults } from "./faults.ts";
import { isJson, type Json, objectsIn, parseBody, textIn } from "./json.ts";
import type { OpenView, SlackRecord } from "./record.ts";
import type { triggerDesk } from "./triggers.ts";
import type { Workplace } from "./workplace.ts";

/** What the app hears: an HTTP answer, or nothing until the fault ends. */
export type WebAnswer =
  | Readonly<{ status: number; headers?: Record<string, string>; body: Json }>
  | { hangUntil: AbortSignal };

export type WebApiParts = Readonly<{
  workplace: Workplace;
  record: SlackRecord;
  triggers: ReturnType<typeof triggerDesk>;
  faults: ReturnType<typeof slackFaults>;
  botToken: string;
  now: () => number;
}>;

/** Slack allows a view to be pushed twice: three in a stack. */
const DEEPEST_STACK = 3;

/**
 * The Web API as our app sees it: Slack's limits and refusals, and faults, before the emulator; what was accepted is recorded.
 * Methods that nobody here needs to see go through as they are.
 */
export function webApi(parts: WebApiParts) {
  const { record, faults, now } = parts;
  return async (
    method: string,
    request: { authorization?: string | undefined; contentType?: string | undefined; body: string },
  ): Promise<WebAnswer> => {
    const body = bodyOf(request);
    const met = faults.meet(method);
    const carriedOut =
      met && !met.fault.commit ? undefined : await answerTo(parts, method, request.authorization, body);
    const answer = met ? answerOf(met) : { status: 200, body: carriedOut ?? { ok: false, error: "internal_error" } };
    const told = "status" in answer ? answer : { status: 0, body: { ok: false, error: "no answer" } as Json };
    record.exchanges.push({
      at: now(),
      direction: "to Slack",
      what: method,
      status: told.status,
      ok: told.body.ok === true,
      ...(told.body.ok !== true && { error: String(told.body.error), details: detailsIn(told.body) }),
      body: body ?? {},
    });
    record.changed();
    return answer;
  };
}

function bodyOf(request: { contentType?: string | undefined; body: string }): Json | undefined {
  try {
    return parseBody(request.contentType, request.body);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined; // Answered as Slack does, with `invalid_json`.
    throw cause;
  }
}

function answerOf({ fault, ended }: NonNullable<ReturnType<ReturnType<typeof slackFaults>["meet"]>>): WebAnswer {
  if (fault.hang || fault.status === undefined) return { hangUntil: ended };
  const error = fault.status === 429 ? "ratelimited" : "internal_error";
  const headers = fault.status === 429 ? { "retry-after": String(fault.retryAfterSeconds ?? 1) } : {};
  return { status: fault.status, headers, body: { ok: false, error } };
}

async function answerTo(parts: WebApiParts, method: string, authorization: string | undefined, body: Json | undefined) {
  if (!authorization) return refusal("not_authed");
  if (!isSame(authorization, `Bearer ${parts.botToken}`)) return refusal("invalid_auth");
  if (!body) return refusal("invalid_json");
  switch (method) {
    case "chat.postMessage":
      return postMessage(parts, body);
    case "chat.update":
      return updateMessage(parts, body);
    case "chat.postEphemeral":
      return postEphemeral(parts, body);
    case "chat.delete":
      return deleteMessage(parts, body);
    case "views.open":
    case "views.push":
      return openView(parts, body, method === "views.push");
    case "views.update":
      return updateView(parts, body);
    case "views.generateTriggerId":
      return refusal("unknown_method"); // The emulator's own way in; Slack has no such method.
    default:
      return parts.workplace.call(method, body);
  }
}

/** Posts as our app. Also used for public answers to a `response_url`. */
export async function postMessage(parts: WebApiParts, body: Json): Promise<Json> {
  const blocks = withIds(objectsIn(body.blocks));
  const violations = checkLimits({ ...body });
  if (violations.length > 0) return invalid("invalid_blocks", violations);
  const answer = await parts.workplace.call("chat.postMessage", { ...body, blocks });
  if (answer.ok !== true) return answer;
  const threadTs = textIn(body.thread_ts);
  parts.record.messages.push({
    channel: String(answer.channel),
    ts: String(answer.ts),
    ...(threadTs && { threadTs }),
    at: parts.now(),
    text: textIn(body.text) ?? "",
    blocks,
    earlier: [],
  });
  return answer;
}

async function updateMessage(parts: WebApiParts, body: Json): Promise<Json> {
  const message = parts.record.message(String(body.channel), String(body.ts));
  const blocks = body.blocks === undefined ? undefined : withIds(objectsIn(body.blocks));
  const violations = checkLimits({ ...body });
  if (violations.length > 0) return invalid("invalid_blocks", violations);
  const answer = await parts.workplace.call("chat.update", { ...body, ...(blocks && { blocks }) });
  if (answer.ok !== true || !message) return answer;
  message.earlier.push(message.blocks);
  message.text = textIn(body.text) ?? message.text;
  // A text alone drops the blocks, here as in the emulator: a client that relies on either would be wrong on the other.
  message.blocks = blocks ?? (body.text === undefined ? message.blocks : []);
  message.editedAt = parts.now();
  return answer;
}

async function deleteMessage(parts: WebApiParts, body: Json): Promise<Json> {
  const answer = await parts.workplace.call("chat.delete", body);
  const at = parts.record.messages.findIndex((one) => one.channel === body.channel && one.ts === body.ts);
  if (answer.ok === true && at >= 0) parts.record.messages.splice(at, 1);
  return answer;
}

async function postEphemeral(parts: WebApiParts, body: Json): Promise<Json> {
  const blocks = withIds(objectsIn(body.blocks));
  const violations = checkLimits({ ...body });
  if (violations.length > 0) return invalid("invalid_blocks", violations);
  const answer = await parts.workplace.call("chat.postEphemeral", { ...body, blocks });
  if (answer.ok !== true) return answer;
  const threadTs = textIn(body.thread_ts);
  parts.record.ephemerals.push({
    channel: String(body.channel),
    user: String(body.user),
    ts: String(answer.message_ts),
    ...(threadTs && { threadTs }),
    at: parts.now(),
    text: textIn(body.text) ?? "",
    blocks,
  });
  return answer;
}

async function openView(parts: WebApiParts, body: Json, isPush: boolean): Promise<Json> {
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

async function updateView(parts: WebApiParts, body: Json): Promise<Json> {
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

function refusal(error: string): Json {
  return { ok: false, error };
}

function invalid(error: string, violations: readonly { at: string; rule: string }[]): Json {
  const messages = violations.map(
    ({ at, rule }) => `[ERROR] ${rule} [json-pointer:/${at.replace(/[.[]/g, "/").replaceAll("]", "")}]`,
  );
  return { ok: false, error, response_metadata: { messages } };
}

function detailsIn(body: Json): string[] {
  const messages = isJson(body.response_metadata) ? body.response_metadata.messages : undefined;
  return Array.isArray(messages) ? messages.map(String) : [];
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

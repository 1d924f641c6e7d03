import { createHash, timingSafeEqual } from "node:crypto";
import { checkLimits } from "../../packages/slack/src/limits.ts";
import { withIds } from "./elements.ts";
import type { slackFaults } from "./faults.ts";
import { isJson, type Json, objectsIn, parseBody, textIn } from "./json.ts";
import { invalid, refusal } from "./refusals.ts";
import { openView, updateView } from "./views.ts";
import type { WebApiParts } from "./web-api-parts.ts";

/** What the app hears: an HTTP answer, or nothing until the fault ends. */
export type WebAnswer =
  | Readonly<{ status: number; headers?: Record<string, string>; body: Json }>
  | { hangUntil: AbortSignal };

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

function detailsIn(body: Json): string[] {
  const messages = isJson(body.response_metadata) ? body.response_metadata.messages : undefined;
  return Array.isArray(messages) ? messages.map(String) : [];
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

import type { AnyBlock, ModalView } from "@slack/types";

/** A view that Slack shows; `hash` refuses an update of an older state. */
export type OpenView = Readonly<{ id: string; hash: string }>;

/**
 * What became of one call.
 * `refused`: Slack says no and will say no again (`error` is its code, `details` its sentences).
 * `rate-limited`: nothing happened; try again after so many seconds.
 * `unavailable`: no usable answer. The call *may* have taken effect.
 */
export type SlackAnswer<T> =
  | Readonly<{ outcome: "done"; value: T }>
  | Readonly<{ outcome: "refused"; error: string; details: readonly string[] }>
  | Readonly<{ outcome: "rate-limited"; retryAfterSeconds: number }>
  | Readonly<{ outcome: "unavailable"; reason: string }>;

/** A message: `text` stands alone in notifications and screen readers. */
export type MessageContent = Readonly<{ text: string; blocks?: readonly AnyBlock[] }>;

export interface SlackClient {
  postMessage(
    message: MessageContent & Readonly<{ channel: string; threadTs?: string }>,
  ): Promise<SlackAnswer<Readonly<{ channel: string; ts: string }>>>;
  /** Replaces text *and* blocks: what is left out is gone. */
  updateMessage(message: MessageContent & Readonly<{ channel: string; ts: string }>): Promise<SlackAnswer<undefined>>;
  /** Seen by one person, who must be in the channel; Slack keeps no copy and promises no delivery. */
  postEphemeral(
    message: MessageContent & Readonly<{ channel: string; user: string; threadTs?: string }>,
  ): Promise<SlackAnswer<undefined>>;
  /** Within 3 s of the click or command that the trigger came with; once. */
  openView(triggerId: string, view: ModalView): Promise<SlackAnswer<OpenView>>;
  updateView(viewId: string, view: ModalView, hash?: string): Promise<SlackAnswer<OpenView>>;
  /** On top of the view in which the trigger's button was; at most three views in a stack. */
  pushView(triggerId: string, view: ModalView): Promise<SlackAnswer<OpenView>>;
}

/** Slack's own "try again later", said with `ok: false`. */
const PASSING_ERRORS = new Set([
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "team_added_to_org",
]);
const NO_PREVIEWS = { unfurl_links: false, unfurl_media: false };

/**
 * The six calls that we make, over `fetch` alone. `@slack/web-api` would be 210 KB more in each bundle, and it retries by itself,
 * which hides from us what happened. The token stays in a closure and is in no error or log.
 *
 * @param config.baseUrl ends with `/api/`
 */
export function slackClient(config: { token: string; baseUrl?: string; timeoutMs?: number }): SlackClient {
  const call = caller(config.token, config.baseUrl ?? "https://slack.com/api/", config.timeoutMs ?? 5_000);
  const view = (body: Body): OpenView => {
    const shown = isBody(body.view) ? body.view : {};
    return { id: String(shown.id), hash: String(shown.hash) };
  };
  const nothing = () => undefined;
  return {
    postMessage: ({ channel, threadTs, ...content }) =>
      call("chat.postMessage", { ...content, ...NO_PREVIEWS, channel, thread_ts: threadTs }, (body) => ({
        channel: String(body.channel),
        ts: String(body.ts),
      })),
    updateMessage: (message) => call("chat.update", { ...message, blocks: message.blocks ?? [] }, nothing),
    postEphemeral: ({ threadTs, ...message }) =>
      call("chat.postEphemeral", { ...message, thread_ts: threadTs }, nothing),
    openView: (triggerId, shown) => call("views.open", { trigger_id: triggerId, view: shown }, view),
    updateView: (viewId, shown, hash) => call("views.update", { view_id: viewId, view: shown, hash }, view),
    pushView: (triggerId, shown) => call("views.push", { trigger_id: triggerId, view: shown }, view),
  };
}

/**
 * Answers a command or click through its `response_url` (30 min, five times), by default privately. The address came with a payload, so nothing is posted
 * but to where Slack's lie: whoever forges a payload would name their own.
 *
 * @param config.hooksUrl any address of that origin: scheme, host and port
 */
export async function answerResponseUrl(
  responseUrl: string,
  answer: MessageContent & Readonly<{ replaceOriginal?: boolean }>,
  config: Readonly<{ hooksUrl?: string; timeoutMs?: number }> = {},
): Promise<SlackAnswer<undefined>> {
  const { hooksUrl = "https://hooks.slack.com/", timeoutMs = 5_000 } = config;
  if (!URL.canParse(responseUrl) || new URL(responseUrl).origin !== new URL(hooksUrl).origin)
    return { outcome: "refused", error: "not_an_address_of_slack", details: [] };
  const { replaceOriginal, ...content } = answer;
  const body = { ...content, response_type: "ephemeral", replace_original: replaceOriginal ?? false };
  return send(responseUrl, {}, body, timeoutMs, () => undefined);
}

type Body = Readonly<Record<string, unknown>>;

function caller(token: string, baseUrl: string, timeoutMs: number) {
  return <T>(method: string, body: Body, read: (body: Body) => T): Promise<SlackAnswer<T>> =>
    send(new URL(method, baseUrl).href, { authorization: `Bearer ${token}` }, body, timeoutMs, read);
}

async function send<T>(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Body,
  timeoutMs: number,
  read: (body: Body) => T,
): Promise<SlackAnswer<T>> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    return judge(response, await response.text(), read);
  } catch (cause) {
    // No answer is an answer here: the caller decides whether to try again, and must know that the call may have worked.
    return { outcome: "unavailable", reason: cause instanceof Error ? cause.name : "no answer" };
  }
}

function judge<T>(response: Response, text: string, read: (body: Body) => T): SlackAnswer<T> {
  if (response.status === 429) return { outcome: "rate-limited", retryAfterSeconds: retryAfter(response) };
  if (response.status >= 500) return { outcome: "unavailable", reason: `HTTP ${response.status}` };
  const body = text === "ok" ? { ok: true } : parsed(text);
  if (body.ok === true) return { outcome: "done", value: read(body) };
  const error = typeof body.error === "string" ? body.error : `HTTP ${response.status}`;
  if (error === "ratelimited" || error === "rate_limited")
    return { outcome: "rate-limited", retryAfterSeconds: retryAfter(response) };
  if (PASSING_ERRORS.has(error)) return { outcome: "unavailable", reason: error };
  return { outcome: "refused", error, details: detailsOf(body) };
}

/** Slack always says how long; 30 s where a proxy lost it. */
function retryAfter(response: Response): number {
  const seconds = Number(response.headers.get("retry-after"));
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : 30;
}

function detailsOf(body: Body): string[] {
  const messages = isBody(body.response_metadata) ? body.response_metadata.messages : undefined;
  return Array.isArray(messages) ? messages.map((message) => String(message).slice(0, 300)) : [];
}

function parsed(text: string): Body {
  try {
    const body: unknown = JSON.parse(text);
    return isBody(body) ? body : {};
  } catch {
    return {}; // Not JSON is no answer of the Web API: it is refused by its HTTP status.
  }
}

function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

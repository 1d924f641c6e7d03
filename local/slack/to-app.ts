import { signSlackRequest } from "../../packages/slack/src/signature.ts";
import { isJson, type Json } from "./json.ts";
import type { SlackRecord } from "./record.ts";

/** What Slack sent and what the app answered. `sent` can be sent again as it is, to try a replay. */
export type Reply = Readonly<{
  /** 0: no answer within Slack's three seconds, or nobody listened; then `trouble` is Slack's sentence for the person. */
  status: number;
  body: string;
  trouble?: string;
  sent: Readonly<{ url: string; headers: Readonly<Record<string, string>>; body: string }>;
}>;

/** Slack waits this long for the app. */
const PATIENCE_MS = 3_000;

/** Sends signed forms to the app, as Slack does. */
export function doorToApp(parts: { app: () => string; signingSecret: string; record: SlackRecord; now: () => number }) {
  const sign = (body: string, at = parts.now()) =>
    signSlackRequest({ secret: parts.signingSecret, rawBody: body, now: at });
  const send = async (
    path: string,
    what: string,
    fields: Readonly<Record<string, string>>,
    shown: Json,
  ): Promise<Reply> => {
    const body = new URLSearchParams(fields).toString();
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
      ...sign(body),
    };
    const sent = { url: `${parts.app().replace(/\/$/, "")}${path}`, headers, body };
    const reply = await post(sent);
    parts.record.exchanges.push({
      at: parts.now(),
      direction: "to the app",
      what,
      status: reply.status,
      ok: reply.status === 200,
      ...(reply.status !== 200 && { error: reply.trouble ?? reply.body.slice(0, 300) }),
      body: shown,
    });
    return reply;
  };
  return { sign, send };
}

async function post(sent: Reply["sent"]): Promise<Reply> {
  try {
    const response = await fetch(sent.url, {
      method: "POST",
      headers: sent.headers,
      body: sent.body,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body = await response.text();
    const trouble = response.status === 200 ? undefined : `The app answered with an error (${response.status}).`;
    return { status: response.status, body, sent, ...(trouble && { trouble }) };
  } catch (cause) {
    // A person sees that the app is silent and goes on; so do we.
    const isLate = cause instanceof Error && cause.name === "TimeoutError";
    return {
      status: 0,
      body: "",
      sent,
      trouble: isLate ? "The app did not answer within 3 s." : "The app cannot be reached.",
    };
  }
}

/** The JSON of a 200 answer; an empty object for an empty or plain-text one. */
export function jsonOf(reply: Reply): Json {
  if (reply.status !== 200 || !reply.body.trimStart().startsWith("{")) return {};
  try {
    const value: unknown = JSON.parse(reply.body);
    return isJson(value) ? value : {};
  } catch (cause) {
    if (cause instanceof SyntaxError) return {};
    throw cause;
  }
}

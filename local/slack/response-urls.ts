import { randomBytes } from "node:crypto";
import { checkLimits } from "../../packages/slack/src/limits.ts";
import { withIds } from "./elements.ts";
import { type Json, objectsIn, textIn } from "./json.ts";
import type { Ephemeral } from "./record.ts";
import { postMessage } from "./web-api.ts";
import type { WebApiParts } from "./web-api-parts.ts";

/** What a `response_url` belongs to: the person and the message that they acted in. */
export type Origin = Readonly<{
  user: string;
  channel: string;
  message?: string;
  ephemeral?: string;
  threadTs?: string;
}>;

const LIFE_MS = 30 * 60_000;
const MOST_USES = 5;

/** The addresses at which the app may answer a command or click: five times, for half an hour. */
export function responseUrls(parts: WebApiParts) {
  let baseUrl = "";
  const given = new Map<string, { origin: Origin; until: number; left: number }>();
  return {
    /** Where the addresses lead to, known once the server listens. */
    standAt(url: string): void {
      baseUrl = url;
    },
    issue(origin: Origin): string {
      const token = randomBytes(18).toString("hex");
      given.set(token, { origin, until: parts.now() + LIFE_MS, left: MOST_USES });
      return `${baseUrl}/response/${parts.workplace.team.id}/${token}`;
    },
    async use(token: string, body: Json): Promise<{ status: number; body: Json }> {
      const found = given.get(token);
      if (!found || parts.now() > found.until) return { status: 404, body: { ok: false, error: "expired_url" } };
      if (found.left <= 0) return { status: 404, body: { ok: false, error: "used_url" } };
      const answer = await answerTo(parts, found.origin, body);
      found.left -= 1;
      parts.record.exchanges.push({
        at: parts.now(),
        direction: "to Slack",
        what: "response_url",
        status: answer.ok === true ? 200 : 400,
        ok: answer.ok === true,
        ...(answer.ok !== true && { error: String(answer.error) }),
        body,
      });
      parts.record.changed();
      return { status: answer.ok === true ? 200 : 400, body: answer };
    },
  };
}

async function answerTo(parts: WebApiParts, origin: Origin, body: Json): Promise<Json> {
  const isAbout = body.replace_original === true || body.delete_original === true;
  if (isAbout && origin.ephemeral) return changeEphemeral(parts, origin.ephemeral, body);
  if (isAbout && origin.message) return changeMessage(parts, origin, origin.message, body);
  if (body.response_type === "in_channel")
    return postMessage(parts, {
      text: body.text,
      blocks: body.blocks,
      channel: origin.channel,
      thread_ts: body.thread_ts,
    });
  return answerPrivately(parts, origin, body);
}

/** Shows a private answer. Unlike `chat.postEphemeral` it reaches people who are not in the channel. */
export function answerPrivately(parts: WebApiParts, origin: Origin, body: Json, from?: "Slack"): Json {
  if (checkLimits({ ...body }).length > 0) return { ok: false, error: "invalid_blocks" };
  const threadTs = textIn(body.thread_ts) ?? origin.threadTs;
  const at = parts.now();
  const answer: Ephemeral = {
    channel: origin.channel,
    user: origin.user,
    ts: `${Math.floor(at / 1_000)}.${randomBytes(3).readUIntBE(0, 3).toString().padStart(8, "0").slice(-6)}`,
    ...(threadTs && { threadTs }),
    at,
    ...(from && { from }),
    text: textIn(body.text) ?? "",
    blocks: withIds(objectsIn(body.blocks)),
  };
  parts.record.ephemerals.push(answer);
  parts.record.changed();
  return { ok: true };
}

function changeEphemeral(parts: WebApiParts, ts: string, body: Json): Json {
  const { record } = parts;
  const answer = record.ephemerals.find((one) => one.ts === ts);
  if (!answer) return { ok: false, error: "message_not_found" };
  if (body.delete_original === true) record.ephemerals = record.ephemerals.filter((one) => one !== answer);
  else Object.assign(answer, { text: textIn(body.text) ?? "", blocks: withIds(objectsIn(body.blocks)) });
  return { ok: true };
}

async function changeMessage(parts: WebApiParts, origin: Origin, ts: string, body: Json): Promise<Json> {
  const method = body.delete_original === true ? "chat.delete" : "chat.update";
  const blocks = withIds(objectsIn(body.blocks));
  const answer = await parts.workplace.call(method, { channel: origin.channel, ts, text: body.text, blocks });
  const message = parts.record.message(origin.channel, ts);
  if (answer.ok !== true || !message) return answer;
  if (method === "chat.delete") parts.record.messages.splice(parts.record.messages.indexOf(message), 1);
  else {
    message.earlier.push(message.blocks);
    Object.assign(message, { text: textIn(body.text) ?? "", blocks, editedAt: parts.now() });
  }
  return { ok: true };
}

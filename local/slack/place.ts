import { elementsIn, type Placed, type PlainValue } from "./elements.ts";
import { type Json, objectsIn } from "./json.ts";
import type { OpenView } from "./record.ts";
import type { Origin, responseUrls } from "./response-urls.ts";
import type { doorToApp } from "./to-app.ts";
import { viewPayload } from "./views.ts";
import type { WebApiParts } from "./web-api-parts.ts";
import type { Person } from "./workplace.ts";

/** What a person's gesture needs: the record of what is shown, and the way to the app. */
export type GestureParts = WebApiParts &
  Readonly<{
    door: ReturnType<typeof doorToApp>;
    urls: ReturnType<typeof responseUrls>;
    paths: Readonly<{ commands: string; interactions: string }>;
  }>;

/**
 * Where a button or input is. `stale` looks in what the message showed before its last updates, as a slow screen would; `block`
 * tells elements with the same action id apart.
 */
export type Place =
  | Readonly<{ channel: string; ts: string; stale?: boolean }>
  | Readonly<{ ephemeral: string }>
  | Readonly<{ view: string; block?: string }>;

/** What a place shows, and how Slack describes it to the app. */
export interface Target {
  readonly name: string;
  readonly blocks: readonly Json[];
  readonly origin: Origin;
  readonly view?: OpenView;
  payload(): Json;
}

/** @throws when this person sees no such message, answer or view. */
export function targetOf(parts: GestureParts, person: Person, place: Place): Target {
  if ("view" in place) return viewTarget(parts, viewOf(parts, person, place.view), place.block);
  if ("ephemeral" in place) return ephemeralTarget(parts, person, place.ephemeral);
  return messageTarget(parts, person, place);
}

function viewTarget(parts: GestureParts, view: OpenView, block?: string): Target {
  return {
    name: `the view ${view.id}`,
    blocks: objectsIn(view.content.blocks).filter(({ block_id }) => block === undefined || block_id === block),
    origin: { user: view.user, channel: "" },
    view,
    payload: () => ({ container: { type: "view", view_id: view.id }, view: viewPayload(parts.workplace, view) }),
  };
}

function ephemeralTarget(parts: GestureParts, person: Person, ts: string): Target {
  const answer = parts.record.ephemerals.find((one) => one.ts === ts && one.user === person.id);
  if (!answer) throw new Error(`${person.displayName} has no private answer ${ts}`);
  const origin: Origin = {
    user: person.id,
    channel: answer.channel,
    ephemeral: ts,
    ...(answer.threadTs && { threadTs: answer.threadTs }),
  };
  return {
    name: `the private answer ${ts}`,
    blocks: answer.blocks,
    origin,
    payload: () => ({
      container: { type: "message", message_ts: ts, channel_id: answer.channel, is_ephemeral: true },
      channel: channelPayload(parts, answer.channel),
      state: { values: {} },
      response_url: parts.urls.issue(origin),
    }),
  };
}

function messageTarget(
  parts: GestureParts,
  person: Person,
  place: { channel: string; ts: string; stale?: boolean },
): Target {
  const channel = parts.workplace.channels.find((one) => one.name === place.channel)?.id ?? place.channel;
  const message = parts.record.message(channel, place.ts);
  if (!message) throw new Error(`There is no message ${place.ts} in ${place.channel}`);
  const blocks = place.stale ? message.earlier.flat() : message.blocks;
  const origin: Origin = {
    user: person.id,
    channel,
    message: message.ts,
    ...(message.threadTs && { threadTs: message.threadTs }),
  };
  return {
    name: `the message ${message.ts}`,
    blocks,
    origin,
    payload: () => ({
      container: { type: "message", message_ts: message.ts, channel_id: channel, is_ephemeral: false },
      channel: channelPayload(parts, channel),
      message: {
        type: "message",
        user: parts.workplace.app.botUserId,
        bot_id: parts.workplace.app.botId,
        app_id: parts.workplace.app.id,
        team: parts.workplace.team.id,
        ts: message.ts,
        text: message.text,
        blocks: message.blocks,
        ...(message.threadTs && { thread_ts: message.threadTs }),
      },
      state: { values: {} },
      response_url: parts.urls.issue(origin),
    }),
  };
}

/** The element with this action id, and this value if several have it. @throws naming what is there instead. */
export function find(blocks: readonly Json[], actionId: string, value: PlainValue | undefined, where: string): Placed {
  const all = elementsIn(blocks);
  const fitting = all.filter(({ element }) => element.action_id === actionId);
  const exact = fitting.find(
    ({ element }) => element.type !== "button" || value === undefined || element.value === value,
  );
  if (exact) return exact;
  const seen = all.map(({ element }) => `${String(element.action_id)}=${String(element.value ?? "")}`).join(", ");
  throw new Error(
    `${where}: there is no "${actionId}"${value === undefined ? "" : ` with ${String(value)}`}, only: ${seen || "nothing"}`,
  );
}

/** @throws when this person has no such view open. */
export function viewOf(parts: GestureParts, person: Person, viewId: string): OpenView {
  const view = parts.record.view(viewId);
  if (!view || view.user !== person.id) throw new Error(`${person.displayName} has no open view ${viewId}`);
  return view;
}

function channelPayload(parts: GestureParts, id: string): Json {
  return { id, name: parts.workplace.channels.find((one) => one.id === id)?.name ?? "directmessage" };
}

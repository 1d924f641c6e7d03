import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { elementsIn, type PlainValue, stateFor } from "../elements.ts";
import { click, closeView, command, submit } from "../gestures.ts";
import { objectsIn } from "../json.ts";
import type { GestureParts, Place } from "../place.ts";
import type { OpenView } from "../record.ts";
import { answerPrivately } from "../response-urls.ts";
import type { Channel, Person } from "../workplace.ts";
import { renderPage, type Scene } from "./page.ts";

/** No inline script or style, nothing from elsewhere, no frame around it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="8" fill="#0f5d6b"/><path d="M8 11c4 0 4 3 8 3s4-3 8-3 4 0 4 0M8 18c4 0 4 3 8 3s4-3 8-3 4 0 4 0M8 25c4 0 4 3 8 3s4-3 8-3 4 0 4 0" fill="none" stroke="#c8f1e6" stroke-width="2.6" stroke-linecap="round"/></svg>';

/** A burst of changes is told once. */
const QUIET_MS = 40;

/** The page on which people read, type and click. Each person has their own address, so that several can be open at once. */
export function startDesk(parts: GestureParts, slashCommand: string) {
  const files: Readonly<Record<string, { type: string; body: string }>> = {
    "/desk.css": { type: "text/css", body: readFileSync(join(import.meta.dirname, "desk.css"), "utf8") },
    "/desk.js": { type: "text/javascript", body: readFileSync(join(import.meta.dirname, "desk.js"), "utf8") },
    "/favicon.svg": { type: "image/svg+xml", body: ICON },
    "/favicon.ico": { type: "image/svg+xml", body: ICON },
  };
  const seen = new Map<string, number>();
  const listeners = new Set<ServerResponse>();
  const stopTelling = tellChanges(parts, listeners);

  const page = (person: Person, channel: Channel, threadTs: string | null): string => {
    seen.set(`${person.id} ${channel.id}`, parts.now());
    return renderPage(sceneOf(parts, slashCommand, seen, person, channel, threadTs));
  };

  return {
    /** Answers what belongs to the desk; false when it is not the desk's. */
    async serve(
      request: IncomingMessage,
      response: ServerResponse,
      url: URL,
      body: () => Promise<string>,
    ): Promise<boolean> {
      const file = files[url.pathname];
      const { people, channels } = parts.workplace;
      if (file) return send(response, 200, file.type, file.body);
      if (url.pathname === "/events") return listen(response, listeners);
      if (url.pathname === "/") return redirect(response, `/as/${people[0]?.name}/${channels[0]?.name}`);

      const [, as, personName, channelName, ...rest] = url.pathname.split("/");
      if (as !== "as") return false;
      const person = people.find(({ name }) => name === personName);
      const channel = channels.find(({ name }) => name === channelName);
      if (!person || !channel) return send(response, 404, "text/plain", "There is no such person or channel.");
      if (request.method === "GET")
        return send(response, 200, "text/html", page(person, channel, url.searchParams.get("thread")));
      if (!isFromDesk(request, url.origin))
        return send(response, 403, "text/plain", "Only the desk itself may do this.");
      await act(parts, person, channel, rest, url.searchParams, new URLSearchParams(await body()));
      const thread = url.searchParams.get("thread");
      return redirect(
        response,
        `/as/${person.name}/${channel.name}${thread ? `?thread=${encodeURIComponent(thread)}` : ""}`,
      );
    },
    stop() {
      stopTelling();
      for (const response of listeners) response.end();
    },
  };
}

function sceneOf(
  parts: GestureParts,
  slashCommand: string,
  seen: ReadonlyMap<string, number>,
  me: Person,
  channel: Channel,
  threadTs: string | null,
): Scene {
  const { record, workplace } = parts;
  const inChannel = record.messages.filter((message) => message.channel === channel.id);
  const thread = inChannel.find((message) => message.ts === threadTs);
  const unread = (id: string) => {
    const since = seen.get(`${me.id} ${id}`) ?? 0;
    return record.messages.filter((one) => one.channel === id && !one.threadTs && (one.editedAt ?? one.at) > since)
      .length;
  };
  return {
    team: workplace.team.name,
    app: workplace.app.name,
    command: slashCommand,
    me,
    people: workplace.people,
    channel,
    channels: workplace.channels.map((each) => ({ ...each, unread: unread(each.id) })),
    messages: inChannel.filter((message) => !message.threadTs),
    replies: (ts) => inChannel.filter((message) => message.threadTs === ts),
    ephemerals: record.ephemerals.filter((answer) => answer.user === me.id && answer.channel === channel.id),
    ...(thread && { thread }),
    views: record.views.filter((view) => view.user === me.id),
    names: {
      user: (id) =>
        [...workplace.people, { id: workplace.app.botUserId, displayName: workplace.app.name }].find(
          (one) => one.id === id,
        )?.displayName,
      channel: (id) => workplace.channels.find((one) => one.id === id)?.name,
      now: parts.now(),
    },
  };
}

async function act(
  parts: GestureParts,
  person: Person,
  channel: Channel,
  [verb = "", viewId = "", viewVerb = ""]: readonly string[],
  query: URLSearchParams,
  form: URLSearchParams,
): Promise<void> {
  const origin = { user: person.id, channel: channel.id };
  if (verb === "command") return typeCommand(parts, person, channel, form.get("text")?.trim() ?? "");
  if (verb === "dismiss") return dismiss(parts, query.get("ephemeral"));
  if (verb === "click") return press(parts, person, channel, query, form);
  const view = verb === "view" ? parts.record.view(viewId) : undefined;
  if (!view || view.user !== person.id) {
    answerPrivately(parts, origin, { text: "That form is no longer open. Nothing was sent." }, "Slack");
  } else if (viewVerb === "close") await closeView(parts, person, viewId);
  else if (viewVerb === "click") await pressInView(parts, person, view, query, form);
  else await submit(parts, person, viewId, typedInto(view, form));
}

async function typeCommand(parts: GestureParts, person: Person, channel: Channel, line: string): Promise<void> {
  if (line === "") return;
  if (/^\/[a-z]/.test(line)) {
    await command(parts, person, channel, line);
    return;
  }
  const text = "Only commands are heard here, and they begin with a slash. Nothing was sent.";
  answerPrivately(parts, { user: person.id, channel: channel.id }, { text }, "Slack");
}

function dismiss(parts: GestureParts, ts: string | null): void {
  parts.record.ephemerals = parts.record.ephemerals.filter((answer) => answer.ts !== ts);
  parts.record.changed();
}

/** A page may be a moment behind. Then the press goes out as it was seen, as in Slack, and the app says what happened meanwhile. */
async function press(
  parts: GestureParts,
  person: Person,
  channel: Channel,
  query: URLSearchParams,
  form: URLSearchParams,
) {
  const ephemeral = query.get("ephemeral");
  const place: Place = ephemeral ? { ephemeral } : { channel: channel.id, ts: query.get("ts") ?? "" };
  const action = query.get("action") ?? "";
  const value = form.get("value") || undefined;
  const message = "ts" in place ? parts.record.message(channel.id, place.ts) : undefined;
  const isThere =
    !message ||
    elementsIn(message.blocks).some(({ element }) => element.action_id === action && sameValue(element.value, value));
  await click(parts, person, isThere ? place : { ...place, stale: true }, action, value);
}

async function pressInView(
  parts: GestureParts,
  person: Person,
  view: OpenView,
  query: URLSearchParams,
  form: URLSearchParams,
) {
  const action = query.get("action") ?? "";
  const block = query.get("block");
  const typed = typedInto(view, form);
  for (const { block: around, element } of elementsIn(objectsIn(view.content.blocks))) {
    const value = typed[String(around.block_id)];
    if (element.type !== "button" && value !== undefined)
      view.state[String(around.block_id)] = { [String(element.action_id)]: stateFor(element, value) };
  }
  const place = { view: view.id, ...(block && { block }) };
  await click(parts, person, place, action, block ? typed[block] : query.get("value") || undefined);
}

/** What stands in the form's fields. A box or list that is not sent has nothing chosen. */
function typedInto(view: OpenView, form: URLSearchParams): Record<string, PlainValue> {
  const typed: Record<string, PlainValue> = {};
  for (const { block, element } of elementsIn(objectsIn(view.content.blocks))) {
    if (element.type === "button") continue;
    const id = String(block.block_id);
    const isList = element.type === "checkboxes" || element.type === "multi_static_select";
    typed[id] = isList ? form.getAll(id) : (form.get(id) ?? "").replaceAll("\r\n", "\n");
  }
  return typed;
}

function sameValue(value: unknown, wanted: string | undefined): boolean {
  return wanted === undefined || value === undefined || value === wanted;
}

function tellChanges(parts: GestureParts, listeners: ReadonlySet<ServerResponse>): () => void {
  let timer: NodeJS.Timeout | undefined;
  const stop = parts.record.onChange(() => {
    timer ??= setTimeout(() => {
      timer = undefined;
      for (const response of listeners) response.write("data: changed\n\n");
    }, QUIET_MS);
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}

function listen(response: ServerResponse, listeners: Set<ServerResponse>): true {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write(": listening\n\n");
  listeners.add(response);
  response.on("close", () => listeners.delete(response));
  return true;
}

/** Another page in the same browser must not act for people: its requests carry its own origin. */
function isFromDesk(request: IncomingMessage, own: string): boolean {
  const { origin } = request.headers;
  const site = request.headers["sec-fetch-site"];
  return (origin === undefined || origin === own) && (site === undefined || site === "same-origin");
}

function send(response: ServerResponse, status: number, type: string, body: string): true {
  response.writeHead(status, {
    "content-type": `${type}; charset=utf-8`,
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
  });
  response.end(body);
  return true;
}

function redirect(response: ServerResponse, location: string): true {
  response.writeHead(303, { location, "cache-control": "no-store" });
  response.end();
  return true;
}

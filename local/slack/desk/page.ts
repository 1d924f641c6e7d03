import { createHash } from "node:crypto";
import { isJson, type Json, textIn } from "../json.ts";
import type { Ephemeral, Message, OpenView } from "../record.ts";
import type { Channel, Person } from "../workplace.ts";
import { Html, html } from "./html.ts";
import { mrkdwn, type Names } from "./mrkdwn.ts";
import { type Acting, buttonStyle, renderBlocks, renderOptions, renderText, unsupported } from "./render-blocks.ts";
import { renderView } from "./render-view.ts";
import { clockTime, dayName } from "./slack-date.ts";

/** Everything that one person sees on one page. */
export interface Scene {
  readonly team: string;
  readonly app: string;
  readonly command: string;
  readonly me: Person;
  readonly people: readonly Person[];
  readonly channel: Channel;
  readonly channels: readonly (Channel & { unread: number })[];
  readonly messages: readonly Message[];
  readonly replies: (ts: string) => readonly Message[];
  readonly ephemerals: readonly Ephemeral[];
  /** The message whose thread is open. */
  readonly thread?: Message;
  readonly views: readonly OpenView[];
  readonly names: Names;
}

/** The desk as one person sees it. Parts marked `data-live` are replaced by the script when their version changes. */
export function renderPage(scene: Scene): string {
  const base = `/as/${scene.me.name}/${scene.channel.name}`;
  const hasView = scene.views.length > 0;
  const title = `${hasView ? `${viewTitle(scene.views)} · ` : ""}#${scene.channel.name} as ${scene.me.displayName}`;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="/favicon.svg" type="image/svg+xml"><link rel="stylesheet" href="/desk.css"><script src="/desk.js" defer></script></head>
<body class="${scene.thread ? "with-thread" : ""}"><a class="skip" href="#messages">Skip to messages</a>
<div id="shell" class="shell"${hasView && html` inert`}>
  <header class="side">
    <p class="team"><b>${scene.team}</b><span>A Slack on this machine. Nothing leaves it.</span></p>
    ${people(scene)}
    ${live("channels", "nav", html` class="channels" aria-label="Channels"`, channels(scene))}
  </header>
  <main>
    <header class="top"><h1>#${scene.channel.name}</h1><p>${memberCount(scene)}</p></header>
    ${live("messages", "div", html` class="messages"`, conversation(scene, base))}
    ${composer(scene, base)}
  </main>
  ${live("thread", "aside", html` class="thread" aria-label="Thread"`, thread(scene, base))}
</div>
${live("modal", "div", html``, renderView(scene.views, base, scene.names), viewVersion(scene.views))}
</body></html>`;
  return page.text;
}

function live(id: string, tag: string, attributes: Html, content: Html, version?: string): Html {
  const seen = version ?? createHash("sha256").update(content.text).digest("base64url").slice(0, 12);
  const open = `${tag} id="${id}" tabindex="-1" data-live data-version="${seen}"`;
  return html`<${raw(open)}${attributes}>${content}</${raw(tag)}>`;
}

/** Our own markup, made above from constants. */
function raw(markup: string): Html {
  return new Html([markup]);
}

function viewVersion(views: readonly OpenView[]): string {
  const top = views.at(-1);
  if (!top) return "none";
  const seen = JSON.stringify([top.id, top.hash, top.errors, top.trouble, views.length]);
  return createHash("sha256").update(seen).digest("base64url").slice(0, 12);
}

function viewTitle(views: readonly OpenView[]): string {
  const title = views.at(-1)?.content.title;
  return (isJson(title) && textIn(title.text)) || "Form";
}

function people({ me, people, channel }: Scene): Html {
  return html`<nav class="people" aria-label="Who you are"><h2>You are</h2><ul>${people.map(
    (person) =>
      html`<li><a href="/as/${person.name}/${channel.name}"${person.id === me.id && html` aria-current="true"`}>${avatar(person, people.indexOf(person))}<span>${person.displayName}</span></a></li>`,
  )}</ul></nav>`;
}

function channels({ me, channel, channels }: Scene): Html {
  return html`<h2>Channels</h2><ul>${channels.map(
    (each) =>
      html`<li><a href="/as/${me.name}/${each.name}"${each.id === channel.id && html` aria-current="page"`}><span class="hash">#</span><span>${each.name}</span>${each.unread > 0 && html`<b class="unread" aria-label="${each.unread} unread">${each.unread}</b>`}</a></li>`,
  )}</ul>`;
}

function memberCount({ channel, me }: Scene): string {
  const count = channel.members.size;
  const members = count === 1 ? "1 person" : `${count} people`;
  return channel.members.has(me.id) ? `${members} and the app` : `${members} and the app. You are not a member.`;
}

function conversation(scene: Scene, base: string): Html {
  const said = [...scene.messages, ...scene.ephemerals.filter(({ threadTs }) => !threadTs)].sort((a, b) => a.at - b.at);
  if (said.length === 0)
    return html`<p class="empty">Nothing has been said here yet. Type <code>${scene.command}</code> below to begin.</p>`;
  let day = "";
  return html`${said.map((each) => {
    const name = dayName(each.at, scene.names.now);
    const heading = name === day ? undefined : html`<h2 class="day"><span>${name}</span></h2>`;
    day = name;
    return html`${heading}${"user" in each ? privateAnswer(each, scene, base) : message(each, scene, base)}`;
  })}`;
}

function message(each: Message, scene: Scene, base: string, isInThread = false): Html {
  const replies = isInThread ? [] : scene.replies(each.ts);
  const place = `ts=${each.ts}`;
  return html`<article class="message" id="${isInThread ? "t" : "m"}-${each.ts}" aria-label="${scene.app} at ${clockTime(each.at)}">
    ${appAvatar()}
    <div class="body">
      <p class="who"><b>${scene.app}</b><span class="badge">app</span><time>${clockTime(each.at)}</time>${each.editedAt !== undefined && html`<span class="edited">updated ${clockTime(each.editedAt)}</span>`}</p>
      ${content(each, scene.names, actingAt(`${base}/click?${place}${isInThread && scene.thread ? `&thread=${scene.thread.ts}` : ""}`, scene.names))}
      ${replies.length > 0 && html`<a class="replies" href="${base}?thread=${each.ts}#thread">${replies.length === 1 ? "1 reply" : `${replies.length} replies`}<span>last at ${clockTime(replies.at(-1)?.at ?? 0)}</span></a>`}
    </div>
  </article>`;
}

function privateAnswer(each: Ephemeral, scene: Scene, base: string): Html {
  const who = each.from ?? scene.app;
  return html`<article class="message private" aria-label="Only visible to you, ${who} at ${clockTime(each.at)}">
    ${each.from ? html`<span class="avatar slack" aria-hidden="true">!</span>` : appAvatar()}
    <div class="body">
      <p class="only">Only visible to you</p>
      <p class="who"><b>${who}</b>${!each.from && html`<span class="badge">app</span>`}<time>${clockTime(each.at)}</time></p>
      ${content(each, scene.names, actingAt(`${base}/click?ephemeral=${each.ts}`, scene.names))}
      <form method="post" action="${base}/dismiss?ephemeral=${each.ts}"><button class="link">Dismiss</button></form>
    </div>
  </article>`;
}

function content({ text, blocks }: { text: string; blocks: readonly Json[] }, names: Names, acting: Acting): Html {
  return blocks.length > 0
    ? renderBlocks(blocks, names, acting)
    : html`<div class="block text">${mrkdwn(text, names)}</div>`;
}

/** In a message each button is a form of its own. */
function actingAt(address: string, names: Names): Acting {
  return (element) => {
    const action = `${address}&action=${encodeURIComponent(String(element.action_id))}`;
    if (element.type === "button") return messageButton(element, action, names);
    if (element.type === "static_select")
      return html`<form method="post" action="${action}" class="choice"><select name="value" aria-label="${textOf(element.placeholder) ?? "Choose"}">${renderOptions(element, [], names)}</select><button class="button">Choose</button></form>`;
    return unsupported(`element ${String(element.type)}`, element);
  };
}

function messageButton(element: Json, action: string, names: Names): Html {
  const label = renderText(element.text, names);
  const press = (style: string, words: Html | string) =>
    html`<form method="post" action="${action}"><input type="hidden" name="value" value="${textIn(element.value) ?? ""}"><button class="${style}">${words}</button></form>`;
  if (!isJson(element.confirm)) return press(buttonStyle(element), label);
  const { title, text, confirm } = element.confirm;
  return html`<details class="confirm"><summary class="${buttonStyle(element)}">${label}</summary><div><b>${renderText(title, names)}</b><p>${renderText(text, names)}</p>${press(buttonStyle(element), renderText(confirm, names))}</div></details>`;
}

function thread(scene: Scene, base: string): Html {
  if (!scene.thread) return html``;
  const { ts } = scene.thread;
  const replies = scene.replies(ts);
  const answers = scene.ephemerals.filter((each) => each.threadTs === ts);
  return html`<header><h2>Thread</h2><a class="close" href="${base}#m-${ts}" aria-label="Close thread">✕</a></header>
    ${message(scene.thread, scene, base, true)}
    <p class="count">${replies.length === 1 ? "1 reply" : `${replies.length} replies`}</p>
    ${replies.map((reply) => message(reply, scene, base, true))}
    ${answers.map((each) => privateAnswer(each, scene, base))}`;
}

function composer(scene: Scene, base: string): Html {
  return html`<form id="composer" class="composer" method="post" action="${base}/command">
    <label for="command">Command in #${scene.channel.name}, as ${scene.me.displayName}</label>
    <div><input id="command" name="text" type="text" autocomplete="off" spellcheck="false" placeholder="${scene.command} help"><button class="button primary">Send</button></div>
  </form>`;
}

function avatar(person: Person, index: number): Html {
  return html`<span class="avatar hue-${index % 6}" aria-hidden="true">${person.displayName.charAt(0).toUpperCase()}</span>`;
}

function appAvatar(): Html {
  return html`<svg class="avatar app" viewBox="0 0 36 36" aria-hidden="true"><rect width="36" height="36" rx="8"/><path d="M8 11c4 0 4 3 8 3s4-3 8-3 4 0 4 0M8 18c4 0 4 3 8 3s4-3 8-3 4 0 4 0M8 25c4 0 4 3 8 3s4-3 8-3 4 0 4 0" /></svg>`;
}

function textOf(value: unknown): string | undefined {
  return isJson(value) ? textIn(value.text) : undefined;
}

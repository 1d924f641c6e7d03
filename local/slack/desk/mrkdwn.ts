import { type Html, html, text } from "./html.ts";
import { formatSlackDate } from "./slack-date.ts";

/** What ids mean to a reader. */
export type Names = Readonly<{
  user: (id: string) => string | undefined;
  channel: (id: string) => string | undefined;
  now: number;
}>;

/** Code, then what stands in angle brackets: inside these nothing else is read. */
const TOKEN = /\n?```([\s\S]+?)```\n?|`([^`\n]+)`|<([^<>\n]+)>/g;

/** Private-use characters hold the place of finished tokens; any in the text itself are taken out first. */
const HOLDER = /\ue000(\d+)\ue001/;
const HOLDERS = /[\ue000\ue001]/g;

/** The longest text that is given format; Slack itself takes no more than this in a message. */
const LONGEST = 40_000;

/**
 * Slack's mrkdwn as HTML: bold, italic, strike, code, quotes, links, mentions and dates. Everything else is text, escaped once;
 * Slack's own three entities are read first.
 */
export function mrkdwn(source: string, names: Names): Html {
  const tokens: Html[] = [];
  const held = source
    .slice(0, LONGEST)
    .replace(HOLDERS, "")
    .replace(TOKEN, (_whole, block?: string, inline?: string, bracket?: string) => {
      tokens.push(tokenOf(block, inline, bracket, names));
      return `\ue000${tokens.length - 1}\ue001`;
    });
  return html`${lines(held).map((group) => (group.isQuote ? html`<blockquote>${marked(group.text, tokens)}</blockquote>` : marked(group.text, tokens)))}`;
}

/** Slack's plain text: nothing but line breaks means anything. */
export function plainText(source: string): Html {
  return html`${source.split("\n").map((line, index) => (index === 0 ? text(line) : html`<br>${line}`))}`;
}

function tokenOf(
  block: string | undefined,
  inline: string | undefined,
  bracket: string | undefined,
  names: Names,
): Html {
  if (block !== undefined) return html`<pre><code>${unescaped(block.replace(/^\n|\n$/g, ""))}</code></pre>`;
  if (inline !== undefined) return html`<code>${unescaped(inline)}</code>`;
  return bracketed(bracket ?? "", names);
}

function bracketed(content: string, names: Names): Html {
  const bar = content.indexOf("|");
  const [target, label] = bar < 0 ? [content, undefined] : [content.slice(0, bar), unescaped(content.slice(bar + 1))];
  const id = target.slice(1);
  if (target.startsWith("@")) return html`<span class="mention">@${names.user(id) ?? label ?? id}</span>`;
  if (target.startsWith("#")) return html`<span class="mention">#${names.channel(id) ?? label ?? id}</span>`;
  if (target.startsWith("!date^")) return date(target, label, names.now);
  if (target.startsWith("!subteam^")) return html`<span class="mention">${label ?? `@${target.slice(9)}`}</span>`;
  if (target.startsWith("!")) return html`<span class="mention everybody">@${id.split("^")[0]}</span>`;
  return link(unescaped(target), label, content);
}

/** Only web and mail addresses become links; anything else is shown as it stands, and does nothing. */
function link(target: string, label: string | undefined, content: string): Html {
  if (!/^(https?:\/\/|mailto:)/i.test(target)) return text(`<${unescaped(content)}>`);
  return html`<a href="${target}" target="_blank" rel="noreferrer noopener">${label ?? target}</a>`;
}

function date(target: string, fallback: string | undefined, now: number): Html {
  const [, seconds = "", format = ""] = target.split("^");
  const at = Number(seconds) * 1_000;
  if (!/^\d{1,12}$/.test(seconds) || at > 8.64e15) return text(fallback ?? target);
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}" title="${iso}">${formatSlackDate(at, unescaped(format), now)}</time>`;
}

/** Neighbouring lines that begin with ">" are one quote. */
function lines(held: string): { isQuote: boolean; text: string }[] {
  const groups: { isQuote: boolean; text: string }[] = [];
  for (const line of held.split("\n")) {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    const isQuote = quoted !== null;
    const content = quoted?.[1] ?? line;
    const last = groups.at(-1);
    if (last && last.isQuote === isQuote) last.text += `\n${content}`;
    else groups.push({ isQuote, text: content });
  }
  return groups;
}

const MARKS: readonly { pattern: RegExp; wrap: (inside: Html) => Html }[] = [
  { pattern: mark("\\*"), wrap: (inside) => html`<b>${inside}</b>` },
  { pattern: mark("_"), wrap: (inside) => html`<i>${inside}</i>` },
  { pattern: mark("~"), wrap: (inside) => html`<s>${inside}</s>` },
];

/** A mark opens after a space or punctuation and closes before one, and has no space inside its edges: "5 * 3 * 2" is text. */
function mark(character: string): RegExp {
  return new RegExp(
    `(?<![\\p{L}\\p{N}${character}])${character}(?!\\s|${character})([^\\n${character}]*[^\\s${character}])${character}(?![\\p{L}\\p{N}${character}])`,
    "u",
  );
}

/** Finds the first mark, and reads what is inside and after it in the same way: marks nest and never cross. */
function marked(source: string, tokens: readonly Html[]): Html {
  let first: { at: number; whole: string; inside: string; wrap: (inside: Html) => Html } | undefined;
  for (const { pattern, wrap } of MARKS) {
    const found = pattern.exec(source);
    if (found?.[1] !== undefined && (!first || found.index < first.at))
      first = { at: found.index, whole: found[0], inside: found[1], wrap };
  }
  if (!first) return filled(source, tokens);
  const after = source.slice(first.at + first.whole.length);
  return html`${filled(source.slice(0, first.at), tokens)}${first.wrap(marked(first.inside, tokens))}${marked(after, tokens)}`;
}

/** Text with its tokens back in place and its line breaks. */
function filled(source: string, tokens: readonly Html[]): Html {
  const parts = source.split(HOLDER);
  return html`${parts.map((part, index) => (index % 2 === 1 ? (tokens[Number(part)] ?? "") : plainText(unescaped(part))))}`;
}

function unescaped(source: string): string {
  return source.replace(/&(amp|lt|gt);/g, (_whole, name: string) => ({ amp: "&", lt: "<", gt: ">" })[name] ?? "");
}

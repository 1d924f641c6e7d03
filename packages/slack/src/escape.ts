/** Milliseconds since 1970, UTC. */
type Instant = number;

/**
 * What can hide in text: controls, marks that turn the direction, characters without width, separators of lines, private and
 * half characters. Shown as `\u202e`, so that the reader sees that something is there. A colour emoji keeps its selector.
 */
const HIDDEN = /(?!(?<=\p{ExtPict})\ufe0f)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{DI}]/gu;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Escapes the three characters that Slack reads as markup everywhere: no link, mention or `<!channel>` survives. */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** One line in which everything is visible: line breaks and characters without width or with a direction are spelled out. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, (hidden) => SHORT[hidden] ?? `\\u${codePoint(hidden).toString(16).padStart(4, "0")}`);
}

/** At most `maxCharacters` characters as people count them; what was cut away is marked by a final "…". */
export function cut(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const characters: string[] = [];
  for (const { segment } of new Intl.Segmenter("en").segment(text.slice(0, maxCharacters * 16))) {
    if (characters.length === maxCharacters) return `${characters.slice(0, -1).join("")}…`;
    characters.push(segment);
  }
  return characters.join("").length < text.length ? `${characters.slice(0, maxCharacters - 1).join("")}…` : text;
}

/**
 * Text from a person or a tool, in code style: shown as it is, never acted on. One line, at most `maxCharacters` visible
 * characters. A backtick becomes "ˋ", since Slack has no way to write one inside code; nothing at all becomes "(empty)".
 */
export function code(text: string, maxCharacters: number): string {
  const shown = cut(visibleText(text).trim(), maxCharacters);
  return shown === "" ? "(empty)" : `\`${escapeMrkdwn(shown.replaceAll("`", "ˋ"))}\``;
}

/** Text from a tool over several lines, as a code block. Keeps line breaks, otherwise as {@link code}. */
export function codeBlock(text: string, maxCharacters: number): string {
  const lines = text.replaceAll("\r\n", "\n").split("\n").map(visibleText).join("\n");
  return `\`\`\`\n${escapeMrkdwn(cut(lines, maxCharacters).replaceAll("`", "ˋ"))}\n\`\`\``;
}

/** Characters that look the same and mean nothing to Slack. A character without width would not do: Slack formats beside it. */
const LOOKALIKE: Readonly<Record<string, string>> = { "*": "∗", _: "＿", "~": "∼", "`": "ˋ", ":": "∶" };
/** Marks that could begin or end a format, and the colons of an `:emoji:`. Inside a word (`snake_case`) Slack reads none. */
const MARKS = /(?<![\p{L}\p{N}])[*_~]|[*_~](?![\p{L}\p{N}])|`|:(?=[\w+'-]+:)|(?<=:[\w+'-]+):/gu;

/** A person's own words in quotation marks, one line: what Slack would read as format is shown by characters that look alike. */
export function quote(text: string, maxCharacters: number): string {
  const shown = cut(visibleText(text).trim(), maxCharacters).replace(MARKS, (mark) => LOOKALIKE[mark] ?? mark);
  return `“${escapeMrkdwn(shown)}”`;
}

/** A mention, which notifies this person. @throws when it is no Slack user id: anything else here could address a channel. */
export function mention(userId: string): string {
  if (!/^[UW][A-Z0-9]{2,30}$/.test(userId)) throw new Error(`Not a Slack user id: ${visibleText(cut(userId, 40))}`);
  return `<@${userId}>`;
}

/** A link with words of our own. @throws when it is no web address that can stand in Slack's brackets. */
export function link(url: string, label: string): string {
  if (!/^https?:\/\/[^\s<>|]+$/.test(url)) throw new Error(`Not an address to link to: ${visibleText(cut(url, 200))}`);
  return `<${url.replaceAll("&", "&amp;")}|${escapeMrkdwn(label)}>`;
}

/** A time in each reader's own zone ("14:09"); where Slack cannot format it, the same in UTC. */
export function timeOfDay(at: Instant): string {
  return slackDate(at, "{time}", `${utc(at).slice(11, 16)} UTC`);
}

/** A day and time in each reader's own zone ("today at 14:09"); where Slack cannot format it, the same in UTC. */
export function dayAndTime(at: Instant): string {
  return slackDate(at, "{date_short_pretty} at {time}", `${utc(at).slice(0, 10)} ${utc(at).slice(11, 16)} UTC`);
}

/** How long something took, in words that people use: "under 1 s", "41 s", "3 min", "1 h 5 min", "2 days". Rounds down. */
export function durationInWords(milliseconds: number): string {
  const seconds = Math.floor(Math.max(0, milliseconds) / 1_000);
  if (seconds < 1) return "under 1 s";
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes < 10 && seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}

/** At most `most` of the items, then "and 14 more". */
export function listAtMost(items: readonly string[], most: number): string {
  const left = items.length - most;
  return left > 0 ? `${items.slice(0, most).join(", ")} and ${left} more` : items.join(", ");
}

function slackDate(at: Instant, format: string, fallback: string): string {
  return `<!date^${Math.floor(at / 1_000)}^${format}|${fallback}>`;
}

function utc(at: Instant): string {
  return new Date(at).toISOString();
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}

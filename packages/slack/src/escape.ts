import { cut, inItsOrder, visibleText } from "@sluice/text";

/** Milliseconds since 1970, UTC. */
type Instant = number;

/** Escapes the three characters that Slack reads as markup everywhere: no link, mention or `<!channel>` survives. */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * Text of others, shortened until it takes at most `units` of the message, as Slack counts it: escaping makes it longer.
 *
 * @param write what it is shown as, for a number of characters
 */
export function fitting(write: (characters: number) => string, characters: number, units: number): string {
  let shown = write(characters);
  for (let fewer = characters; shown.length > units && fewer > 1; shown = write(fewer)) fewer = Math.floor(fewer * 0.7);
  return shown;
}

/**
 * Text from a person or a tool, in code style: shown as it is, never acted on. One line, at most `maxCharacters` visible
 * characters. A backtick becomes "ˋ", since Slack has no way to write one inside code; nothing at all becomes "(empty)".
 */
export function code(text: string, maxCharacters: number): string {
  const shown = cut(visibleText(text).trim(), maxCharacters);
  return shown === "" ? "(empty)" : `\`${escapeMrkdwn(inItsOrder(shown.replaceAll("`", "ˋ")))}\``;
}

/** Text from a tool over several lines, as a code block. Keeps line breaks, otherwise as {@link code}. */
export function codeBlock(text: string, maxCharacters: number): string {
  const lines = text.replaceAll("\r\n", "\n").split("\n").map(visibleText).join("\n");
  return `\`\`\`\n${escapeMrkdwn(cut(lines, maxCharacters).replaceAll("`", "ˋ"))}\n\`\`\``;
}

/** Whether it can be the id of a Slack user, who can be mentioned. */
export function isUserId(text: string): boolean {
  return /^[UW][A-Z0-9]{2,30}$/.test(text);
}

/** A mention, which notifies this person. @throws when it is no Slack user id: anything else here could address a channel. */
export function mention(userId: string): string {
  if (!isUserId(userId)) throw new Error(`Not a Slack user id: ${visibleText(cut(userId, 40))}`);
  return `<@${userId}>`;
}

/** A mention of a Slack user group, which notifies all who are in it. @throws when it is no id of one. */
export function mentionGroup(groupId: string): string {
  if (!/^S[A-Z0-9]{2,30}$/.test(groupId))
    throw new Error(`Not a Slack user group id: ${visibleText(cut(groupId, 40))}`);
  return `<!subteam^${groupId}>`;
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

function slackDate(at: Instant, format: string, fallback: string): string {
  return `<!date^${Math.floor(at / 1_000)}^${format}|${fallback}>`;
}

function utc(at: Instant): string {
  return new Date(at).toISOString();
}

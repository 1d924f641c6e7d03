/** Milliseconds since 1970, UTC. */
type Instant = number;

/**
 * What can hide in text: controls, marks that turn the direction, characters without width or without a meaning yet, separators of lines, private and half
 * characters. Shown as `\u202e`, so that the reader sees that something is there. An emoji keeps its selector and what joins it to the next one.
 */
const HIDDEN =
  /(?!(?<=\p{ExtPict})\ufe0f|(?<=[0-9#*])\ufe0f\u20e3|(?<=\p{ExtPict}[\ufe0f\p{EMod}]?)\u200d\p{ExtPict}|\p{ExtPict})[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{DI}]/gu;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * What shows nothing and takes room, but for the space itself: what Unicode calls a space, and letters and symbols that are drawn empty (Braille's blank, a
 * musical one, an object that is not there, two hieroglyphs). Hangul's fillers are hidden characters as well.
 */
const BLANK = String.raw`\p{Zs}\t\u2800\u115f\u1160\u3164\uffa0\u180e\ufffc\u{1d159}\u{13441}\u{13442}`;
const ODD_BLANK = new RegExp(`(?! )[${BLANK}]`, "gu");
const BLANKS = new RegExp(`[${BLANK}]+`, "gu");
const NOTHING_TO_SEE = new RegExp(String.raw`^[${BLANK}\s\p{M}\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{DI}]*$`, "u");

/** No language needs more on one letter in a message; a hundred of them are drawn over the lines around it. */
const MAX_MARKS = 3;
const PILED_MARKS = new RegExp(String.raw`(?<=^|\P{M}\p{M}{${MAX_MARKS}})\p{M}+`, "gu");

/** Escapes the three characters that Slack reads as markup everywhere: no link, mention or `<!channel>` survives. */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * One line in which everything is visible: line breaks, blanks that are no space, characters without width or with a direction, and what combines with no
 * letter or with one that has three marks already are spelled out.
 */
export function visibleText(text: string): string {
  return text
    .replace(HIDDEN, spelled)
    .replace(ODD_BLANK, spelled)
    .replace(PILED_MARKS, (marks) => [...marks].map(spelled).join(""));
}

/** As {@link visibleText}, to be read and not compared: any run of blanks is one space, of line breaks "↵", of too many marks "…". */
export function oneLine(text: string): string {
  const lines = text.replace(/\r\n|[\n\v\f\r\x85\u2028\u2029]/g, "\n").replace(BLANKS, " ");
  return visibleText(
    lines
      .replace(/(?: ?\n)+ ?/g, "\n")
      .trim()
      .replaceAll("\n", " ↵ ")
      .replace(PILED_MARKS, "…"),
  );
}

/** Whether nobody would see anything in it: then it is no reason, however many characters it has. */
export function isBlank(text: string): boolean {
  return NOTHING_TO_SEE.test(text);
}

const CHARACTERS = new Intl.Segmenter("en");

/** A character as people count them may be of any length; of those that are read at all, hardly one has more. */
const MAX_CODE_POINTS = 4;

/** At most `maxCharacters` characters as people count them, and four code points for each; what was cut away is marked by a final "…". */
export function cut(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const kept: string[] = [];
  let codePoints = 0;
  for (const { segment } of CHARACTERS.segment(text.slice(0, maxCharacters * MAX_CODE_POINTS * 4))) {
    codePoints += [...segment].length;
    if (kept.length === maxCharacters || codePoints >= maxCharacters * MAX_CODE_POINTS)
      return `${kept.slice(0, maxCharacters - 1).join("")}…`;
    kept.push(segment);
  }
  return kept.join("");
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

/** Letters that are written from right to left, in blocks of Unicode that hold nothing else. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Text of others keeps to itself: without the two marks, Hebrew on both sides of our arrow would be read as if after came before. */
export function inItsOrder(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
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

/** The first of `count` things, then how many more there are: "a, b and 14 more". */
export function listOf(first: readonly string[], count: number): string {
  const left = count - first.length;
  return left > 0 ? `${first.join(", ")} and ${left} more` : first.join(", ");
}

function slackDate(at: Instant, format: string, fallback: string): string {
  return `<!date^${Math.floor(at / 1_000)}^${format}|${fallback}>`;
}

function utc(at: Instant): string {
  return new Date(at).toISOString();
}

function spelled(character: string): string {
  return SHORT[character] ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}

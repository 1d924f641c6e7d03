import type { KnownBlock } from "@slack/types";
import { actions, button, plain, section } from "@sluice/slack";

/** Slack's limits of one section and one view, with room for head and buttons (100 blocks). */
const MAX_SECTION = 2_900;
const MAX_SECTIONS = 30;
/** A click in a window sends the whole window back, form-encoded. */
const MAX_PAGE = 10_000;

/** One thing on a page: a head that is repeated when its lines need more than one section. Head and any line together fit in one. */
export type Entry = Readonly<{
  head: string;
  lines: readonly string[];
  /** What it can be found by. */
  kinds?: readonly string[];
  /** What comes is of another sort: it begins a page. */
  startsPage?: boolean;
}>;

/** The sections of one page, and what begins on it. */
export type Page = Readonly<{ texts: readonly string[]; begins: readonly Entry[] }>;

/** Cuts entries into pages, each within Slack's limits. Nothing is left out and the order is kept. There is at least one page. */
export function pagesOf(entries: readonly Entry[]): readonly Page[] {
  const pages: { texts: string[]; begins: Entry[]; characters: number }[] = [];
  for (const entry of entries)
    for (const [index, text] of sectionsOf(entry).entries()) {
      const last = pages.at(-1);
      const fits = last && last.texts.length < MAX_SECTIONS && last.characters + text.length <= MAX_PAGE;
      const page = fits && !(entry.startsPage && index === 0) ? last : { texts: [], begins: [], characters: 0 };
      if (page !== last) pages.push(page);
      page.texts.push(text);
      page.characters += text.length;
      if (index === 0) page.begins.push(entry);
    }
  return pages.length > 0 ? pages : [{ texts: [], begins: [] }];
}

function sectionsOf({ head, lines }: Entry): string[] {
  const sections = [head];
  for (const line of lines) {
    const last = sections.at(-1) ?? "";
    if (last.length + line.length + 1 <= MAX_SECTION) sections[sections.length - 1] = `${last}\n${line}`;
    else sections.push(`${head} _(continued)_\n${line}`);
  }
  return sections;
}

/** The page that is asked for, or the nearest that there is. Pages count from 1. */
export function pageAt(pages: readonly Page[], wanted: number): number {
  return Math.min(Math.max(1, wanted), pages.length);
}

/**
 * One page's blocks, with what leads to the others. `value` names what is shown.
 *
 * @param titles of the kinds that are worth finding, in the order in which they are offered
 */
export function pageBlocks(
  pages: readonly Page[],
  at: number,
  value: string,
  titles: Readonly<Record<string, string>> = {},
): KnownBlock[] {
  const texts = pages[at - 1]?.texts ?? [];
  return [
    ...texts.map((text) => ({ ...section(text), expand: true })),
    ...neighbours(at, pages.length, value),
    ...jump(pages, at, value, titles),
  ];
}

function neighbours(at: number, of: number, value: string): KnownBlock[] {
  const to = (page: number, label: string, actionId: string) => button(label, { actionId, value: `${value}.${page}` });
  const buttons = [
    ...(at > 2 ? [to(1, "First", "first_page")] : []),
    ...(at > 1 ? [to(at - 1, `Previous (${at - 1} of ${of})`, "previous_page")] : []),
    ...(at < of ? [to(at + 1, `Next (${at + 1} of ${of})`, "next_page")] : []),
    ...(at < of - 1 ? [to(of, "Last", "last_page")] : []),
  ];
  return buttons.length > 0 ? [actions("pages", ...buttons)] : [];
}

/** The first page of each kind. The block has the page's own name, so that Slack shows no choice that was made on another page. */
function jump(
  pages: readonly Page[],
  at: number,
  value: string,
  titles: Readonly<Record<string, string>>,
): KnownBlock[] {
  if (pages.length < 2) return [];
  const options = Object.entries(titles).flatMap(([kind, title]) => {
    const first = pages.findIndex(({ begins }) => begins.some(({ kinds = [] }) => kinds.includes(kind))) + 1;
    return first > 0 ? [{ text: plain(`${title}, from page ${first}`), value: `${value}.${first}.${kind}` }] : [];
  });
  if (options.length === 0) return [];
  return [
    {
      type: "actions",
      block_id: `jump.${at}`,
      elements: [{ type: "static_select", action_id: "jump_to_page", placeholder: plain("Go to…"), options }],
    },
  ];
}

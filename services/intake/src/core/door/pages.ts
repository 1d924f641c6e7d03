import type { KnownBlock } from "@slack/types";
import { actions, button, section } from "@sluice/slack";

/** Slack's limits of one section and one view, with room for head and buttons (100 blocks). */
const MAX_SECTION = 2_900;
const MAX_SECTIONS = 30;
/** A click in a window sends the whole window back, form-encoded. */
const MAX_PAGE = 10_000;

/** One thing on a page: a head that is repeated when its lines need more than one section. */
export type Entry = Readonly<{ head: string; lines: readonly string[] }>;

/** Cuts entries into pages, each within Slack's limits. Nothing is left out and the order is kept. There is at least one page. */
export function pagesOf(entries: readonly Entry[]): readonly (readonly string[])[] {
  const pages: string[][] = [[]];
  let characters = 0;
  for (const text of entries.flatMap(sectionsOf)) {
    const page = pages.at(-1) ?? [];
    if (page.length > 0 && (page.length >= MAX_SECTIONS || characters + text.length > MAX_PAGE)) {
      pages.push([text]);
      characters = text.length;
      continue;
    }
    page.push(text);
    characters += text.length;
  }
  return pages;
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

/** One page's blocks, with buttons to its neighbours. `value` names what is shown; pages count from 1. */
export function pageBlocks(texts: readonly string[], value: string, page: number, of: number): KnownBlock[] {
  const to = (next: number) => `${value}.${next}`;
  const buttons = [
    ...(page > 1
      ? [button(`Previous (${page - 1} of ${of})`, { actionId: "previous_page", value: to(page - 1) })]
      : []),
    ...(page < of ? [button(`Next (${page + 1} of ${of})`, { actionId: "next_page", value: to(page + 1) })] : []),
  ];
  return [...texts.map((text) => section(text)), ...(buttons.length > 0 ? [actions("pages", ...buttons)] : [])];
}

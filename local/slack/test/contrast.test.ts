import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const css = readFileSync(join(import.meta.dirname, "../desk/desk.css"), "utf8");
const [light = "", dark = ""] = [...css.matchAll(/:root \{([^}]+)\}/g)].map((match) => match[1]);
const coloursOf = (block: string) =>
  Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map((match) => [match[1], match[2]]));
const THEMES = { light: coloursOf(light), dark: { ...coloursOf(light), ...coloursOf(dark) } };

/** Text and what it stands on, in every place where the style sheet puts them together. */
const PAIRS = [
  ["text", "ground"],
  ["text", "raised"],
  ["text", "private"],
  ["muted", "ground"],
  ["muted", "raised"],
  ["muted", "private"],
  ["link", "ground"],
  ["link", "private"],
  ["link", "mention-ground"],
  ["code", "raised"],
  ["danger", "ground"],
  ["accent-text", "accent"],
  ["danger-text", "danger"],
  ["loud", "loud-ground"],
  ["side-text", "side"],
  ["side-text", "side-active"],
  ["side-muted", "side"],
] as const;

describe.each(Object.entries(THEMES))("the %s colours", (_name, colours) => {
  it.each(PAIRS)("let %s be read on %s (WCAG AA, 4.5 to 1)", (text, ground) => {
    expect(contrast(colours[text] ?? "", colours[ground] ?? "")).toBeGreaterThanOrEqual(4.5);
  });
});

function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

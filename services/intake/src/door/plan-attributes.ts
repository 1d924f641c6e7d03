import type { ShownAttribute, ShownValue } from "@sluice/runner";
import { exactCode } from "@sluice/slack";
import type { WholeTexts } from "./whole-texts.ts";

/** Units of a message, as Slack counts them. What is longer is shown in part, and whole elsewhere. */
const PATH_UNITS = 250;
const VALUE_UNITS = 600;
/** Around the first difference of two of which one is longer than that. */
const WINDOW_UNITS = 240;
/** Of a line that lists several: with a head it fits in one section. */
const LISTED_UNITS = 1_600;

/** How attributes are to be read: an object that stays, one that is written in full, or what goes. */
type Reading = "changed" | "written" | "goes";
type Of = Readonly<{
  reading: Reading;
  /** What they belong to, as a head names it. */
  of: string;
  texts: WholeTexts;
  /** Attributes that decide what is allowed, by their own name. */
  first?: ReadonlySet<string>;
}>;

/** Every attribute: what forces a replacement, what decides what is allowed and what changes first; what is known after apply by its name; then what says little. */
export function attributeLines(attributes: readonly ShownAttribute[], how: Of): string[] {
  const name = ({ path }: ShownAttribute) => how.texts.shown(path, PATH_UNITS, `path in ${how.of}`);
  const sorts = { told: [], unknown: [], nothing: [], again: [] } as Record<Sort, ShownAttribute[]>;
  for (const attribute of attributes) sorts[sortOf(attribute, how.reading)].push(attribute);
  const told = byRank(sorts.told, how);
  return [
    ...told.map((attribute) => attributeLine(attribute, name(attribute), how)),
    ...listed("_known after apply:_", byRank(sorts.unknown, how).map(name)),
    ...NOTHING.flatMap(([words, nothing]) =>
      listed(words, sorts.nothing.filter(({ before, after }) => textOf(after ?? before) === nothing).map(name)),
    ),
    ...listed(
      "_written again as it was:_",
      sorts.again.map((attribute) => `${name(attribute)} = ${valueIn(attribute.after, attribute, how)}`),
    ),
  ];
}

type Sort = "told" | "unknown" | "nothing" | "again";
const NOTHING = [
  ["_no value (null):_", "null"],
  ["_an empty list:_", "[]"],
  ["_empty, without attributes:_", "{}"],
] as const;

/** What says little has its name in a line with others of its sort; nothing is left out. */
function sortOf({ path, before, after, forcesReplacement }: ShownAttribute, reading: Reading): Sort {
  if (forcesReplacement || path === "") return "told";
  if (after && !before && "hidden" in after && after.hidden === "unknown") return "unknown";
  const only = reading === "written" && !before ? after : reading === "goes" && !after ? before : undefined;
  if (only && NOTHING.some(([, nothing]) => isNothing(only) && textOf(only) === nothing)) return "nothing";
  if (reading !== "written" || !before || !after) return "told";
  return textOf(before) !== undefined && textOf(before) === textOf(after) ? "again" : "told";
}

function isNothing(shown: ShownValue): boolean {
  return "value" in shown && typeof shown.value === "object";
}

function byRank(attributes: readonly ShownAttribute[], { first }: Of): ShownAttribute[] {
  const rank = ({ path, forcesReplacement }: ShownAttribute) =>
    forcesReplacement ? 0 : first?.has(/^[^.[]*/.exec(path)?.[0] ?? "") ? 1 : 2;
  return [...attributes].sort((one, other) => rank(one) - rank(other));
}

function attributeLine(attribute: ShownAttribute, name: string, how: Of): string {
  const { path, before, after, forcesReplacement } = attribute;
  const bullet = how.reading === "goes" ? "−" : "•";
  const forces = forcesReplacement ? " *(forces replacement)*" : "";
  return `${bullet} ${path ? `${name}: ` : ""}${changeText(attribute, before, after, how)}${forces}`;
}

function changeText(
  attribute: ShownAttribute,
  before: ShownValue | undefined,
  after: ShownValue | undefined,
  how: Of,
): string {
  if (!before && !after) return "_nothing is told of it_";
  if (how.reading === "goes" && before && !after) return valueIn(before, attribute, how);
  if (!after) return `${valueIn(before, attribute, how)} → _removed_`;
  if (!before)
    return how.reading === "goes" ? `_nothing_ → ${valueIn(after, attribute, how)}` : valueIn(after, attribute, how);
  const [was, willBe] = [textOf(before), textOf(after)];
  if (was === undefined || willBe === undefined || was === willBe)
    return `${valueIn(before, attribute, how)} → ${valueIn(after, attribute, how)}`;
  return how.texts
    .shownPair(was, willBe, { whole: VALUE_UNITS, window: WINDOW_UNITS }, labelOf(attribute, how))
    .join(" → ");
}

function valueIn(shown: ShownValue | undefined, attribute: ShownAttribute, how: Of): string {
  if (shown && "hidden" in shown) return hiddenWords[shown.hidden];
  return how.texts.shown(textOf(shown) ?? "", VALUE_UNITS, labelOf(attribute, how));
}

const hiddenWords = {
  marked: "_sensitive_",
  equal: "_holds a sensitive value_",
  unknown: "_known after apply_",
} as const;

function labelOf({ path }: ShownAttribute, { of }: Of): string {
  const name = exactCode(path);
  return path && name.length <= PATH_UNITS ? `${name} of ${of}` : of;
}

/** A number is its digits; a text that could be read as something else, or begins like one that could, stands in quotation marks. Nothing of what is hidden. */
function textOf(shown: ShownValue | undefined): string | undefined {
  if (!shown || "hidden" in shown) return undefined;
  if ("number" in shown) return shown.number;
  if (typeof shown.value !== "string") return JSON.stringify(shown.value);
  return LIKE_ANOTHER.test(shown.value) ? `"${shown.value}"` : shown.value;
}

const LIKE_ANOTHER = /^(?:"|(?:true|false|null|\[\]|\{\}|-?\d+(?:\.\d+)?)$)/;

/** As many lines as they need, each with what they have in common. */
export function listed(words: string, items: readonly string[]): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + item.length + 2 <= LISTED_UNITS)
      lines[lines.length - 1] = `${last}, ${item}`;
    else lines.push(`• ${words} ${item}`);
  }
  return lines;
}

import type { Sha256 } from "@sluice/events";
import { digestOf } from "@sluice/steps";
import type { EntryDigests, EntryName } from "../change/change-digest.ts";
import { byCodeUnits } from "../change/leaves.ts";
import type { PlanPage, ShownAttribute, ShownValue } from "../plan-page/page.ts";
import { aroundDifference } from "../plan-page/window.ts";

/** A plan as it was shown, with the digests of what it hides. */
export type Measured = Readonly<{ page: PlanPage; entries: EntryDigests }>;

/** One thing that is not as it was approved: where, and from what to what as far as it may be shown. */
export type Move = Readonly<{ at: string; from?: string; to?: string }>;

/**
 * What differs between the plan that was approved and the one that was made to be applied, page against page: in the page's order, a thing before its attributes,
 * and of a thing that only one of them has nothing but that. Where only hidden values moved, the name of what they belong to.
 */
export function movesOf(approved: Measured, own: Measured): Move[] {
  const [was, is] = [thingsOf(approved.page), thingsOf(own.page)];
  const hidden = new Set(namesThatDiffer(approved.entries, own.entries));
  return [...new Set([...was.keys(), ...is.keys(), ...hidden])].flatMap((name): Move[] => {
    const [before, after] = [was.get(name), is.get(name)];
    if (!before || !after)
      return [{ at: name, ...(before && { from: before.what }), ...(after && { to: after.what }) }];
    const shown = movesIn(name, before, after);
    return shown.length === 0 && hidden.has(name) ? [{ at: name }] : shown;
  });
}

function movesIn(name: string, approved: Thing, own: Thing): Move[] {
  const what = approved.what === own.what ? [] : [{ at: name, from: approved.what, to: own.what }];
  const places = [...new Set([...approved.places.keys(), ...own.places.keys()])].flatMap((place) => {
    const [was, is] = [approved.places.get(place) ?? NOWHERE, own.places.get(place) ?? NOWHERE];
    const at = `${name}: ${place}`;
    if (was.willBe !== is.willBe) return [{ at, from: was.willBe, to: is.willBe }];
    return was.was === is.was ? [] : [{ at, from: was.was, to: is.was }];
  });
  return [...what, ...places];
}

/** The same for the same places, whatever the values: two refusals in a row of one digest differ at every plan. */
export function movesDigest(moves: readonly Move[]): Sha256 {
  return digestOf(moves.map(({ at }) => at).sort(byCodeUnits));
}

const TOLD = 5;
const VALUE_CHARACTERS = 80;

/** `aws_instance.this: instance_type t3.micro → t3.small` and how many more. */
export function movesInWords(moves: readonly Move[]): string {
  const words = moves.slice(0, TOLD).map(({ at, from, to }) => {
    if (from === undefined && to === undefined) return `${at} (a value that is not shown)`;
    return `${at} ${aroundDifference(from ?? "nothing", to ?? "nothing", VALUE_CHARACTERS).join(" → ")}`;
  });
  const more = moves.length - words.length;
  return `${words.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

/** One attribute of a thing: what will be there, and what is there now. */
type Row = Readonly<{ willBe: string; was: string }>;
/** A resource or an output: what happens to it, and each of its attributes. */
type Thing = Readonly<{ what: string; places: ReadonlyMap<string, Row> }>;

const NOWHERE: Row = { willBe: "nothing", was: "nothing" };

/** Everything that a page's change is about, by name, in its order. */
function thingsOf({ change: { resources, outputs } }: PlanPage): Map<string, Thing> {
  const all = resources.map((resource): [string, Thing] => {
    const { address, deposed, action, reason, movedFrom, importedId, createsFirst, attributes, gone = [] } = resource;
    const what = [action, reason, movedFrom, importedId, createsFirst && "makes the new one first"].filter(Boolean);
    const places = [
      ...placesOf(attributes),
      ...placesOf(gone).map(([path, row]) => [`what goes, ${path}`, row] as const),
    ];
    return [
      nameText({ resource: address, ...(deposed && { deposed }) }),
      { what: what.join(", "), places: new Map(places) },
    ];
  });
  const put = outputs.map(({ name, action, attributes }): [string, Thing] => [
    nameText({ output: name }),
    { what: action, places: new Map(placesOf(attributes)) },
  ]);
  return new Map([...all, ...put]);
}

function placesOf(attributes: readonly ShownAttribute[]): [string, Row][] {
  return attributes.map(({ path, before, after, forcesReplacement }) => [
    path || "value",
    { willBe: `${valueText(after)}${forcesReplacement ? " (forces replacement)" : ""}`, was: valueText(before) },
  ]);
}

const RESERVED = ["true", "false", "null", "nothing", "sensitive", "known after apply"];
const hiddenWords = { marked: "sensitive", equal: "holds something sensitive", unknown: "known after apply" } as const;

function valueText(shown: ShownValue | undefined): string {
  if (!shown) return "nothing";
  if ("hidden" in shown) return hiddenWords[shown.hidden];
  if ("number" in shown) return shown.number;
  // A text that could be taken for something else, or whose ends cannot be seen, stands in quotation marks.
  return typeof shown.value === "string" && /^[^\s"\d-](.*\S)?$/.test(shown.value) && !RESERVED.includes(shown.value)
    ? shown.value
    : JSON.stringify(shown.value);
}

function namesThatDiffer(approved: EntryDigests, own: EntryDigests): string[] {
  const of = (entries: EntryDigests) => new Map(entries.map(({ name, hmac }) => [nameText(name), hmac]));
  const [was, is] = [of(approved), of(own)];
  return [...new Set([...was.keys(), ...is.keys()])].filter((name) => was.get(name) !== is.get(name));
}

function nameText(name: EntryName): string {
  if ("output" in name) return `output ${name.output}`;
  return name.deposed ? `${name.resource} (${name.deposed})` : name.resource;
}

import type { PlanSummary } from "@sluice/events";
import { sha256Of } from "@sluice/steps";
import { type PlanPage, riskCodes, type ShownResource } from "./page.ts";

/**
 * What a page comes to: the part that goes into the event, by which rules judge and which the grant signs by its digest. It follows from the page alone, so
 * that an apply makes it again. Lists are cut to what `PlanSummary` promises; the page has all.
 */
export function summaryOf({ change: { resources, outputs }, seen: { orphans } }: PlanPage): PlanSummary {
  const addressesOf = (...actions: readonly ShownResource["action"][]) =>
    listed(
      resources.filter(({ action }) => actions.includes(action)).map(({ address }) => address),
      LISTED,
    );
  return {
    empty: resources.length + outputs.length === 0,
    counts: countsOf(resources, outputs.length),
    destroys: addressesOf("destroy", "forget"),
    replaces: addressesOf("replace"),
    orphans: listed(orphans, LISTED),
    risks: riskCodes.flatMap((code) => {
      const addresses = resources.filter(({ risks = [] }) => risks.some((risk) => risk.code === code));
      const { count, first } = listed(
        addresses.map(({ address }) => address),
        LISTED_OF_A_RISK,
      );
      return count > 0 ? [{ code, count, first }] : [];
    }),
  };
}

/** As Terraform counts: a replacement is one to add and one to destroy. What is forgotten is in none of its counts. */
function countsOf(resources: readonly ShownResource[], output: number): PlanSummary["counts"] {
  const count = (...actions: readonly ShownResource["action"][]) =>
    resources.filter(({ action }) => actions.includes(action)).length;
  return {
    add: count("create", "replace"),
    change: count("update"),
    destroy: count("destroy", "replace"),
    replace: count("replace"),
    forget: count("forget"),
    import: resources.filter(({ importedId }) => importedId !== undefined).length,
    move: resources.filter(({ movedFrom }) => movedFrom !== undefined).length,
    read: count("read"),
    output,
  };
}

const LISTED = 5;
const LISTED_OF_A_RISK = 1;
const ADDRESS_BYTES = 120;
const HASH_DIGITS = 8;

function listed(all: readonly string[], most: number): PlanSummary["destroys"] {
  return { count: all.length, first: all.slice(0, most).map(cutAddress) };
}

/**
 * Both ends of an address tell more than its middle, and an address counts in bytes: the event's size is a promise. Two that differ never look the same: what is cut
 * out leaves the first digits of the whole address's hash.
 */
function cutAddress(address: string): string {
  if (Buffer.byteLength(address) <= ADDRESS_BYTES) return address;
  const characters = [...address];
  const gap = `…${sha256Of(address).slice(0, HASH_DIGITS)}…`;
  for (let kept = ADDRESS_BYTES; ; kept -= 1) {
    const [head, tail] = [Math.floor(kept / 3), Math.ceil((kept * 2) / 3)];
    const cut = `${characters.slice(0, head).join("")}${gap}${characters.slice(-tail).join("")}`;
    if (Buffer.byteLength(cut) <= ADDRESS_BYTES) return cut;
  }
}

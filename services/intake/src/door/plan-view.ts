import type { ModalView } from "@slack/types";
import type { StepRef } from "@sluice/events";
import { PlanPage, type ShownOutput, summaryOf } from "@sluice/runner";
import { context, plain } from "@sluice/slack";
import { awayInWords, restInWords } from "@sluice/words";
import { buttonValue } from "./button-values.ts";
import { type Entry, type Page, pageAt, pageBlocks, pagesOf } from "./pages.ts";
import { attributeLines } from "./plan-attributes.ts";
import { resourceEntry } from "./plan-resource.ts";
import { orphansEntry, seenEntries } from "./plan-seen.ts";
import { type WholeTexts, wholeTexts } from "./whole-texts.ts";

/** @throws ZodError when it is no plan page; its hash was checked before, so that a runner made it wrong. */
export function readPlanPage(text: string): PlanPage {
  return PlanPage.parse(JSON.parse(text));
}

/**
 * The window of *See plan*: all that an apply would do, what takes away first, each value whole; what is hidden says why. Then, on pages of its own, what was
 * seen beside it. Two pages that differ in what is shown never look the same.
 * Headed by the first eight characters of the digest that the approval message names.
 */
export function planView(plan: PlanPage, shown: Readonly<{ ref: StepRef; digest: string; page: number }>): ModalView {
  const digest = shown.digest.slice(0, 8);
  const { pages, terraform } = planPages(plan);
  const page = pageAt(pages, shown.page);
  return {
    type: "modal",
    callback_id: "plan",
    title: plain(`Plan ${digest}`),
    close: plain("Close"),
    blocks: [
      context(`${countsInWords(plan)}${pages.length > 1 ? ` · page ${page} of ${pages.length}` : ""}`),
      ...pageBlocks(pages, page, buttonValue(shown.ref), titles),
      context(`Exactly this change, ${digest}, is what an approval is for. Made by Terraform ${terraform}.`),
    ],
  };
}

/** All that the window shows, whatever page of it is open. */
export function planPages(plan: PlanPage): Readonly<{ pages: readonly Page[]; terraform: string }> {
  const beside = wholeTexts("S");
  const terraform = beside.shown(plan.seen.terraform, 60, "Terraform's version");
  return { pages: pagesOf(entriesOf(plan, beside)), terraform };
}

/** What can be gone to, in the order of the pages. */
const titles = {
  destroy: "Destroys",
  forget: "Forgets",
  replace: "Replaces",
  update: "Changes",
  create: "Adds",
  import: "Imports",
  move: "Moves",
  read: "Reads",
  output: "Outputs",
  whole: "Whole texts",
  seen: "Seen beside the change",
} as const;

function entriesOf({ change: { resources, outputs }, seen }: PlanPage, beside: WholeTexts): Entry[] {
  const changed = wholeTexts("");
  const isEmpty = resources.length + outputs.length === 0;
  return [
    ...orphansEntry(seen, beside),
    ...(isEmpty ? [{ head: "No changes to infrastructure.", lines: [] }] : []),
    ...resources.map((resource) => resourceEntry(resource, changed)),
    ...outputs.map((output) => outputEntry(output, changed)),
    ...changed.entries(),
    ...seenEntries(seen, beside),
    ...beside.entries(),
  ];
}

const outputVerbs = { create: "+ adds", update: "~ changes", destroy: "− removes" } as const;

function outputEntry({ name, action, attributes }: ShownOutput, texts: WholeTexts): Entry {
  const of = `output ${texts.shown(name, 200, "an output's name")}`;
  const reading = action === "destroy" ? "goes" : action === "create" ? "written" : "changed";
  return {
    head: `*${outputVerbs[action]}* ${of}`,
    lines: attributeLines(attributes, { reading, of, texts }),
    kinds: ["output"],
  };
}

function countsInWords(plan: PlanPage): string {
  const { counts, orphans } = summaryOf(plan);
  const { warnings, checks, drift } = plan.seen;
  return [
    ...awayInWords(counts),
    ...(orphans.count ? [`*! ${orphans.count} in no state*`] : []),
    ...restInWords(counts),
    ...(checks.length ? ["checks that fail"] : []),
    ...(warnings.length ? ["warnings"] : []),
    ...(drift.length ? ["changes outside of Terraform"] : []),
  ].join("   ");
}

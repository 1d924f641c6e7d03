import type { ModalView } from "@slack/types";
import type { StepRef } from "@sluice/events";
import { PlanPage, type ShownAttribute, type ShownResource, type ShownValue } from "@sluice/runner";
import { code, context, plain } from "@sluice/slack";
import { buttonValue } from "./button-values.ts";
import { type Entry, pageBlocks, pagesOf } from "./pages.ts";

/** The longest value that is shown whole; a longer one ends in "…". */
const MAX_VALUE = 600;
const MAX_ADDRESS = 300;

/** @throws ZodError when it is no plan page; its hash was checked before, so that a runner made it wrong. */
export function readPlanPage(text: string): PlanPage {
  return PlanPage.parse(JSON.parse(text));
}

/**
 * The window of *See plan*: every changed resource, what takes away first, each attribute before and after; what is sensitive is masked, what is not known says so.
 * Headed by the first eight characters of the digest that the approval message names.
 */
export function planView(plan: PlanPage, shown: Readonly<{ ref: StepRef; digest: string; page: number }>): ModalView {
  const digest = shown.digest.slice(0, 8);
  const pages = pagesOf(entriesOf(plan));
  const page = Math.min(Math.max(1, shown.page), pages.length);
  return {
    type: "modal",
    callback_id: "plan",
    title: plain(`Plan ${digest}`),
    close: plain("Close"),
    blocks: [
      context(`${countsInWords(plan)}${pages.length > 1 ? ` · page ${page} of ${pages.length}` : ""}`),
      ...pageBlocks(pages[page - 1] ?? [], buttonValue(shown.ref), page, pages.length),
      context(`Exactly this plan, ${digest}, is what an approval is for. Made by Terraform ${plan.terraform}.`),
    ],
  };
}

const verbs: Readonly<Record<ShownResource["action"], string>> = {
  destroy: "− destroys",
  forget: "− forgets",
  replace: "± replaces",
  update: "~ changes",
  create: "+ adds",
  import: "imports",
  move: "moves",
  read: "reads",
};

function entriesOf({ orphans, resources, outputs, drift, empty }: PlanPage): Entry[] {
  const nothing = empty && orphans.length === 0 ? [{ head: "No changes to infrastructure.", lines: [] }] : [];
  const left = {
    head: "*! In the account, but in no state.* A killed apply left them; delete them by hand and plan again.",
    lines: orphans.map((arn) => code(arn, MAX_ADDRESS)),
  };
  return [
    ...(orphans.length > 0 ? [left] : []),
    ...nothing,
    ...resources.map(resourceEntry),
    ...outputs.map(({ name, attributes }) => ({
      head: `*Output* ${code(name, 100)}`,
      lines: attributes.map(attributeLine),
    })),
    ...drift.map(({ address, action, attributes }) => ({
      head: `*Changed outside of Terraform:* ${code(address, MAX_ADDRESS)}${action === "destroy" ? " was destroyed" : ""}`,
      lines: attributes.map(attributeLine),
    })),
  ];
}

function resourceEntry(resource: ShownResource): Entry {
  const { address, action, reason, movedFrom, importedId, deposed, createsFirst, attributes, unknown } = resource;
  const notes = [
    ...(reason ? [code(reason, 300)] : []),
    ...(movedFrom ? [`moved from ${code(movedFrom, MAX_ADDRESS)}`] : []),
    ...(importedId ? [`imports ${code(importedId, 200)}`] : []),
    ...(deposed ? [`an object left behind by an earlier replacement (${code(deposed, 40)})`] : []),
    ...(createsFirst ? ["the new one is made before the old one is destroyed"] : []),
  ];
  return {
    head: `*${verbs[action]}* ${code(address, MAX_ADDRESS)}`,
    lines: [
      ...notes,
      ...attributes.map(attributeLine),
      ...(unknown > 0 ? [`and ${unknown === 1 ? "1 attribute" : `${unknown} attributes`} known after apply`] : []),
    ],
  };
}

function attributeLine({ path, before, after, forcesReplacement }: ShownAttribute): string {
  const name = path ? `${code(path, 200)}: ` : "";
  const change =
    before && after
      ? `${shownValue(before)} → ${shownValue(after)}`
      : before
        ? `${shownValue(before)} → _removed_`
        : after
          ? shownValue(after)
          : "_no value_";
  return `• ${name}${change}${forcesReplacement ? " *(forces replacement)*" : ""}`;
}

function shownValue(shown: ShownValue): string {
  if ("hidden" in shown) return shown.hidden === "sensitive" ? "_sensitive_" : "_known after apply_";
  return code(typeof shown.value === "string" ? shown.value : JSON.stringify(shown.value), MAX_VALUE);
}

function countsInWords({ counts, orphans }: PlanPage): string {
  const { destroy, replace, forget, add, change } = counts;
  return [
    ...(destroy ? [`*− ${destroy} to destroy*`] : []),
    ...(replace ? [`*± ${replace} to replace*`] : []),
    ...(forget ? [`*− ${forget} to forget*`] : []),
    ...(orphans.length ? [`*! ${orphans.length} in no state*`] : []),
    `+ ${add} to add`,
    `~ ${change} to change`,
    ...(counts.import ? [`${counts.import} to import`] : []),
    ...(destroy ? [] : ["− 0 to destroy"]),
  ].join("   ");
}

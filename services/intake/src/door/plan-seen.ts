import type { PlanPage } from "@sluice/runner";
import type { Entry } from "./pages.ts";
import { attributeLines } from "./plan-attributes.ts";
import type { WholeTexts } from "./whole-texts.ts";

type Seen = PlanPage["seen"];

const NAME_UNITS = 300;
/** A whole sentence of a provider, as far as the page keeps it. */
const WORDS_UNITS = 1_300;

const BESIDE = "_seen when the plan was made, not part of what is approved_";

/** What a killed apply left in the account: before everything else, since no plan will ever name it. */
export function orphansEntry({ orphans }: Seen, texts: WholeTexts): Entry[] {
  return inGroup(
    "! In the account, but in no state",
    orphans.length > 0
      ? [
          "A killed apply left them; delete them by hand and plan again.",
          ...orphans.map((arn) => `• ${texts.shown(arn, NAME_UNITS, "an ARN")}`),
        ]
      : [],
    [],
  );
}

/** What was true when the plan was made: it tells why, and nobody approves it. On pages of its own. */
export function seenEntries({ checks, warnings, drift, before }: Seen, texts: WholeTexts): Entry[] {
  const bullets = (words: readonly string[], of: string) =>
    words.map((each) => `• ${texts.shown(each, WORDS_UNITS, of)}`);
  const entries = [
    ...inGroup("Checks that fail", bullets(checks, "a check")),
    ...inGroup("Warnings", bullets(warnings, "a warning")),
    ...drift.map((each) => driftEntry(each, texts)),
    ...inGroup(
      "What is there now, where only the apply will know what comes",
      before.map((each) => beforeLine(each, texts)),
    ),
  ];
  return entries.map((entry, index) => (index === 0 ? { ...entry, startsPage: true } : entry));
}

function inGroup(title: string, lines: readonly string[], kinds = ["seen"]): Entry[] {
  return lines.length > 0 ? [{ head: `*${title}* · ${BESIDE}`, lines, kinds }] : [];
}

function driftEntry({ address, action, attributes }: Seen["drift"][number], texts: WholeTexts): Entry {
  const of = texts.shown(address, NAME_UNITS, "an address");
  return {
    head: `*Changed outside of Terraform:* ${of}${action === "destroy" ? " was destroyed" : ""} · ${BESIDE}`,
    lines: attributeLines(attributes, { reading: "changed", of, texts }),
    kinds: ["seen"],
  };
}

function beforeLine({ address, path, before }: Seen["before"][number], texts: WholeTexts): string {
  const of = texts.shown(address, NAME_UNITS, "an address");
  const was = before === "sensitive" ? "_sensitive_" : texts.shown(before, WORDS_UNITS, "what is there now");
  return `• ${of} ${texts.shown(path, NAME_UNITS, "a path")}: ${was} → _known after apply_`;
}

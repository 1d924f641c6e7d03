import type { ModalView } from "@slack/types";
import type { StepRef } from "@sluice/events";
import { type Exact, exactText, parseExact } from "@sluice/runner";
import { code, context, plain } from "@sluice/slack";
import * as z from "zod";
import { buttonValue } from "./button-values.ts";
import { type Entry, pageAt, pageBlocks, pagesOf } from "./pages.ts";

/** What a scan leaves (packages/runner, `scan`): each control, what was asked, what came back. What it may add later is left out. */
const Evidence = z.object({
  profile: z.string(),
  controls: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      verdict: z.enum(["passed", "failed", "skipped", "could_not_ask"]),
      asked: z.string().optional(),
      answered: z.custom<Exact>(() => true).optional(),
      because: z.string().optional(),
    }),
  ),
});
export type Evidence = z.infer<typeof Evidence>;

/** Numbers as the runner wrote them, every digit. @throws ZodError when it is no evidence; its hash was checked before. */
export function readEvidence(text: string): Evidence {
  return Evidence.parse(parseExact(text));
}

/** The window of *See evidence*: every control in the order in which it was asked. */
export function evidenceView(
  { profile, controls }: Evidence,
  shown: Readonly<{ ref: StepRef; page: number }>,
): ModalView {
  const pages = pagesOf(controls.map(controlEntry));
  const page = pageAt(pages, shown.page);
  const of = pages.length > 1 ? ` · page ${page} of ${pages.length}` : "";
  return {
    type: "modal",
    callback_id: "evidence",
    title: plain("Evidence"),
    close: plain("Close"),
    blocks: [
      context(`Profile ${code(profile, 60)}, ${controls.length} controls${of}`),
      ...pageBlocks(pages, page, buttonValue(shown.ref)),
    ],
  };
}

const glyphs = { passed: "✓ passed", failed: "✗ failed", skipped: "– skipped", could_not_ask: "✗ could not be asked" };

function controlEntry({ title, verdict, asked, answered, because }: Evidence["controls"][number]): Entry {
  return {
    head: `*${glyphs[verdict]}*  ${code(title, 200)}`,
    lines: [
      ...(because ? [`because ${code(because, 500)}`] : []),
      ...(asked ? [`asked: ${code(asked, 400)}`] : []),
      ...(answered === undefined ? [] : [`answered: ${code(exactText(answered), 600)}`]),
    ],
  };
}

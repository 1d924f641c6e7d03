import * as z from "zod";
import { Decimal, type Exact, NotExact, parseExact } from "../json/exact-json.ts";
import type { Secrets } from "../masking/secrets.ts";
import { cutTo, inOneLine, toolWords, type Words, words } from "../masking/words.ts";

/** A count, a line or a time: what no program needs every digit of. */
const Count = z
  .instanceof(Decimal)
  .transform(({ text }) => Number(text))
  .pipe(z.int());

const Diagnostic = z.looseObject({
  severity: z.string(),
  summary: z.string(),
  detail: z.string().optional(),
  address: z.string().optional(),
  range: z.looseObject({ filename: z.string(), start: z.looseObject({ line: Count }) }).optional(),
});
export type Diagnostic = z.infer<typeof Diagnostic>;

const Hook = z.looseObject({
  resource: z.looseObject({ addr: z.string() }),
  action: z.string().optional(),
  elapsed_seconds: z
    .instanceof(Decimal)
    .transform(({ text }) => Number(text))
    .optional(),
});
const Changes = z.looseObject({ add: Count, change: Count, remove: Count, operation: z.string() });

/** One line of Terraform's `-json` output (https://developer.hashicorp.com/terraform/internals/machine-readable-ui), as far as we read it. */
const UiMessage = z.looseObject({
  type: z.string(),
  hook: z.unknown().optional(),
  diagnostic: Diagnostic.optional(),
  changes: z.unknown().optional(),
  outputs: z
    .record(
      z.string(),
      z.looseObject({ sensitive: z.boolean().optional(), value: z.custom<Exact>(() => true).optional() }),
    )
    .optional(),
});
export type UiMessage = z.infer<typeof UiMessage>;

/** Nothing for a line that is not one of Terraform's messages: it prints some lines as plain text even with `-json`. */
export function uiMessage(line: string): UiMessage | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return UiMessage.safeParse(parseExact(line)).data;
  } catch (cause) {
    if (cause instanceof NotExact) return undefined;
    throw cause;
  }
}

/** What Terraform is doing now, or nothing when the message does not say. */
export type Doing = Readonly<{ doing: Words; seconds?: number }>;

const verbs: Readonly<Record<string, Words>> = {
  create: words`Creating`,
  update: words`Changing`,
  delete: words`Destroying`,
  replace: words`Replacing`,
  read: words`Reading`,
};
const DOING_CHARACTERS = 160;

/** `Creating aws_instance.host`, and for how many seconds already. */
export function doingOf({ type, hook }: UiMessage, secrets: Secrets): Doing | undefined {
  const parsed = Hook.safeParse(hook);
  if (!parsed.success) return undefined;
  const { resource, action, elapsed_seconds } = parsed.data;
  // An address has keys in it, which a root may have made of anything.
  const address = toolWords(resource.addr, secrets);
  if (type === "refresh_start") return { doing: cutTo(words`Reading ${address}`, DOING_CHARACTERS) };
  if (type !== "apply_start" && type !== "apply_progress") return undefined;
  const doing = cutTo(words`${verbs[action ?? ""] ?? words`Working on`} ${address}`, DOING_CHARACTERS);
  return elapsed_seconds === undefined ? { doing } : { doing, seconds: elapsed_seconds };
}

/** The address of a resource that one operation was completed on; a replacement is two. */
export function completedAddress({ type, hook }: UiMessage): string | undefined {
  return type === "apply_complete" ? Hook.safeParse(hook).data?.resource.addr : undefined;
}

/** Terraform's own count at the end of an apply. */
export function appliedCounts({
  type,
  changes,
}: UiMessage): { added: number; changed: number; destroyed: number } | undefined {
  const parsed = type === "change_summary" ? Changes.safeParse(changes).data : undefined;
  if (parsed?.operation !== "apply") return undefined;
  return { added: parsed.add, changed: parsed.change, destroyed: parsed.remove };
}

/** A diagnostic in one line: `main.tf line 12: Invalid index. The given key …` A file that the runner wrote itself says nothing to people; the detail then names the rule. */
export function diagnosticText(diagnostic: Diagnostic, secrets: Secrets): Words {
  return inOneLine(toolWords(wholeText(diagnostic), secrets));
}

function wholeText({ summary, detail, range, address }: Diagnostic): string {
  const where = range && !range.filename.startsWith("sluice") ? `${range.filename} line ${range.start.line}` : address;
  const said = detail ? `${summary.replace(/[.:]$/, "")}. ${detail}` : summary;
  return where ? `${where}: ${said}` : said;
}

import * as z from "zod";

const Diagnostic = z.looseObject({
  severity: z.string(),
  summary: z.string(),
  detail: z.string().optional(),
  address: z.string().optional(),
  range: z.looseObject({ filename: z.string(), start: z.looseObject({ line: z.int() }) }).optional(),
});
export type Diagnostic = z.infer<typeof Diagnostic>;

const Hook = z.looseObject({
  resource: z.looseObject({ addr: z.string() }),
  action: z.string().optional(),
  elapsed_seconds: z.number().optional(),
});
const Changes = z.looseObject({ add: z.int(), change: z.int(), remove: z.int(), operation: z.string() });

/** One line of Terraform's `-json` output (https://developer.hashicorp.com/terraform/internals/machine-readable-ui), as far as we read it. */
const UiMessage = z.looseObject({
  type: z.string(),
  hook: z.unknown().optional(),
  diagnostic: Diagnostic.optional(),
  changes: z.unknown().optional(),
  outputs: z
    .record(z.string(), z.looseObject({ sensitive: z.boolean().optional(), value: z.json().optional() }))
    .optional(),
});
export type UiMessage = z.infer<typeof UiMessage>;

/** Nothing for a line that is not one of Terraform's messages: it prints some lines as plain text even with `-json`. */
export function uiMessage(line: string): UiMessage | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return UiMessage.safeParse(JSON.parse(line)).data;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** What Terraform is doing now, or nothing when the message does not say. */
export type Doing = Readonly<{ doing: string; seconds?: number }>;

const verbs: Readonly<Record<string, string>> = {
  create: "Creating",
  update: "Changing",
  delete: "Destroying",
  replace: "Replacing",
  read: "Reading",
};
const DOING_CHARACTERS = 160;

/** `Creating aws_instance.host`, and for how many seconds already. */
export function doingOf({ type, hook }: UiMessage): Doing | undefined {
  const parsed = Hook.safeParse(hook);
  if (!parsed.success) return undefined;
  const { resource, action, elapsed_seconds } = parsed.data;
  if (type === "refresh_start") return { doing: cut(`Reading ${resource.addr}`) };
  if (type !== "apply_start" && type !== "apply_progress") return undefined;
  const doing = cut(`${verbs[action ?? ""] ?? "Working on"} ${resource.addr}`);
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
export function diagnosticText({ summary, detail, range, address }: Diagnostic): string {
  const where = range && !range.filename.startsWith("sluice") ? `${range.filename} line ${range.start.line}` : address;
  const said = detail ? `${summary.replace(/[.:]$/, "")}. ${detail}` : summary;
  return (where ? `${where}: ${said}` : said).replace(/\s+/g, " ").trim();
}

function cut(text: string): string {
  return text.length <= DOING_CHARACTERS ? text : `${text.slice(0, DOING_CHARACTERS - 1).toWellFormed()}…`;
}

/** People's names by their Slack ids. */
export type Names = ReadonlyMap<string, string>;

/** What a person reads of a message or a view: the text of its blocks, without Slack's marks, mentions by name. */
export function linesOf(blocks: readonly unknown[], names: Names = new Map()): string[] {
  return blocks.flatMap((block) => textsOf(block)).flatMap((text) => readable(text, names).split("\n"));
}

/** Buttons that a message shows, by their action ids. */
export function buttonsOf(blocks: readonly unknown[]): string[] {
  return blocks.flatMap((block) =>
    isRecord(block) && block.type === "actions" && Array.isArray(block.elements)
      ? block.elements.flatMap((element) =>
          isRecord(element) && typeof element.action_id === "string" ? [element.action_id] : [],
        )
      : [],
  );
}

/** All text of a message in one piece, for looking something up in it. */
export const wholeText = (blocks: readonly unknown[]) => linesOf(blocks).join("\n");

function textsOf(block: unknown): string[] {
  if (!isRecord(block)) return [];
  if (block.type === "actions" && Array.isArray(block.elements))
    return [
      block.elements
        .map((element) => `[${isRecord(element) && isRecord(element.text) ? element.text.text : "…"}]`)
        .join(" "),
    ];
  if (block.type === "input") {
    const label = isRecord(block.label) ? String(block.label.text) : "";
    return [label];
  }
  const own = isRecord(block.text) ? [String(block.text.text)] : [];
  const fields = Array.isArray(block.fields)
    ? block.fields.flatMap((field) => (isRecord(field) ? [String(field.text)] : []))
    : [];
  const elements = Array.isArray(block.elements)
    ? block.elements.flatMap((element) => (isRecord(element) && typeof element.text === "string" ? [element.text] : []))
    : [];
  return [...own, ...fields, ...elements];
}

/** Text without Slack's marks. What stands in code has none: Slack shows an address there as it is. */
export function readable(mrkdwn: string, names: Names = new Map()): string {
  const codes: string[] = [];
  return mrkdwn
    .replace(/`([^`\n]*)`/g, (_, code: string) => `\ue000${codes.push(code) - 1}\ue001`)
    .replace(/<!date\^\d+\^[^|>]*\|([^>]*)>/g, "$1")
    .replace(/<https?:[^|>]*\|([^>]*)>/g, "$1")
    .replace(/<@(\w+)>/g, (_, id: string) => `@${names.get(id) ?? id}`)
    .replace(/\*([^*\n]+)\*/g, "$1")
    .replace(/(?<!\w)_([^_\n]+)_(?!\w)/g, "$1")
    .replace(/\ue000(\d+)\ue001/g, (_, place: string) => codes[Number(place)] ?? "")
    .replaceAll("`", "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

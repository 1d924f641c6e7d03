/** Markup that is safe to send. Only `html` makes it, so text can only get in escaped. */
export class Html {
  readonly text: string;
  constructor(parts: readonly string[]) {
    this.text = parts.join("");
  }
}

export type HtmlValue = Html | string | number | undefined | null | false | readonly HtmlValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes for element content and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** A template whose values are escaped unless they are `Html` themselves; lists are joined, nothing is left out of `undefined`. */
export function html(template: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(
    template.flatMap((part, index) => (index < values.length ? [part, rendered(values[index])] : [part])),
  );
}

/** Text as HTML. */
export function text(value: string): Html {
  return new Html([escapeHtml(value)]);
}

function rendered(value: HtmlValue): string {
  if (value === undefined || value === null || value === false) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "string" || typeof value === "number") return escapeHtml(String(value));
  return value.map(rendered).join("");
}

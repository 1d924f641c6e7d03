import type { InputBlock, InputBlockElement, PlainTextOption } from "@slack/types";
import { cut } from "@sluice/text";
import type * as z from "zod";
import { plain } from "./blocks.ts";
import { errorSentence } from "./form-errors.ts";
import { asTyped, type FormField, formFields } from "./form-fields.ts";
import type { StateValues } from "./payloads.ts";

/** Every field has one element, and this is its action id. The block id is the field's name (with the form's prefix). */
export const FIELD_ACTION = "value";

/** Slack's longest text input. */
const LONGEST_TEXT = 3_000;

/** What `readForm` found: the parsed values, or one sentence per wrong field, by block id, for `response_action: "errors"`. */
export type FormResult<T> =
  | Readonly<{ ok: true; values: T }>
  | Readonly<{ ok: false; errors: Readonly<Record<string, string>> }>;

/**
 * The input blocks of a form that asks for what the schema wants. `initial` prefills by field name, also with values that the
 * schema would refuse (a person corrects them there); what does not fit its input at all is left out. `prefix` keeps the block
 * ids of two forms in one view apart.
 */
export function formBlocks(
  schema: z.ZodObject,
  given: { initial?: Readonly<Record<string, unknown>>; prefix?: string } = {},
): InputBlock[] {
  return formFields(schema).map((field) => {
    const initial = field.typed ? undefined : (given.initial?.[field.name] ?? field.initial);
    return {
      type: "input",
      block_id: `${given.prefix ?? ""}${field.name}`,
      label: plain(field.title),
      // A checkbox that must be ticked cannot say "no", so Slack must not require it.
      optional: field.optional || field.kind === "yes-no",
      ...(field.help && { hint: plain(field.help) }),
      element: elementOf(field, initial),
    };
  });
}

/** Reads `view.state.values` by the schema. A field that is absent or empty is left to the schema's defaults and options. */
export function readForm<S extends z.ZodObject>(
  schema: S,
  state: StateValues,
  given: { prefix?: string } = {},
): FormResult<z.output<S>> {
  const prefix = given.prefix ?? "";
  const fields = formFields(schema);
  const values: Record<string, unknown> = {};
  for (const field of fields) {
    const value = givenIn(field, state[`${prefix}${field.name}`]?.[FIELD_ACTION]);
    if (value !== undefined) values[field.name] = value;
  }
  return judged(schema, fields, values, prefix);
}

/** As `readForm`, for values that were typed as `name=value` (see `parseArguments`). Unknown names are the caller's to refuse. */
export function readTyped<S extends z.ZodObject>(
  schema: S,
  typed: Readonly<Record<string, string>>,
): FormResult<z.output<S>> {
  const fields = formFields(schema);
  return judged(schema, fields, typedValues(fields, typed), "");
}

function judged<S extends z.ZodObject>(
  schema: S,
  fields: readonly FormField[],
  values: Readonly<Record<string, unknown>>,
  prefix: string,
): FormResult<z.output<S>> {
  const result = schema.safeParse(values);
  if (result.success) return { ok: true, values: result.data };

  const errors: Record<string, string> = {};
  for (const issue of result.error.issues) {
    const field = fields.find(({ name }) => name === issue.path[0]) ?? fields[0];
    if (!field) throw new Error("A schema without fields refused a form", { cause: result.error });
    errors[`${prefix}${field.name}`] ??= errorSentence(field, values[field.name], issue);
  }
  return { ok: false, errors };
}

function elementOf(field: FormField, initial: unknown): InputBlockElement {
  if (field.kind === "choice") return selectOf(field, initial);
  if (field.kind === "yes-no") return checkboxOf(initial);
  if (field.kind === "number") return numberOf(field, initial);
  const typed = initial === undefined ? "" : asTyped(initial).slice(0, LONGEST_TEXT);
  return {
    type: "plain_text_input",
    action_id: FIELD_ACTION,
    ...placeholder(field),
    ...(field.multiline && { multiline: true }),
    ...(typed !== "" && { initial_value: typed }),
  };
}

function numberOf(field: FormField, initial: unknown): InputBlockElement {
  const isNumber = initial !== undefined && initial !== "" && Number.isFinite(Number(initial));
  return {
    type: "number_input",
    action_id: FIELD_ACTION,
    is_decimal_allowed: !field.whole,
    ...placeholder(field),
    ...(isNumber && { initial_value: String(Number(initial)) }),
  };
}

function selectOf(field: FormField, initial: unknown): InputBlockElement {
  const options = field.options.map(({ value, label }) => option(value, label));
  const chosen = options.find(({ value }) => value === initial);
  return {
    type: "static_select",
    action_id: FIELD_ACTION,
    options,
    ...placeholder(field),
    ...(chosen && { initial_option: chosen }),
  };
}

function checkboxOf(initial: unknown): InputBlockElement {
  const yes = option("yes", "Yes");
  const isTicked = initial === true || initial === "yes" || initial === "true";
  return { type: "checkboxes", action_id: FIELD_ACTION, options: [yes], ...(isTicked && { initial_options: [yes] }) };
}

function option(value: string, label: string): PlainTextOption {
  return { text: plain(cut(label, 75)), value };
}

function placeholder(field: FormField) {
  return field.placeholder ? { placeholder: plain(cut(field.placeholder, 150)) } : {};
}

function givenIn(field: FormField, state: StateValues[string][string] | undefined): unknown {
  if (field.kind === "yes-no") return (state?.selected_options ?? []).length > 0;
  if (field.kind === "choice") return state?.selected_option?.value;
  return fromText(field, state?.value ?? "");
}

function typedValues(fields: readonly FormField[], typed: Readonly<Record<string, string>>): Record<string, unknown> {
  const values: Record<string, unknown> = { ...typed };
  for (const field of fields) {
    const text = typed[field.name];
    if (text === undefined) continue;
    values[field.name] = field.kind === "yes-no" ? (YES_NO[text.toLowerCase()] ?? text) : fromText(field, text);
  }
  return values;
}

const YES_NO: Readonly<Record<string, boolean>> = { yes: true, true: true, no: false, false: false };

/** Text as the schema's type, or as it is when it is none: then the schema refuses it and the error shows what was typed. */
function fromText(field: FormField, text: string): unknown {
  if (text.trim() === "") return field.kind === "list" && !field.optional ? [] : undefined;
  if (field.kind === "number") return asNumber(text);
  if (field.kind !== "list") return text;
  const items = text.split(",").map((item) => item.trim());
  return field.items === "number" ? items.map(asNumber) : items;
}

function asNumber(text: string): number | string {
  return /^[+-]?\d{1,15}(\.\d{1,15})?$/.test(text.trim()) ? Number(text) : text;
}

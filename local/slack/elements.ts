import { isJson, type Json, objectsIn, textIn } from "./json.ts";

/** What a test or the desk puts into an input. */
export type PlainValue = string | number | boolean | readonly string[] | null;

/** An element that a person can act on, and the block that it is in. */
export type Placed = Readonly<{ block: Json; element: Json }>;

/** Gives every block and every element the id that Slack would give it, so that a click can name them. */
export function withIds(blocks: readonly Json[]): Json[] {
  return blocks.map((block, index) => ({
    ...block,
    block_id: block.block_id ?? `b${index}`,
    ...(Array.isArray(block.elements) && { elements: objectsIn(block.elements).map(identified) }),
    ...(isJson(block.element) && { element: identified(block.element, 0) }),
    ...(isJson(block.accessory) && { accessory: identified(block.accessory, 0) }),
  }));
}

function identified(element: Json, index: number): Json {
  const acts = !["image", "mrkdwn", "plain_text"].includes(String(element.type));
  return acts && element.action_id === undefined ? { ...element, action_id: `e${index}` } : element;
}

/** Every element that acts, in the order of the page. */
export function elementsIn(blocks: readonly Json[]): Placed[] {
  return blocks.flatMap((block) => {
    const inBlock =
      block.type === "actions" ? objectsIn(block.elements) : [block.accessory, block.element].filter(isJson);
    return inBlock.filter((element) => element.action_id !== undefined).map((element) => ({ block, element }));
  });
}

/** `state.values` as a view has them when it opens; what was typed before stays where block and action are the same. */
export function stateOf(
  blocks: readonly Json[],
  before: Readonly<Record<string, Readonly<Record<string, Json>>>> = {},
): Record<string, Record<string, Json>> {
  const state: Record<string, Record<string, Json>> = {};
  for (const { block, element } of elementsIn(blocks)) {
    const initial = initialState(element);
    if (!initial) continue;
    const [blockId, actionId] = [String(block.block_id), String(element.action_id)];
    const kept = before[blockId]?.[actionId];
    state[blockId] = { ...state[blockId], [actionId]: kept && kept.type === element.type ? kept : initial };
  }
  return state;
}

function initialState(element: Json): Json | undefined {
  const type = String(element.type);
  if (isTextInput(type)) return { type, value: element.initial_value ?? null };
  if (type === "static_select" || type === "radio_buttons")
    return { type, selected_option: element.initial_option ?? null };
  if (type === "checkboxes" || type === "multi_static_select")
    return { type, selected_options: element.initial_options ?? [] };
  if (type === "datepicker") return { type, selected_date: element.initial_date ?? null };
  if (type === "timepicker") return { type, selected_time: element.initial_time ?? null };
  return undefined;
}

/** One input's state after a person put this value in. @throws when a person could not have: no such option. */
export function stateFor(element: Json, value: PlainValue): Json {
  const type = String(element.type);
  const isEmpty = value === null || value === "";
  if (isTextInput(type)) return { type, value: isEmpty ? null : String(value) };
  if (type === "static_select" || type === "radio_buttons")
    return { type, selected_option: isEmpty ? null : optionOf(element, String(value)) };
  if (type === "checkboxes" || type === "multi_static_select")
    return { type, selected_options: chosen(element, value).map((one) => optionOf(element, one)) };
  if (type === "datepicker") return { type, selected_date: isEmpty ? null : String(value) };
  if (type === "timepicker") return { type, selected_time: isEmpty ? null : String(value) };
  throw new Error(`Nothing can be put into a ${type}`);
}

function chosen(element: Json, value: PlainValue): string[] {
  if (Array.isArray(value)) return value.map(String);
  if (value === true)
    return optionsOf(element)
      .slice(0, 1)
      .map((option) => String(option.value));
  return value === false || value === null || value === "" ? [] : [String(value)];
}

/** The options of a select, radio group or checkbox group, also those in groups. */
export function optionsOf(element: Json): Json[] {
  return [
    ...objectsIn(element.options),
    ...objectsIn(element.option_groups).flatMap((group) => objectsIn(group.options)),
  ];
}

function optionOf(element: Json, value: string): Json {
  const option = optionsOf(element).find((one) => one.value === value);
  if (!option)
    throw new Error(
      `There is no option "${value}", only ${optionsOf(element)
        .map((one) => one.value)
        .join(", ")}`,
    );
  return { text: option.text, value: option.value };
}

/** What Slack itself says at a field, so that a form is not even sent. */
export function clientErrors(blocks: readonly Json[], state: Readonly<Record<string, Record<string, Json>>>) {
  const errors: Record<string, string> = {};
  for (const { block, element } of elementsIn(blocks)) {
    if (block.type !== "input") continue;
    const error = clientError(
      element,
      state[String(block.block_id)]?.[String(element.action_id)],
      block.optional === true,
    );
    if (error) errors[String(block.block_id)] = error;
  }
  return errors;
}

function clientError(element: Json, state: Json | undefined, isOptional: boolean): string | undefined {
  if (isEmptyState(state)) return isOptional ? undefined : "Please complete this required field.";
  const value = textIn(state?.value) ?? "";
  if (element.type === "number_input") return numberError(element, value);
  if (typeof element.min_length === "number" && value.length < element.min_length)
    return `Please enter at least ${element.min_length} characters.`;
  if (typeof element.max_length === "number" && value.length > element.max_length)
    return `Please enter at most ${element.max_length} characters.`;
  return undefined;
}

function numberError(element: Json, value: string): string | undefined {
  if (!/^-?\d+(\.\d+)?$/.test(value)) return "Please enter a number.";
  if (element.is_decimal_allowed === false && value.includes(".")) return "Please enter a whole number.";
  if (element.min_value !== undefined && Number(value) < Number(element.min_value))
    return `Please enter ${String(element.min_value)} or more.`;
  if (element.max_value !== undefined && Number(value) > Number(element.max_value))
    return `Please enter ${String(element.max_value)} or less.`;
  return undefined;
}

function isEmptyState(state: Json | undefined): boolean {
  if (!state) return true;
  const { value, selected_option, selected_options, selected_date, selected_time } = state;
  if (Array.isArray(selected_options)) return selected_options.length === 0;
  return [value, selected_option, selected_date, selected_time].every(
    (one) => one === undefined || one === null || one === "",
  );
}

function isTextInput(type: string): boolean {
  return ["plain_text_input", "number_input", "email_text_input", "url_text_input"].includes(type);
}

/** One thing that Slack would refuse: where in the message or view, and the rule with its number. */
export type Violation = Readonly<{ at: string; rule: string }>;

type Fields = Readonly<Record<string, unknown>>;
type Say = (at: string, rule: string) => undefined;

/** Block types that Slack knows. What else it says about the ones that we do not build is not checked here. */
const BLOCKS = new Set(
  "actions alert card carousel container context context_actions data_table divider file header image input markdown plan rich_text section table task_card video".split(
    " ",
  ),
);
const IN_MESSAGES_ONLY = new Set([
  "alert",
  "card",
  "carousel",
  "data_table",
  "file",
  "markdown",
  "plan",
  "table",
  "task_card",
]);

/**
 * What Slack would refuse in this message (`text`, `blocks`) or view (`type: "modal" | "home"`), by the numbers of
 * https://docs.slack.dev/reference/block-kit as read in November 2026. Empty when it may be sent. Lengths are UTF-16 units.
 */
export function checkLimits(content: object): Violation[] {
  const violations: Violation[] = [];
  const say: Say = (at, rule) => {
    violations.push({ at, rule });
    return undefined;
  };
  const given: Fields = { ...content };
  if (given.type === "modal" || given.type === "home") checkView(given, say);
  else checkMessage(given, say);
  return violations;
}

function checkMessage(message: Fields, say: Say): undefined {
  atMost(message.text, 40_000, "text", say);
  checkBlocks(message.blocks, 50, "message", say);
  if (!message.text && !isFilledList(message.blocks)) say("text", "a message needs a text or blocks");
}

function checkView(view: Fields, say: Say): undefined {
  checkBlocks(view.blocks, 100, "view", say);
  atMost(view.private_metadata, 3_000, "private_metadata", say);
  atMost(view.callback_id, 255, "callback_id", say);
  if (view.type !== "modal") return;
  plainText(view.title, 24, "title", say);
  if (view.submit !== undefined) plainText(view.submit, 24, "submit", say);
  if (view.close !== undefined) plainText(view.close, 24, "close", say);
  const asks = listOf(view.blocks).some((block) => block.type === "input");
  if (asks && view.submit === undefined) say("submit", "a view with input blocks needs a submit text");
}

function checkBlocks(blocks: unknown, most: number, home: "message" | "view", say: Say): undefined {
  if (blocks === undefined) return;
  if (!Array.isArray(blocks)) return say("blocks", "must be a list");
  if (blocks.length > most) say("blocks", `${blocks.length} blocks, at most ${most}`);
  const ids = new Set<unknown>();
  listOf(blocks).forEach((block, index) => {
    const at = `blocks[${index}]`;
    if (block.block_id !== undefined) {
      filled(block.block_id, 255, `${at}.block_id`, say);
      if (ids.has(block.block_id)) say(`${at}.block_id`, "used twice");
      ids.add(block.block_id);
    }
    checkBlock(block, home, at, say);
  });
}

function checkBlock(block: Fields, home: "message" | "view", at: string, say: Say): undefined {
  if (!BLOCKS.has(String(block.type)))
    return say(`${at}.type`, `unknown block type ${String(block.type).slice(0, 40)}`);
  if (home === "view" && IN_MESSAGES_ONLY.has(String(block.type)))
    say(`${at}.type`, `${block.type} is for messages only`);
  if (block.type === "section") checkSection(block, at, say);
  if (block.type === "context") checkContext(block, at, say);
  if (block.type === "actions") checkActions(block, at, say);
  if (block.type === "header") plainText(block.text, 150, `${at}.text`, say);
  if (block.type === "input") checkInput(block, at, say);
  if (block.type === "image") filled(block.alt_text, 2_000, `${at}.alt_text`, say);
  if (block.type === "markdown") filled(block.text, 12_000, `${at}.text`, say);
}

function checkSection(block: Fields, at: string, say: Say): undefined {
  if (block.text === undefined && block.fields === undefined) say(at, "a section needs a text or fields");
  if (block.text !== undefined) anyText(block.text, 3_000, `${at}.text`, say);
  if (block.fields !== undefined) {
    counted(block.fields, 1, 10, `${at}.fields`, say);
    listOf(block.fields).forEach((field, index) => {
      anyText(field, 2_000, `${at}.fields[${index}]`, say);
    });
  }
  if (isFields(block.accessory)) checkElement(block.accessory, `${at}.accessory`, say);
}

function checkContext(block: Fields, at: string, say: Say): undefined {
  counted(block.elements, 1, 10, `${at}.elements`, say);
  listOf(block.elements).forEach((element, index) => {
    if (element.type !== "image") anyText(element, 3_000, `${at}.elements[${index}]`, say);
  });
}

function checkActions(block: Fields, at: string, say: Say): undefined {
  counted(block.elements, 1, 25, `${at}.elements`, say);
  const ids = new Set<unknown>();
  listOf(block.elements).forEach((element, index) => {
    checkElement(element, `${at}.elements[${index}]`, say);
    if (element.action_id === undefined) return;
    if (ids.has(element.action_id)) say(`${at}.elements[${index}].action_id`, "used twice in this block");
    ids.add(element.action_id);
  });
}

function checkInput(block: Fields, at: string, say: Say): undefined {
  plainText(block.label, 2_000, `${at}.label`, say);
  if (block.hint !== undefined) plainText(block.hint, 2_000, `${at}.hint`, say);
  if (!isFields(block.element)) return say(`${at}.element`, "an input needs an element");
  if (block.element.type === "button") say(`${at}.element`, "a button is no input");
  checkElement(block.element, `${at}.element`, say);
}

function checkElement(element: Fields, at: string, say: Say): undefined {
  if (element.action_id !== undefined) filled(element.action_id, 255, `${at}.action_id`, say);
  if (element.placeholder !== undefined) plainText(element.placeholder, 150, `${at}.placeholder`, say);
  if (element.confirm !== undefined) checkConfirm(element.confirm, `${at}.confirm`, say);
  const type = String(element.type);
  if (type === "button") checkButton(element, at, say);
  else if (type === "plain_text_input") checkTextInput(element, at, say);
  else if (type === "number_input") checkNumberInput(element, at, say);
  else if (type === "checkboxes" || type === "radio_buttons") checkOptions(element, 10, at, say);
  else if (type === "overflow") checkOptions(element, 5, at, say);
  else if (type === "static_select" || type === "multi_static_select") checkSelect(element, at, say);
}

function checkButton(element: Fields, at: string, say: Say): undefined {
  plainText(element.text, 75, `${at}.text`, say);
  atMost(element.value, 2_000, `${at}.value`, say);
  atMost(element.url, 3_000, `${at}.url`, say);
  atMost(element.accessibility_label, 75, `${at}.accessibility_label`, say);
  if (element.style !== undefined && element.style !== "primary" && element.style !== "danger")
    say(`${at}.style`, "primary or danger");
}

function checkTextInput(element: Fields, at: string, say: Say): undefined {
  within(element.min_length, 0, 3_000, `${at}.min_length`, say);
  within(element.max_length, 1, 3_000, `${at}.max_length`, say);
  atMost(element.initial_value, 3_000, `${at}.initial_value`, say);
  if (typeof element.initial_value === "string" && typeof element.max_length === "number")
    atMost(element.initial_value, element.max_length, `${at}.initial_value`, say);
}

function checkNumberInput(element: Fields, at: string, say: Say): undefined {
  if (typeof element.is_decimal_allowed !== "boolean") say(`${at}.is_decimal_allowed`, "must be stated");
  for (const name of ["initial_value", "min_value", "max_value"])
    if (element[name] !== undefined && typeof element[name] !== "string") say(`${at}.${name}`, "a number as text");
}

function checkSelect(element: Fields, at: string, say: Say): undefined {
  if (element.option_groups === undefined) return checkOptions(element, 100, at, say);
  counted(element.option_groups, 1, 100, `${at}.option_groups`, say);
  listOf(element.option_groups).forEach((group, index) => {
    plainText(group.label, 75, `${at}.option_groups[${index}].label`, say);
    checkOptions(group, 100, `${at}.option_groups[${index}]`, say);
  });
}

function checkOptions(holder: Fields, most: number, at: string, say: Say): undefined {
  counted(holder.options, 1, most, `${at}.options`, say);
  const known = listOf(holder.options);
  known.forEach((option, index) => {
    anyText(option.text, 75, `${at}.options[${index}].text`, say);
    filled(option.value, 150, `${at}.options[${index}].value`, say);
    if (option.description !== undefined) anyText(option.description, 75, `${at}.options[${index}].description`, say);
  });
  const initial = isFields(holder.initial_option) ? [holder.initial_option] : listOf(holder.initial_options);
  for (const option of initial)
    if (!known.some((one) => one.value === option.value && sameText(one.text, option.text)))
      say(`${at}.initial_option`, "is none of the options");
  if (Array.isArray(holder.initial_options) && holder.initial_options.length === 0)
    say(`${at}.initial_options`, "leave it out when nothing is chosen");
}

function checkConfirm(confirm: unknown, at: string, say: Say): undefined {
  if (!isFields(confirm)) return say(at, "must be an object");
  plainText(confirm.title, 100, `${at}.title`, say);
  anyText(confirm.text, 300, `${at}.text`, say);
  plainText(confirm.confirm, 30, `${at}.confirm`, say);
  plainText(confirm.deny, 30, `${at}.deny`, say);
}

function plainText(value: unknown, most: number, at: string, say: Say): undefined {
  if (isFields(value) && value.type !== "plain_text") say(`${at}.type`, "plain_text only");
  anyText(value, most, at, say);
}

function anyText(value: unknown, most: number, at: string, say: Say): undefined {
  if (!isFields(value) || (value.type !== "plain_text" && value.type !== "mrkdwn"))
    return say(at, "must be a text object");
  filled(value.text, most, `${at}.text`, say);
}

function filled(value: unknown, most: number, at: string, say: Say): undefined {
  if (typeof value !== "string" || value.length === 0) return say(at, "must not be empty");
  atMost(value, most, at, say);
}

function atMost(value: unknown, most: number, at: string, say: Say): undefined {
  if (value === undefined || value === null) return;
  if (typeof value !== "string") return say(at, "must be text");
  if (value.length > most) say(at, `${value.length} characters, at most ${most}`);
}

function within(value: unknown, least: number, most: number, at: string, say: Say): undefined {
  if (value === undefined) return;
  if (typeof value !== "number" || value < least || value > most) say(at, `from ${least} to ${most}`);
}

function counted(value: unknown, least: number, most: number, at: string, say: Say): undefined {
  const count = Array.isArray(value) ? value.length : 0;
  if (count < least || count > most) say(at, `${count} items, from ${least} to ${most}`);
}

function sameText(one: unknown, other: unknown): boolean {
  return isFields(one) && isFields(other) && one.text === other.text;
}

function isFilledList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map((item) => (isFields(item) ? item : {})) : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

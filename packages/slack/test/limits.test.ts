import { describe, expect, it } from "vitest";
import { actions, button, context, divider, fields, header, plain, section } from "../src/blocks.ts";
import { checkLimits } from "../src/limits.ts";

const x = (count: number) => "x".repeat(count);
const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
const press = (change: object = {}) => ({ ...button("Approve", { actionId: "a", value: "v" }), ...change });
const option = (value: string, label = value) => ({ text: plain(label), value });
const input = (element: object, change: object = {}) => ({
  type: "input",
  label: plain("L"),
  element: { action_id: "value", ...element },
  ...change,
});
const select = (options: unknown[], change: object = {}) => input({ type: "static_select", options, ...change });
const message = (...blocks: object[]) => ({ text: "t", blocks });
const modal = (change: object, ...blocks: object[]) => ({
  type: "modal",
  title: plain("T"),
  submit: plain("Send"),
  blocks,
  ...change,
});

describe("Slack's limits", () => {
  it.each([
    ["51 blocks in a message", message(...many(51, divider)), "blocks"],
    ["101 blocks in a view", modal({}, ...many(101, divider)), "blocks"],
    ["a text of 40,001", { text: x(40_001) }, "text"],
    ["nothing at all", { text: "" }, "text"],
    ["a section of 3,001", message(section(x(3_001))), "blocks[0].text.text"],
    ["an empty section", message(section("")), "blocks[0].text.text"],
    ["11 fields", message(fields(many(11, () => "f"))), "blocks[0].fields"],
    ["a field of 2,001", message(fields([x(2_001)])), "blocks[0].fields[0].text"],
    ["11 context elements", message(context(...many(11, () => "c"))), "blocks[0].elements"],
    ["a header of 151", message(header(x(151))), "blocks[0].text.text"],
    ["26 buttons", message(actions("b", ...many(26, (i) => press({ action_id: `a${i}` })))), "blocks[0].elements"],
    ["no buttons", message(actions("b")), "blocks[0].elements"],
    ["a button text of 76", message(actions("b", press({ text: plain(x(76)) }))), "blocks[0].elements[0].text.text"],
    ["a button value of 2,001", message(actions("b", press({ value: x(2_001) }))), "blocks[0].elements[0].value"],
    ["an action id of 256", message(actions("b", press({ action_id: x(256) }))), "blocks[0].elements[0].action_id"],
    ["an unknown button style", message(actions("b", press({ style: "blue" }))), "blocks[0].elements[0].style"],
    ["an action id twice in a block", message(actions("b", press(), press())), "blocks[0].elements[1].action_id"],
    ["a block id twice", message(actions("b", press()), actions("b", press())), "blocks[1].block_id"],
    ["a block id of 256", message({ ...divider(), block_id: x(256) }), "blocks[0].block_id"],
    ["an unknown block", message({ type: "button" }), "blocks[0].type"],
    ["a table in a view", modal({}, { type: "table" }), "blocks[0].type"],
    ["a title of 25", modal({ title: plain(x(25)) }), "title.text"],
    ["a title with format", modal({ title: { type: "mrkdwn", text: "T" } }), "title.type"],
    ["a submit text of 25", modal({ submit: plain(x(25)) }), "submit.text"],
    ["inputs without a submit text", { ...modal({}, select([option("a")])), submit: undefined }, "submit"],
    ["private metadata of 3,001", modal({ private_metadata: x(3_001) }), "private_metadata"],
    ["a callback id of 256", modal({ callback_id: x(256) }), "callback_id"],
    ["a label of 2,001", modal({}, { ...select([option("a")]), label: plain(x(2_001)) }), "blocks[0].label.text"],
    [
      "a placeholder of 151",
      modal({}, select([option("a")], { placeholder: plain(x(151)) })),
      "blocks[0].element.placeholder.text",
    ],
    ["101 options", modal({}, select(many(101, (i) => option(`${i}`)))), "blocks[0].element.options"],
    ["no options", modal({}, select([])), "blocks[0].element.options"],
    ["an option text of 76", modal({}, select([option("a", x(76))])), "blocks[0].element.options[0].text.text"],
    ["an option value of 151", modal({}, select([option(x(151), "a")])), "blocks[0].element.options[0].value"],
    [
      "an initial option that is none",
      modal({}, select([option("a")], { initial_option: option("b") })),
      "blocks[0].element.initial_option",
    ],
    [
      "11 checkboxes",
      modal({}, input({ type: "checkboxes", options: many(11, (i) => option(`${i}`)) })),
      "blocks[0].element.options",
    ],
    [
      "an initial text of 3,001",
      modal({}, input({ type: "plain_text_input", initial_value: x(3_001) })),
      "blocks[0].element.initial_value",
    ],
    [
      "a number input without decimals stated",
      modal({}, input({ type: "number_input" })),
      "blocks[0].element.is_decimal_allowed",
    ],
  ])("refuse %s, and say where", (_case, content, at) => {
    expect(checkLimits(content).map((violation) => violation.at)).toEqual([at]);
  });

  it("accept everything at its limit", () => {
    const full = message(
      ...many(40, () => divider()),
      section(x(3_000)),
      fields(many(10, () => x(2_000))),
      context(...many(10, () => "c")),
      header(x(150)),
      actions("b", ...many(25, (i) => press({ action_id: `${i}`, text: plain(x(75)), value: x(2_000) }))),
    );
    const view = modal(
      { title: plain(x(24)), private_metadata: x(3_000) },
      select(many(100, (i) => option(`${i}`, x(75)))),
    );

    expect(checkLimits(full)).toEqual([]);
    expect(checkLimits(view)).toEqual([]);
  });
});

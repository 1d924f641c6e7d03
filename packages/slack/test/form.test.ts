import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { plain } from "../src/blocks.ts";
import { formBlocks, readForm, readTyped } from "../src/form.ts";
import { checkLimits } from "../src/limits.ts";
import { StateValues } from "../src/payloads.ts";

const HostName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{2,29}$/)
  .meta({
    title: "Name",
    description: "Becomes the host name.",
    examples: ["web-7"],
    allowed: "Use 3 to 30 lower-case letters, digits or hyphens, starting with a letter.",
  });

const Machine = z.strictObject({
  name: HostName,
  size: z
    .enum(["small", "large"])
    .default("small")
    .meta({ options: { small: "Small, 2 GB", large: "Large, 8 GB" } }),
  disks: z.int().min(1).max(5).optional(),
  isPublic: z.boolean().default(false).meta({ title: "Reachable from the internet" }),
  openPorts: z
    .array(z.int().min(1).max(65_535))
    .max(3)
    .default([])
    .meta({ examples: [[80, 443]] }),
  owners: z.array(z.string().min(1)).min(1).optional(),
  reason: z.string().max(200).meta({ multiline: true }),
});

it("never fills in what a person must type", () => {
  const name = z.string().max(30).default("web-7").meta({ typed: true });

  const [block] = formBlocks(z.strictObject({ name }), { initial: { name: "web-7" } });

  expect(block?.element).not.toHaveProperty("initial_value");
});

const text = (value: string | null) => ({ value: { type: "plain_text_input", value } });
const filled = {
  name: text("web-7"),
  size: { value: { type: "static_select", selected_option: { text: plain("Large"), value: "large" } } },
  disks: { value: { type: "number_input", value: "2" } },
  isPublic: { value: { type: "checkboxes", selected_options: [{ value: "yes" }] } },
  openPorts: text("80, 443"),
  owners: text("ada,bob"),
  reason: text("load test"),
};
const state = (change: object = {}) => StateValues.parse({ ...filled, ...change });

describe("a form from a schema", () => {
  it("asks for each key with an input of its type, labelled and explained", () => {
    const blocks = formBlocks(Machine);

    expect(blocks.map(({ block_id, element, optional }) => [block_id, element.type, optional])).toEqual([
      ["name", "plain_text_input", false],
      ["size", "static_select", false],
      ["disks", "number_input", true],
      ["isPublic", "checkboxes", true],
      ["openPorts", "plain_text_input", false],
      ["owners", "plain_text_input", true],
      ["reason", "plain_text_input", false],
    ]);
    expect(blocks[0]).toMatchObject({
      label: { text: "Name" },
      hint: { text: "Becomes the host name." },
      element: { placeholder: { text: "web-7" } },
    });
    expect(blocks[1]?.element).toMatchObject({ initial_option: { text: { text: "Small, 2 GB" }, value: "small" } });
    expect(blocks[6]).toMatchObject({ label: { text: "Reason" }, element: { multiline: true } });
  });

  it("is one that Slack takes, also prefilled with anything", () => {
    const anything = fc.dictionary(
      fc.constantFrom(...Object.keys(Machine.shape)),
      fc.oneof(fc.string(), fc.integer(), fc.boolean()),
    );
    fc.assert(
      fc.property(anything, (initial) => {
        const view = { type: "modal", title: plain("T"), submit: plain("S"), blocks: formBlocks(Machine, { initial }) };
        expect(checkLimits(view)).toEqual([]);
      }),
    );
  });

  it("refuses to ask for what it has no input for, instead of leaving it out", () => {
    expect(() => formBlocks(z.strictObject({ nested: z.strictObject({}) }))).toThrow('cannot ask for "nested"');
  });

  it("reads the values back as the schema's own types", () => {
    expect(readForm(Machine, state())).toEqual({
      ok: true,
      values: {
        name: "web-7",
        size: "large",
        disks: 2,
        isPublic: true,
        openPorts: [80, 443],
        owners: ["ada", "bob"],
        reason: "load test",
      },
    });
  });

  it("leaves what is empty to the schema's defaults", () => {
    const empty = {
      disks: { value: { type: "number_input", value: null } },
      isPublic: {},
      openPorts: text(null),
      owners: text(""),
    };

    const read = readForm(Machine, state(empty));

    expect(read).toMatchObject({ ok: true, values: { isPublic: false, openPorts: [] } });
    expect(read.ok && "disks" in read.values).toBe(false);
  });

  it("keeps two forms in one view apart by a prefix", () => {
    const One = z.strictObject({ name: HostName });
    const values = StateValues.parse({ "parameters.name": text("Web 7"), name: text("other") });

    expect(formBlocks(One, { prefix: "parameters." })[0]?.block_id).toBe("parameters.name");
    expect(readForm(One, values, { prefix: "parameters." })).toMatchObject({
      ok: false,
      errors: { "parameters.name": expect.any(String) },
    });
  });

  const allowedName = "Use 3 to 30 lower-case letters, digits or hyphens, starting with a letter.";
  it.each([
    ["Web 7", "name", `${allowedName} “Web 7” has a space.`],
    ["Web-7", "name", `${allowedName} “Web-7” has an upper-case letter.`],
    ["7web", "name", `${allowedName} “7web” starts with “7”.`],
    ["web_7", "name", `${allowedName} “web_7” has “_”.`],
    ["wé", "name", `${allowedName} “wé” has “é”.`],
    ["w7", "name", `${allowedName} “w7” has 2 characters.`],
    ["w".repeat(31), "name", `${allowedName} “${"w".repeat(31)}” has 31 characters.`],
    ["a\u202eb", "name", `${allowedName} “a\\u202eb” has a character that cannot be seen.`],
    ["$(id)", "name", `${allowedName} “$(id)” has “$”.`],
    ["", "name", `${allowedName} Nothing was given.`],
    ["80, x", "openPorts", "Use up to 3 whole numbers from 1 to 65535, with commas between. “x” is not a number."],
    ["80, 70000", "openPorts", "Use up to 3 whole numbers from 1 to 65535, with commas between. “70000” is too large."],
    ["1,2,3,4", "openPorts", "Use up to 3 whole numbers from 1 to 65535, with commas between. There are 4."],
    ["9", "disks", "Use a whole number from 1 to 5. “9” is too large."],
    ["1.5", "disks", "Use a whole number from 1 to 5. “1.5” is not a whole number."],
    ["x".repeat(201), "reason", `Use at most 200 characters. “${"x".repeat(39)}…” has 201 characters.`],
  ])("says at the field what is allowed and what is wrong with %j", (value, field, sentence) => {
    const read = readForm(Machine, state({ [field]: text(value) }));

    expect(read).toEqual({ ok: false, errors: { [field]: sentence } });
  });

  it("says the same for values that were typed after a command", () => {
    expect(readTyped(Machine, { name: "web-7", size: "huge", isPublic: "yes", reason: "r" })).toEqual({
      ok: false,
      errors: { size: "Use one of Small, 2 GB or Large, 8 GB. “huge” is none of them." },
    });
    expect(readTyped(Machine, { name: "web-7", isPublic: "yes", openPorts: "80", reason: "r" })).toMatchObject({
      ok: true,
      values: { isPublic: true, openPorts: [80], size: "small" },
    });
  });
});

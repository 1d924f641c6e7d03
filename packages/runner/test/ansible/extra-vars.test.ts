import { expect, it } from "vitest";
import { untemplated } from "../../src/ansible/extra-vars.ts";

it("keeps every text at any depth from being a template, and other values as they are", () => {
  const pipe = "{{ lookup('pipe','id') }}";

  expect(untemplated({ note: pipe, list: [pipe, 1], deep: { on: true, none: null, note: "" } })).toEqual({
    note: { __ansible_unsafe: pipe },
    list: [{ __ansible_unsafe: pipe }, 1],
    deep: { on: true, none: null, note: { __ansible_unsafe: "" } },
  });
});

it.each(["__ansible_unsafe", "__ansible_vault", "__ansible_type"])("refuses a value that says %s", (name) => {
  expect(() => untemplated([{ [name]: "x" }])).toThrow(name);
});

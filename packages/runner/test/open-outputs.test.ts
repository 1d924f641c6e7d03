import { expect, it } from "vitest";
import { exactText } from "../src/json/exact-json.ts";
import { noSecrets, secretsAnd } from "../src/masking/secrets.ts";
import { openOutputs } from "../src/terraform/open-outputs.ts";
import { uiMessage } from "../src/terraform/ui-message.ts";

/** The outputs of Terraform's own line, as it spells them. */
const said = (outputs: string) => uiMessage(`{"type":"outputs","outputs":${outputs}}`)?.outputs ?? {};

it("keeps every digit from Terraform's line to what people and configurations have", () => {
  const outputs = said('{"id":{"value":9007199254740993},"small":{"value":1.10},"many":{"value":[1e400]}}');

  const open = openOutputs(outputs, noSecrets);

  expect(open.shown).toEqual({ id: "9007199254740993", small: "1.1" });
  expect(exactText({ outputs: open.outputs })).toBe(
    `{"outputs":{"id":9007199254740993,"small":1.1,"many":[1${"0".repeat(400)}]}}`,
  );
});

it("keeps nothing that gives a secret away, also one that only the apply marks", () => {
  const outputs = said(
    '{"a":{"value":"x correct-horse x"},"b":{"value":{"deep":[48151623]}},"c":{"sensitive":true,"value":[48151623,"made-here"]},' +
      '"d":{"value":"made-here"},"hosts":{"value":[{"name":"web-7"}]},"open":{"value":true}}',
  );

  const open = openOutputs(outputs, secretsAnd(noSecrets, ["correct-horse"]));

  expect(exactText(open)).toBe(
    exactText({
      outputs: { hosts: [{ name: "web-7" }], open: true },
      hosts: [{ name: "web-7" }],
      shown: { a: "(sensitive)", d: "(sensitive)", open: "true" },
    }),
  );
});

it("shows six at most, none that is empty or has a long name, each within 120 bytes", () => {
  const many = Object.fromEntries([..."abcdefgh"].map((name) => [name, { value: "ü".repeat(200) }]));
  const outputs = said(JSON.stringify({ empty: { value: "" }, ["n".repeat(41)]: { value: "x" }, ...many }));

  const { shown } = openOutputs(outputs, noSecrets);

  expect(Object.keys(shown)).toEqual([..."abcdef"]);
  expect(Object.values(shown).every((value) => Buffer.byteLength(value) <= 120 && value.endsWith("…"))).toBe(true);
});

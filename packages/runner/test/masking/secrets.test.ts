import { readFile } from "node:fs/promises";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskOf } from "../../src/change/mask-of.ts";
import { Decimal, parseExact } from "../../src/json/exact-json.ts";
import { isPlainThoughMarked, isSecret, withoutSecrets } from "../../src/masking/masked.ts";
import { noSecrets, secretsAnd, secretsOf } from "../../src/masking/secrets.ts";
import { shownOf } from "./shown-of.ts";

const exact = (value: unknown) => parseExact(JSON.stringify(value));
const planOf = (parts: object) => secretsOf(exact(parts));
const output = (value: unknown) => planOf({ output_changes: { p: { after: value, after_sensitive: true } } });

describe("what Terraform marks is secret", () => {
  const SECRET = "correct-horse";

  it.each<[string, object]>([
    ["in what changes", { resource_changes: [{ change: { after: { p: SECRET }, after_sensitive: { p: true } } }] }],
    ["in what was", { resource_changes: [{ change: { before: [SECRET], before_sensitive: [true] } }] }],
    ["as a whole", { resource_changes: [{ change: { after: { a: { p: [SECRET] } }, after_sensitive: { a: true } } }] }],
    ["in drift", { resource_drift: [{ change: { before: { p: SECRET }, before_sensitive: { p: true } } }] }],
    [
      "in what is put off",
      { deferred_changes: [{ resource_change: { change: { after: SECRET, after_sensitive: true } } }] },
    ],
    ["in an output that changes", { output_changes: { p: { after: SECRET, after_sensitive: true } } }],
    ["in an output called before", { output_changes: { before: { before: SECRET, before_sensitive: true } } }],
    ["in the state's outputs", { prior_state: { values: { outputs: { value: { sensitive: true, value: SECRET } } } } }],
    [
      "in a module's state",
      {
        prior_state: {
          values: {
            root_module: {
              child_modules: [{ resources: [{ values: { p: SECRET }, sensitive_values: { p: true } }] }],
            },
          },
        },
      },
    ],
    [
      "in what will be",
      { planned_values: { root_module: { resources: [{ values: { p: SECRET }, sensitive_values: { p: true } }] } } },
    ],
    [
      "by a variable's declaration",
      {
        variables: { p: { value: { deep: [SECRET] } } },
        configuration: { root_module: { variables: { p: { sensitive: true } } } },
      },
    ],
  ])("%s", (_, plan) => {
    expect(isSecret(SECRET, planOf(plan))).toBe(true);
    expect(isSecret({ a: [`x${SECRET}x`] }, planOf(plan))).toBe(true);
  });

  it("and nothing else: data that only looks like a mark makes no secret", () => {
    const posing = { value: SECRET, sensitive: true, other: SECRET, other_sensitive: true };
    const secrets = planOf({
      variables: { note: { value: posing } },
      resource_changes: [{ change: { after: { input: posing }, after_sensitive: { input: {} } } }],
      configuration: { root_module: { variables: { note: {} } } },
    });

    expect(isSecret(SECRET, secrets)).toBe(false);
  });
});

describe("a number", () => {
  it("of six digits is a secret wherever it stands, every digit of it", () => {
    const secrets = secretsOf(
      parseExact('{"output_changes":{"p":{"after":{"pins":[90071992547409931, 2718.28]},"after_sensitive":true}}}'),
    );

    for (const text of ["90071992547409931", "pin=90071992547409931;", "9.0071992547409931e+16", "x 2718.28 x"])
      expect([text, isSecret(text, secrets)]).toEqual([text, true]);
    expect(isSecret(new Decimal("90071992547409931"), secrets)).toBe(true);
    expect(isSecret(new Decimal("90071992547409930"), secrets)).toBe(false);
    expect(isSecret(Buffer.from("-90071992547409931").toString("base64"), secrets)).toBe(true);
  });

  it("that is short is one only where Terraform marks it", () => {
    const secrets = output({ port: 5432, small: 0.0001, one: 1 });

    expect(
      ["5432", new Decimal("5432"), "port 5432", new Decimal("1"), "0.0001"].map((each) => isSecret(each, secrets)),
    ).toEqual(Array(5).fill(false));
  });

  it("of six digits is not taken for one that a text of them is not", () => {
    expect(isSecret(new Decimal("481516"), output("481516"))).toBe(true);
    expect(isSecret(new Decimal("12"), output("12"))).toBe(false);
  });
});

it("a truth value, a null and an empty text are no secrets", () => {
  const secrets = output([true, false, null, ""]);

  expect([true, false, null, "", "true", undefined].map((each) => isSecret(each, secrets))).toEqual(
    Array(6).fill(false),
  );
});

describe("a short text", () => {
  it("is a secret where it is the whole value, and not within another or in a key", () => {
    const secrets = output("pin");

    expect(isSecret(["pin"], secrets)).toBe(true);
    expect(isSecret({ pin: "spinning" }, secrets)).toBe(false);
    expect(withoutSecrets("spinning", secrets)).toBe("spinning");
  });
});

describe("the value of a variable that is not declared sensitive", () => {
  const open = (value: unknown, more: object = {}) =>
    planOf({
      variables: { note: { value }, key: { value: "web-server-1" }, other: { value: "the web" } },
      configuration: { root_module: { variables: { note: {}, key: { sensitive: true }, other: { sensitive: true } } } },
      ...more,
    });

  it("is shown although something that is marked has the same value", () => {
    expect(isSecret("web-server-1", open("web-server-1"))).toBe(false);
    expect(isSecret({ tags: ["web-server-1"] }, open({ deep: ["web-server-1"] }))).toBe(false);
    expect(isSecret("web-server-1", open("another"))).toBe(true);
  });

  it("is hidden within a longer text, where it says what the marked thing is", () => {
    expect(isSecret("postgres://app:web-server-1@db", open("web-server-1"))).toBe(true);
  });

  it("is hidden where it holds another secret", () => {
    expect(isSecret("on the web", open("on the web"))).toBe(true);
    const [text, part] = ["line one of it\nline two of it", "line two of it"];
    for (const marked of [
      [text, part],
      [part, text],
    ])
      expect(isSecret(text, secretsAnd(open(text), marked))).toBe(true);
  });

  it("of several lines is shown as a whole too", () => {
    const text = "line one of it\nline two of it";

    expect(isSecret(text, secretsAnd(open(text), [text]))).toBe(false);
  });

  it("counts as declared by nobody where its declaration is not in the plan", () => {
    expect(
      isSecret(
        "web-server-1",
        open("x", {
          variables: { note: { value: "web-server-1" }, key: { value: "web-server-1" } },
          configuration: { root_module: { variables: { key: { sensitive: true } } } },
        }),
      ),
    ).toBe(true);
  });
});

describe("a parameter of Systems Manager", () => {
  const provider_name = "registry.terraform.io/hashicorp/aws";
  const parameter = (type: string, value: string) => ({
    mode: "data",
    type: "aws_ssm_parameter",
    provider_name,
    values: { type, value, insecure_value: value },
    sensitive_values: { value: true },
  });
  const read = (type: string, value: string, more: object = {}) =>
    planOf({ prior_state: { values: { root_module: { resources: [parameter(type, value)] } } }, ...more });

  it("of type String or StringList makes nothing secret, though its provider marks it", () => {
    expect(isSecret("sg-0a1b2c3d", read("String", "sg-0a1b2c3d"))).toBe(false);
    expect(isSecret("subnet-aa", read("StringList", "subnet-aa,subnet-bb"))).toBe(false);
  });

  it("says which marked values may be shown: it, and each part of a list", () => {
    const secrets = read("StringList", "subnet-aa,subnet-bb");

    const shown = ["subnet-aa,subnet-bb", "subnet-bb", "subnet-cc", "bb"].map((each) =>
      isPlainThoughMarked(each, secrets),
    );

    expect(shown).toEqual([true, true, false, false]);
    expect(isPlainThoughMarked("a,b", read("String", "x,y"))).toBe(false);
    expect(isPlainThoughMarked("x", read("String", "x,y"))).toBe(false);
  });

  it("of type SecureString, or of no type, is secret", () => {
    for (const type of ["SecureString", ""]) {
      expect(isSecret("a-password", read(type, "a-password"))).toBe(true);
      expect(isPlainThoughMarked("a-password", read(type, "a-password"))).toBe(false);
    }
  });

  it("of another provider is secret", () => {
    const resources = [{ ...parameter("String", "a-password"), provider_name: "example.com/other/aws2" }];

    expect(isSecret("a-password", planOf({ prior_state: { values: { root_module: { resources } } } }))).toBe(true);
  });

  it("is plain wherever its mark went with it", () => {
    const secrets = read("String", "subnet-1", {
      output_changes: { p: { after: "subnet-1", after_sensitive: true } },
    });

    expect(isSecret("subnet-1", secrets)).toBe(false);
    expect(isPlainThoughMarked("subnet-1", secrets)).toBe(true);
  });

  it("that a root itself makes of a secret stays one", () => {
    const resources = [
      { ...parameter("String", "made-password"), mode: "managed" },
      {
        mode: "managed",
        type: "random_password",
        values: { result: "made-password" },
        sensitive_values: { result: true },
      },
    ];
    const secrets = planOf({ prior_state: { values: { root_module: { resources } } } });

    expect(isSecret("made-password", secrets)).toBe(true);
    expect(isPlainThoughMarked("made-password", secrets)).toBe(false);
  });

  it("is secret when a variable that is declared sensitive has its value", () => {
    const secrets = read("String", "a-password", {
      variables: { p: { value: "a-password" } },
      configuration: { root_module: { variables: { p: { sensitive: true } } } },
    });

    expect(isSecret("a-password", secrets)).toBe(true);
    expect(isPlainThoughMarked("a-password", secrets)).toBe(false);
  });

  it("is not shown when it holds a secret, or is a number that is marked", () => {
    const secrets = read("StringList", "x-a-password-x,4711", {
      output_changes: { p: { after: ["a-password", 4711], after_sensitive: true } },
    });

    expect(["x-a-password-x", "4711"].map((each) => isPlainThoughMarked(each, secrets))).toEqual([false, false]);
  });

  it("that changes is as plain as one that is read, and its other attributes are not", () => {
    const secrets = planOf({
      resource_changes: [
        {
          type: "aws_ssm_parameter",
          provider_name,
          change: {
            before: { type: "SecureString", value: "was-encrypted" },
            after: { type: "String", value: "in-the-clear", description: "hidden-by-root" },
            before_sensitive: { value: true },
            after_sensitive: { value: true, description: true },
          },
        },
      ],
    });

    expect(["was-encrypted", "in-the-clear", "hidden-by-root"].map((each) => isSecret(each, secrets))).toEqual([
      true,
      false,
      true,
    ]);
    expect(isPlainThoughMarked("in-the-clear", secrets)).toBe(true);
  });
});

it("a plan of Terraform's with secrets of every type shows none of them, in no encoding", async () => {
  const plan = parseExact(await readFile(new URL("../fixtures/sensitive-nested.json", import.meta.url), "utf8"));

  const shown = shownOf(plan, secretsOf(plan));

  expect(new Set(shown.filter((each) => !/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(each)))).toEqual(
    new Set(["small", "large", "null"]),
  );
});

const anything = fc.jsonValue().map(exact);

it("what is no secret stays as it is", () => {
  fc.assert(
    fc.property(anything, fc.stringMatching(/^[a-z ]{0,80}$/), (value, text) => {
      expect(isSecret(value, noSecrets)).toBe(false);
      expect(withoutSecrets(text, output(["0123456789", "ÄÖÜäöü"]))).toBe(text);
    }),
  );
});

it("masks the longest of what overlaps, and nothing beside it", () => {
  const secrets = output(["correct-horse", "correct-horse-battery", "horse-battery-staple"]);

  expect(withoutSecrets("a correct-horse-battery-staple, a correct-horse b", secrets)).toBe(
    "a (sensitive value), a (sensitive value) b",
  );
});

it("masks again what it has masked without a change, whatever the secrets are", () => {
  const parts = fc.constantFrom("(sensitive value)", "sensitive", "value)", "(sens", "itive ", "abcdef", " ", "x");
  const text = fc.array(parts, { maxLength: 12 }).map((all) => all.join(""));

  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 4 }), (said, hidden) => {
      const secrets = output(hidden);
      const masked = withoutSecrets(said, secrets);

      expect(withoutSecrets(masked, secrets)).toBe(masked);
    }),
    { numRuns: 300 },
  );
});

it("a page's mask says why it hides a value, and shows what is marked for no reason", () => {
  const parameter = { type: "aws_ssm_parameter", provider_name: "registry.terraform.io/hashicorp/aws" };
  const values = { type: "String", value: "sg-0a1b2c3d" };
  const mask = maskOf(
    secretsOf(
      exact({
        output_changes: { p: { after: "correct-horse", after_sensitive: true } },
        prior_state: {
          values: { root_module: { resources: [{ ...parameter, values, sensitive_values: { value: true } }] } },
        },
      }),
      secretsAnd(noSecrets, ["known before"]),
    ),
  );

  expect(mask.hides("anything", true)).toBe("marked");
  expect(mask.hides("x correct-horse x", false)).toBe("equal");
  expect(mask.hides("known before", false)).toBe("equal");
  expect(mask.hides("sg-0a1b2c3d", true)).toBeUndefined();
  expect(mask.hides("sg-0a1b2c3d", false)).toBeUndefined();
  expect([mask.hidesName("correct-horse"), mask.hidesName("name")]).toEqual([true, false]);
  expect(mask.text("it is correct-horse")).toBe("it is (sensitive value)");
});

import { describe, expect, it } from "vitest";
import { pageBytes, planPage } from "../../src/plan-page/plan-page.ts";
import { secretsOf, withoutSecrets } from "../../src/plan-page/secrets.ts";
import { planJson, resource } from "../plan-json.ts";

const SECRET = "correct-horse";

/** The page's text must not hold the secret, and must say that something is hidden. */
function expectMasked(parts: object) {
  const { bytes } = pageBytes(planPage(planJson(parts), []));
  expect(bytes).not.toContain(SECRET);
  expect(bytes).toContain('"hidden":"sensitive"');
}

describe("a sensitive value", () => {
  it("is masked where Terraform marks it", () => {
    expectMasked({
      resource_changes: [
        resource("a.x", {
          actions: ["update"],
          before: { password: "old-secret", list: [{ key: "b" }] },
          after: { password: SECRET, list: [{ key: SECRET }] },
          before_sensitive: { password: true },
          after_sensitive: { password: true, list: [{ key: true }] },
        }),
      ],
    });
  });

  it("is masked where a provider lost the mark, in another resource, output or drift", () => {
    expectMasked({
      resource_changes: [
        resource("a.marked", {
          actions: ["create"],
          before: null,
          after: { input: { password: SECRET } },
          after_sensitive: { input: { password: true } },
        }),
        resource("a.lost", {
          actions: ["delete"],
          before: { output: { password: SECRET } },
          after: null,
          before_sensitive: {},
          after_sensitive: false,
        }),
      ],
      output_changes: { leak: { actions: ["create"], before: null, after: SECRET } },
      resource_drift: [resource("a.drift", { actions: ["update"], before: { a: "x" }, after: { a: SECRET } })],
    });
  });

  it("is masked when only a variable's declaration marks it", () => {
    expectMasked({
      variables: { password: { value: SECRET } },
      configuration: { root_module: { variables: { password: { sensitive: true } } } },
      resource_changes: [resource("a.x", { actions: ["create"], before: null, after: { text: SECRET } })],
    });
  });

  it("is masked inside a longer text and in a key", () => {
    expectMasked({
      output_changes: { db: { actions: ["create"], before: null, after: SECRET, after_sensitive: true } },
      resource_changes: [
        resource("a.x", {
          actions: ["create"],
          before: null,
          after: { url: `postgres://me:${SECRET}@db`, tags: { [SECRET]: "x" } },
        }),
      ],
    });
  });

  it("is masked when only the state's values mark it", () => {
    expectMasked({
      prior_state: {
        values: { root_module: { resources: [{ values: { token: SECRET }, sensitive_values: { token: true } }] } },
      },
      resource_changes: [resource("a.x", { actions: ["create"], before: null, after: { text: SECRET } })],
    });
  });

  it("is masked as a whole where the whole attribute is marked", () => {
    expectMasked({
      resource_changes: [
        resource("a.x", {
          actions: ["create"],
          before: null,
          after: { all: { password: SECRET, port: 5432 } },
          after_sensitive: { all: true },
        }),
      ],
    });
  });

  it("is masked in a whole that becomes unknown, or whose other side is marked", () => {
    expectMasked({
      output_changes: { p: { actions: ["create"], before: null, after: SECRET, after_sensitive: true } },
      resource_changes: [
        resource("a.x", {
          actions: ["update"],
          before: { output: { deep: [{ p: SECRET }] }, other: { p: SECRET } },
          after: { other: "x" },
          after_unknown: { output: true },
          after_sensitive: { other: true },
        }),
      ],
    });
  });

  it("is masked when it is a marked number within such a whole", () => {
    const { bytes } = pageBytes(
      planPage(
        planJson({
          resource_changes: [
            resource("a.x", {
              actions: ["update"],
              before: { output: { pin: 482_913 } },
              after: {},
              after_unknown: { output: true },
              before_sensitive: { output: { pin: true } },
            }),
          ],
        }),
        [],
      ),
    );

    expect(bytes).not.toContain("482913");
  });

  it("shows that it changes, though not how", () => {
    const { resources } = planPage(
      planJson({
        resource_changes: [
          resource("a.x", {
            actions: ["update"],
            before: { p: "one" },
            after: { p: "two" },
            before_sensitive: { p: true },
            after_sensitive: { p: true },
          }),
        ],
      }),
      [],
    );

    expect(resources[0]?.attributes).toEqual([
      { path: "p", before: { hidden: "sensitive" }, after: { hidden: "sensitive" } },
    ]);
  });

  it("does not mask what only looks like a part of it, when it is short", () => {
    const { outputs } = planPage(
      planJson({
        output_changes: {
          pin: { actions: ["create"], before: null, after: "12", after_sensitive: true },
          port: { actions: ["create"], before: null, after: "8012" },
        },
      }),
      [],
    );

    expect(outputs.map(({ attributes }) => attributes[0]?.after)).toEqual([{ hidden: "sensitive" }, { value: "8012" }]);
  });
});

it("is taken out of a tool's words", () => {
  const secrets = secretsOf(
    planJson({ output_changes: { p: { actions: ["create"], before: null, after: SECRET, after_sensitive: true } } }),
  );

  expect(withoutSecrets(`invalid password "${SECRET}"`, secrets)).toBe('invalid password "(sensitive value)"');
});

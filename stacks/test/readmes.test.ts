import { readFileSync } from "node:fs";
import { join } from "node:path";
import { catalogue, services } from "@sluice/events";
import { describe, expect, it } from "vitest";
import { subscriptions } from "../subscriptions.ts";
import { root } from "./synthesized.ts";

const listed = (readme: string, heading: string) => {
  const [, section = ""] = readme.split(`## ${heading}\n`);
  return [...(section.split("\n## ")[0] ?? "").matchAll(/^- `([a-z.]+\.v\d+)`/gm)].map(([, type]) => type).sort();
};

describe.each(services)("the README of %s", (service) => {
  const readme = readFileSync(join(root, "services", service, "README.md"), "utf8");

  it("lists exactly what the service hears", () => {
    expect(listed(readme, "Consumes")).toEqual(subscriptions[service].events.map(({ type }) => type).sort());
  });

  it("lists exactly what it may publish", () => {
    const own = [...catalogue.values()].filter(({ sources }) =>
      (sources as readonly string[]).includes(`sluice.${service}`),
    );

    expect(listed(readme, "Publishes")).toEqual(own.map(({ type }) => type).sort());
  });
});

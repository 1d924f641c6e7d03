import * as z from "zod";
import { catalogue } from "./catalogue.ts";

/** JSON Schemas of every event's detail, by file name: what other systems validate against. Derived, committed, and compared by a test. */
export function jsonSchemas(): ReadonlyMap<string, string> {
  return new Map(
    [...catalogue.values()].map(({ type, says, detail }) => [
      `${type}.json`,
      `${JSON.stringify({ title: type, description: says, ...z.toJSONSchema(detail, { io: "input" }) }, null, 2)}\n`,
    ]),
  );
}

/** The catalogue as a page for people. */
export function cataloguePage(): string {
  const rows = [...catalogue.values()]
    .sort((a, b) => (a.type < b.type ? -1 : 1))
    .map(
      ({ type, sources, says }) =>
        `| [\`${type}\`](../packages/events/generated/${type}.json) | ${sources.map((source) => `\`${source}\``).join(", ")} | ${says} |`,
    );
  return [
    "# What can happen",
    "",
    "Every event of Sluice, as `packages/events` defines it. This page and the schemas are made from the definitions (`npm run generate`); who hears what is in `stacks/subscriptions.ts`.",
    "",
    "| Event | From | What is true when you hear it, and what is not yet |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

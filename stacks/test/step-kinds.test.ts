import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Service, stepKinds } from "@sluice/events";
import { describe, expect, it } from "vitest";
import { subscriptions } from "../subscriptions.ts";
import { root } from "./synthesized.ts";

const heardBy = (service: Service) => subscriptions[service].events.map(({ type }) => type);

describe.each(Object.values(stepKinds))("a step of kind $kind", ({ kind, owner, requested, completed, failed }) => {
  const service = owner.replace("sluice.", "") as Service;

  it("is done by its owner, who hears that it is asked for and has a door for it", () => {
    expect(heardBy(service)).toContain(requested.type);
    expect(existsSync(join(root, `services/${service}/src/handlers/on-${kind}-requested.ts`))).toBe(true);
  });

  it("is followed by intake and told by notifier", () => {
    expect(heardBy("intake")).toEqual(expect.arrayContaining([requested.type, completed.type, failed.type]));
    expect(heardBy("notifier")).toEqual(expect.arrayContaining([completed.type, failed.type]));
  });
});

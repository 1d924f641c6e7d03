import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Flow, startFlow } from "./harness.ts";
import { holdInvariants } from "./invariants.ts";

let flow: Flow;
beforeAll(async () => {
  flow = await startFlow("twice");
});
afterAll(() => flow?.stop());

const MONTH_MS = 30 * 24 * 3_600_000;

describe("every event twice", () => {
  it("a probe goes its way once", async () => {
    const stop = flow.cloud.front.faults.add({
      name: "everything is published twice",
      when: "after",
      matches: ({ service, action, role }) => service === "events" && action === "PutEvents" && role !== undefined,
      do: async ({ body }) => {
        for (const { Source, DetailType, Detail } of (
          body as { Entries: { Source: string; DetailType: string; Detail: string }[] }
        ).Entries)
          await flow.put(Source, DetailType, JSON.parse(Detail));
      },
    });
    const request = await flow.propose({ name: "twice", environment: "staging" });
    await flow.heard(request, "approval.opened.v1");
    await flow.decide(request);

    const end = await flow.ended(request);
    stop();

    expect(end.type).toBe("request.completed.v1");
    await holdInvariants(flow, request, "staging");
    expect(flow.runs().filter(({ command }) => command === "apply")).toHaveLength(1);
  });

  it("and every event of it again a month later changes nothing", async () => {
    const [{ request = "" } = {}] = flow.events.all;
    const before = {
      builds: flow.cloud.codebuild.builds().length,
      messages: flow.cloud.slack.messages("staging").length,
      grants: await flow.spentGrants(),
    };
    const told = [...new Map(flow.events.of(request).map((event) => [event.id, event])).values()];
    flow.cloud.clock.advance(MONTH_MS);

    for (const { source, type, detail } of told) await flow.put(source, type, detail);
    const after = await flow.propose({ name: "after" });
    expect((await flow.ended(after)).type).toBe("request.completed.v1"); // The queues have been worked by then.

    expect(
      flow.cloud.codebuild
        .builds()
        .filter(({ variables }) => variables.some(({ value }) => value.includes(request.slice(4)))),
    ).toHaveLength(before.builds);
    expect(await flow.spentGrants()).toEqual(expect.arrayContaining(before.grants));
    expect(flow.cloud.slack.messages("staging")).toHaveLength(before.messages);
    await holdInvariants(flow, request, "staging");
  });
});

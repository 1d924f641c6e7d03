import type { People } from "@sluice/words";
import { describe, expect, it } from "vitest";
import { catchUp } from "../../src/core/hear.ts";
import { event, itinerary, NOON, people, REQUEST, say, wordsOf, world } from "../factories.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** A request that waits for approval from noon on, as the notifier has shown it. */
async function waiting({
  forMs = 4 * HOUR,
  opened = {},
  groups = people,
}: Readonly<{ forMs?: number; opened?: object; groups?: People }> = {}) {
  const here = world(groups);
  const gate = say.opened({ until: new Date(NOON + forMs).toISOString(), ...opened });
  const told = { ...gate, metadata: { ...gate.metadata, occurredAt: new Date(NOON).toISOString() } };
  await here.hearAll(say.accepted(itinerary()), say.planned(), told);
  const reminders = () => here.inThread().filter((text) => text.includes("still waits"));
  /** What the sweep does at that time, as often as it finds something due. */
  const sweep = async (at: number) => {
    here.clock.now = at;
    if ((here.store.dueAt ?? Infinity) <= at) await catchUp(here.ports, REQUEST);
  };
  return { ...here, reminders, sweep };
}

describe("who may decide is called again", () => {
  it("at half of the time and 15 minutes before its end, once each", async () => {
    const { sweep, reminders, store } = await waiting();
    const after: Record<string, number> = {};

    for (const minutes of [1, 119, 120, 121, 224, 225, 226, 239]) {
      await sweep(NOON + minutes * MINUTE);
      await sweep(NOON + minutes * MINUTE);
      after[minutes] = reminders().length;
    }

    expect(after).toEqual({ 1: 0, 119: 0, 120: 1, 121: 1, 224: 1, 225: 2, 226: 2, 239: 2 });
    expect(store.dueAt, "nothing is to come").toBeUndefined();
    expect(reminders()[0]).toBe(
      "Virtual machine web-7 in staging still waits for approval of plan 9f3a61c2, by one of <@UCAROL>, <@UDAN>. Until <!date^1795449600^{time}|16:00 UTC>, then it is refused.",
    );
  });

  it("only 15 minutes before the end of less than an hour, and not at all of less than that", async () => {
    const short = await waiting({ forMs: 50 * MINUTE });
    for (const minutes of [25, 34, 35, 36]) await short.sweep(NOON + minutes * MINUTE);
    expect(short.reminders()).toHaveLength(1);

    const shorter = await waiting({ forMs: 15 * MINUTE });
    expect(shorter.store.dueAt).toBeUndefined();
  });

  it("once, where the sweep was late for both, and never when the time is over", async () => {
    const late = await waiting();
    await late.sweep(NOON + 230 * MINUTE);
    expect(late.reminders()).toHaveLength(1);

    const over = await waiting();
    await over.sweep(NOON + 241 * MINUTE);
    expect(over.reminders()).toHaveLength(0);
  });

  it.each([
    ["is decided", say.granted],
    ["is rejected", () => say.denied({ by: "person_carol" })],
    ["was withdrawn", () => event("request.withdrawn.v1")],
    ["is about a plan that was made again", () => say.planned(undefined, 2)],
  ])("not about what %s", async (_, ends) => {
    const { hearAll, reminders, sweep, store } = await waiting();

    await hearAll(ends());

    expect(store.dueAt).toBeUndefined();
    await sweep(NOON + 225 * MINUTE);
    expect(reminders()).toHaveLength(0);
  });

  it("is due again as before, whatever else is heard or rendered meanwhile, and not said again", async () => {
    const { hearAll, store, ports, sweep, reminders } = await waiting({ opened: { needed: 2 } });
    expect(store.dueAt).toBe(NOON + 2 * HOUR);

    await hearAll(say.recorded("person_carol", 1, 2));
    expect(store.dueAt).toBe(NOON + 2 * HOUR);
    await catchUp(ports, REQUEST);
    expect(store.dueAt, "a wake that came twice").toBe(NOON + 2 * HOUR);

    await sweep(NOON + 2 * HOUR);
    await hearAll(say.recorded("person_dan", 1, 2, { lapsed: ["person_carol"] }));
    expect(reminders()).toHaveLength(1);
  });

  it("also where its time comes while the messages are brought up to date", async () => {
    const { hearAll, slack, clock, sweep, reminders } = await waiting({ opened: { needed: 2 } });
    const atTheLastCall = () => {
      clock.now = NOON + 2 * HOUR;
      return undefined;
    };
    slack.faults.push(() => undefined, atTheLastCall);

    await hearAll(say.recorded("person_carol", 1, 2));
    await sweep(NOON + 2 * HOUR);

    expect(reminders()).toHaveLength(1);
  });

  it("without whom has approved already", async () => {
    const { hearAll, sweep, reminders } = await waiting({ opened: { needed: 2 } });
    await hearAll(say.recorded("person_carol", 1, 2));

    await sweep(NOON + 2 * HOUR);

    expect(reminders()[0]).toContain("by one more (after Carol) of <@UDAN>.");
  });
});

describe("who may decide is called when it is asked for", () => {
  const shown = async (groups: People, approvers: readonly string[]) => {
    const { inChannel } = await waiting({ opened: { approvers }, groups });
    return wordsOf(inChannel("CAPPROVERS")[0]);
  };

  it("by the group's Slack user group, which calls its members", async () => {
    const groups = { ...people, userGroup: () => "S024INFRA", members: () => ["person_carol", "person_dan"] };

    expect(await shown(groups, ["person_carol", "person_dan"])).toContain("Asked to decide: <!subteam^S024INFRA>\n");
  });

  it("by name where it has none: ten of them, and how many more", async () => {
    const approvers = Array.from({ length: 13 }, (_, n) => `person_${String(n).padStart(2, "0")}`);
    const everybody = { ...people, slackUser: (id: string) => (/\d/.test(id) ? `U${id.slice(-2)}A` : undefined) };

    const words = await shown(everybody, approvers);

    expect(words.match(/<@U\d\dA>/g)).toHaveLength(10);
    expect(words).toContain("<@U09A> and 3 more");
  });

  it("by name alone whose Slack user is wrong in the directory, so that the others are called", async () => {
    const wrong = { ...people, slackUser: (id: string) => (id === "person_carol" ? "carol" : people.slackUser(id)) };

    expect(await shown(wrong, ["person_carol", "person_dan"])).toContain("Asked to decide: Carol, <@UDAN>");
  });

  it("no more once it is decided", async () => {
    const { hearAll, inChannel } = await waiting();

    await hearAll(say.granted());

    expect(wordsOf(inChannel("CAPPROVERS")[0])).not.toContain("Asked to decide");
  });
});

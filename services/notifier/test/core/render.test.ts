import type { AnyEvent } from "@sluice/events";
import { describe, expect, it } from "vitest";
import { catchUp, hear } from "../../src/core/hear.ts";
import { event, factsOf, itinerary, planOutput, REQUEST, say, wholeStory, wordsOf, world } from "../factories.ts";

const later =
  (here: ReturnType<typeof world>, ms = 30_000) =>
  () => ({ laterAtMs: here.clock.now + ms });

describe("showing a request", () => {
  it("keeps one message in its channel and one per gate among the approvers, changed in place", async () => {
    const here = world();

    await here.hearAll(...wholeStory());

    expect(here.inChannel("CSTAGING").map(wordsOf)).toEqual([expect.stringContaining("is ready in staging")]);
    expect(here.inChannel("CAPPROVERS").map(wordsOf)).toEqual([expect.stringContaining("✓ Approved by Carol")]);
    expect(here.inThread()).toHaveLength(6);
    expect(here.store.dueAt).toBeUndefined();
  });

  it("posts nothing twice when everything is heard twice", async () => {
    const [once, twice] = [world(), world()];
    const story = wholeStory();

    await once.hearAll(...story);
    await twice.hearAll(...story, ...story);

    expect(twice.inChannel("CSTAGING")).toEqual(once.inChannel("CSTAGING"));
    expect(twice.inThread()).toEqual(once.inThread());
  });

  it("shows nothing before the acceptance, and all of it then", async () => {
    const here = world();
    const [accepted, ...rest] = wholeStory().slice(0, 8);

    await here.hearAll(...rest);
    expect(here.slack.calls).toEqual([]);

    await here.hearAll(...(accepted ? [accepted] : []));
    expect(here.inChannel("CSTAGING").map(wordsOf)).toEqual([expect.stringContaining("◐ Approval")]);
    expect(here.inChannel("CAPPROVERS")).toHaveLength(1);
  });

  it("gives a newer gate a message of its own, and says on the older one that it is superseded", async () => {
    const here = world();

    await here.hearAll(say.accepted(), say.planned(), say.opened(), say.planned(planOutput(), 2), say.opened({}, 2));

    expect(here.inChannel("CAPPROVERS").map(wordsOf)).toEqual([
      expect.stringContaining("Superseded"),
      expect.stringContaining("Approve virtual machine"),
    ]);
  });

  it("comes back when Slack said to, and then shows the newest", async () => {
    const here = world();
    here.slack.faults.push(later(here));

    await here.hearAll(say.accepted());
    expect(here.slack.calls).toEqual([]);
    expect(here.store.dueAt).toBe(here.clock.now + 30_000);

    here.clock.now += 30_000;
    await catchUp(here.ports, REQUEST);
    expect(here.inChannel("CSTAGING")).toHaveLength(1);
    expect(here.store.dueAt).toBeUndefined();
  });

  it("goes on where it stopped when Slack is full half-way, and posts nothing again", async () => {
    const here = world();
    here.slack.faults.push(() => undefined, later(here)); // The request's message stands; the gate's does not.
    for (const fact of factsOf([say.planned(), say.opened()])) await here.store.keep(fact);

    await here.hearAll(say.accepted());
    expect(here.inChannel("CAPPROVERS")).toHaveLength(0);

    await catchUp(here.ports, REQUEST);
    expect(here.inChannel("CSTAGING")).toHaveLength(1);
    expect(here.inChannel("CAPPROVERS")).toHaveLength(1);
  });

  it("does not try again what Slack refuses for good", async () => {
    const here = world();
    here.slack.faults.push(() => ({ never: "channel_not_found" }));

    await here.hearAll(say.accepted());

    expect(here.slack.calls).toEqual([]);
    expect(here.store.dueAt).toBeUndefined();
  });

  it("calls Slack only while it holds the lease: who comes meanwhile leaves the news to the holder", async () => {
    const here = world();
    await here.hearAll(say.accepted());
    // While the first one's call is under way, something newer is heard by another.
    here.slack.faults.push(async () => {
      await hear(here.ports, say.planned());
      return undefined;
    });

    await hear(here.ports, say.progress("plan", 1));

    const texts = here.slack.calls.filter(({ call }) => call === "update").map(({ message }) => wordsOf(message));
    expect(texts).toEqual([expect.stringContaining("◐ Plan   running"), expect.stringContaining("✓ Plan")]);
    expect(here.store.dueAt).toBeUndefined();
  });

  it("begins no call when its time is over, so that a slow renderer never overwrites what is newer", async () => {
    const here = world();
    await here.hearAll(say.accepted(), say.planned(), say.opened());
    // The first call takes so long that the lease is over and another renders in between.
    here.slack.faults.push(async () => {
      here.clock.now += 25_000;
      await hear(here.ports, say.granted());
      return undefined;
    });

    await hear(here.ports, say.recorded("person_carol"));

    expect(here.inChannel("CAPPROVERS").map(wordsOf)).toEqual([expect.stringContaining("✓ Approved")]);
    expect(here.slack.calls.filter(({ channel, call }) => channel === "CAPPROVERS" && call === "update")).toHaveLength(
      1,
    );
  });

  it("posts a new message, which is the live one, when it died before it noted where the first stands", async () => {
    const here = world();
    const dies = { ...here.ports, store: { ...here.store, notePlace: () => Promise.reject(new Error("killed")) } };
    await expect(hear(dies, say.accepted())).rejects.toThrow("killed");

    await catchUp(here.ports, REQUEST);
    expect(here.inChannel("CSTAGING")).toHaveLength(1); // The dead one still holds the lease.

    here.clock.now += 21_000;
    await here.hearAll(say.planned());
    expect(here.inChannel("CSTAGING")).toHaveLength(2);
    await here.hearAll(say.opened());
    expect(here.inChannel("CSTAGING").map(wordsOf)).toEqual([
      expect.not.stringContaining("◐ Approval   waiting"),
      expect.stringContaining("◐ Approval   waiting"),
    ]);
  });
});

describe("a private answer", () => {
  const gate = { request: REQUEST, step: "approve", attempt: 1 };
  const who = { team: "T1", user: "UBOB" };
  const refused = (code: string, data = {}) =>
    event("decision.refused.v1", {
      gate,
      who,
      code,
      decided: undefined,
      approvers: ["person_carol", "person_dan"],
      groups: ["infrastructure"],
      ...data,
    });
  const told = async (...heard: readonly AnyEvent[]) => {
    const here = world();
    await here.hearAll(...heard);
    return here.slack.calls
      .filter(({ call }) => call === "whisper")
      .map(({ channel, user, message }) => [channel, user, message.text]);
  };

  it.each([
    ["own_request", {}, "You asked for this, so someone else has to approve it. <@UCAROL> and <@UDAN> can."],
    [
      "own_request",
      { approvers: [] },
      "You asked for this, so someone else has to approve it. Nobody can at the moment.",
    ],
    [
      "not_an_approver",
      {},
      "Only members of @infrastructure can decide here. Your click was recorded; nothing was changed.",
    ],
    [
      "unknown_person",
      {},
      "Only members of @infrastructure can decide here. Your click was recorded; nothing was changed.",
    ],
    ["stale", {}, expect.stringContaining("more than 15 minutes")],
    ["expired", {}, "Nobody decided by 16:00 UTC, so this is refused. Nothing was changed by your click."],
    ["reason_missing", {}, "A rejection needs a reason. Nothing was changed."],
    [
      "closed",
      { decided: { how: "approved", by: "person_carol", at: "2026-11-23T14:09:00.000Z" } },
      "<@UCAROL> already approved this at 14:09 UTC. Nothing was changed by your click.",
    ],
    [
      "closed",
      { decided: { how: "expired", at: "2026-11-23T14:09:00.000Z" } },
      "Nobody decided in time, so this was refused. Nothing was changed by your click.",
    ],
  ])("to a click that is refused (%s) says why and what can be done", async (code, data, text) => {
    const answers = await told(say.accepted(), say.opened(), refused(code, data));

    expect(
      answers.map(([channel, user, words]) => [channel, user, words?.replace(/<!date[^|]*\|([^>]*)>/g, "$1")]),
    ).toEqual([["CAPPROVERS", "UBOB", text]]);
  });

  it("to a click of whom another system asks for does not say that they asked", async () => {
    const of = itinerary({ requester: "system_pipeline", onBehalfOf: "person_bob" });

    const answers = await told(say.accepted(of), say.opened(), refused("own_request"));

    expect(answers[0]?.[2]).toMatch(/^This was asked for by you or for you, so someone else has to approve it\./);
  });

  it("to a click on an older plan names both plans", async () => {
    const answers = await told(
      say.accepted(),
      say.opened(),
      say.opened({ changeDigest: "77b01c9e".padEnd(64, "0") }, 2),
      refused("older_attempt"),
    );

    expect(answers[0]?.[2]).toBe(
      "This button belongs to an older plan (9f3a61c2). The plan is now 77b01c9e; its message is below.",
    );
  });

  it.each(["withdrawal.refused.v1", "repetition.refused.v1", "unlock.refused.v1"])(
    "says in the environment's channel what %s says",
    async (type) => {
      const answers = await told(say.accepted(), event(type, { sentence: "It is <too> late.", who }));

      expect(answers).toEqual([["CSTAGING", "UBOB", "It is &lt;too&gt; late."]]);
    },
  );

  it("goes to who proposed what was refused, once however often it is heard", async () => {
    const proposal = event("request.refused.v1", {
      environment: "staging",
      sentence: "You may not ask for this.",
      who,
    });

    expect(await told(proposal, proposal)).toEqual([
      ["CSTAGING", "UBOB", expect.stringMatching(/^You may not ask for this\. Nothing was changed\.$/)],
    ]);
  });

  it("goes to nobody where nobody acted", async () => {
    expect(await told(say.accepted(), event("withdrawal.refused.v1", { who: undefined }))).toEqual([]);
  });

  it("fails its message while Slack is full, and is told when that comes back", async () => {
    const here = world();
    const answer = refused("reason_missing");
    here.slack.faults.push(later(here));

    await expect(hear(here.ports, answer)).rejects.toThrow(/cannot take/);
    await here.hearAll(answer);

    expect(here.slack.calls.filter(({ call }) => call === "whisper")).toHaveLength(1);
  });
});

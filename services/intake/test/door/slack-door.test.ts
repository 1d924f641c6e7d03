import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostileVersionOf, lists } from "../../../../packages/doors/test/hostile.ts";
import type { SlackCall } from "../../src/door/slack-door.ts";
import { MINUTE, noon, slackUsers, team } from "../factories.ts";
import { click, command, doorWorld, interaction, probeForm, secrets, signed, submission } from "./door-factories.ts";

const approve = () => click("approve", "req_7k3m9qx2.approve.1", slackUsers.carol);

describe("the Slack door", () => {
  it("lets in what Slack signed, and publishes with the signature as cause and its time as the click's", async () => {
    const { send, published } = doorWorld();

    expect(await send(approve())).toEqual({ status: 200, answer: undefined });

    expect(published).toMatchObject([
      {
        type: "decision.submitted.v1",
        actor: `slack:${team}/${slackUsers.carol}`,
        data: {
          gate: { request: "req_7k3m9qx2", step: "approve", attempt: 1 },
          verdict: "approve",
          signedAt: "2026-11-23T12:00:00.000Z",
        },
      },
    ]);
    expect(published[0]).not.toHaveProperty("causationId");
  });

  it("lets in a signature of up to five minutes on both sides", async () => {
    for (const off of [-4.9, 4.9]) {
      const { send } = doorWorld({ now: () => noon + off * MINUTE });
      expect(await send(approve())).toMatchObject({ status: 200 });
    }
  });

  it.each([
    ["a wrong signature", 401, { ...approve(), signature: `v0=${"0".repeat(64)}` }],
    ["a signature by another secret", 401, { ...approve(), signature: `v0=${"a".repeat(64)}` }],
    ["no signature", 401, { ...approve(), signature: undefined }],
    ["no time", 401, { ...approve(), timestamp: undefined }],
    ["a time that was not signed", 401, { ...approve(), timestamp: String(noon / 1_000 + 1) }],
    ["a signature from the past", 401, interaction({}, noon - 6 * MINUTE)],
    ["a signature from the future", 401, interaction({}, noon + 6 * MINUTE)],
    [
      "a changed body",
      401,
      { ...approve(), rawBody: Buffer.from(approve().rawBody.toString().replace("U024CAROL", "U024DAN")) },
    ],
    ["a command that is too big", 413, command("x".repeat(70_000))],
    ["an interaction that is too big", 413, signed("interactions", `payload=${"x".repeat(600_000)}`)],
    ["no payload", 400, signed("interactions", "hello=1")],
    ["a payload that is not JSON", 400, signed("interactions", "payload=%7B")],
    [
      "a payload of no kind that we know",
      400,
      interaction({ type: "shortcut", team: { id: team }, user: { id: "U1" } }),
    ],
    [
      "a person whose id no event could name",
      400,
      click("approve", "req_7k3m9qx2.approve.1", slackUsers.carol, { user: { id: "U".padEnd(25, "0") } }),
    ],
    ["a value that holds half a character", 400, click("approve", "\ud800")],
    ["a command without its fields", 400, signed("commands", "command=/sluice")],
    ["bytes that are nothing", 400, signed("commands", "\u0000\ufffd")],
  ])("refuses %s with %i, and publishes, opens and writes nothing", async (_, status, call) => {
    const { send, published, views, told, used } = doorWorld();

    expect(await send(call)).toMatchObject({ status });

    expect({ published, views, told, used: used.size }).toEqual({ published: [], views: [], told: [], used: 0 });
  });

  const approveAs = (given: object) => click("approve", "req_7k3m9qx2.approve.1", slackUsers.carol, given);
  const carolOf = (team_id: string | null) => ({ user: { id: slackUsers.carol, team_id } });

  it.each([
    ["a command in another workspace", "another_team", command("help", slackUsers.ada, { team_id: "T0OTHER" })],
    ["a click in another workspace", "another_team", approveAs({ team: { id: "T0OTHER" } })],
    ["a click in our workspace by somebody of another one", "another_team", approveAs(carolOf("T0OTHER"))],
    ["a click by somebody of an organisation that ours is not in", "another_team", approveAs(carolOf("E0OTHER"))],
    [
      "a click by somebody of another organisation than ours",
      "another_team",
      approveAs({ team: { id: team, enterprise_id: "E0OURS" }, ...carolOf("E0OTHER") }),
    ],
    ["a click without a workspace", "org_wide_install", approveAs({ team: null, ...carolOf(team) })],
    [
      "a click where the app is installed for an organisation",
      "org_wide_install",
      approveAs({ team: null, enterprise: { id: "E0OURS" }, is_enterprise_install: true, ...carolOf("E0OURS") }),
    ],
    [
      "a command where the app is installed for an organisation",
      "org_wide_install",
      command("help", slackUsers.ada, { enterprise_id: "E0OURS", is_enterprise_install: "true" }),
    ],
  ])("refuses %s with 403, tells whoever it was why, once, and does nothing else", async (_, why, call) => {
    const { send, published, views, told } = doorWorld();

    expect(await send(call)).toEqual({ status: 403, why });

    expect(told).toEqual([{ text: expect.stringMatching(/^Sluice is installed .*Nothing was changed/) }]);
    expect(await send(call)).toMatchObject({ status: 409 });
    expect({ published, views, told: told.length }).toEqual({ published: [], views: [], told: 1 });
  });

  it("refuses a form of somebody of another workspace, who has no address for an answer", async () => {
    const { send, published, told } = doorWorld();
    const form = { type: "view_submission", team: { id: team }, ...carolOf("T0OTHER"), view: { id: "V1" } };

    expect(await send(interaction(form))).toEqual({ status: 403, why: "another_team" });
    expect({ published, told }).toEqual({ published: [], told: [] });
  });

  it.each([
    ["of our workspace", carolOf(team)],
    ["of whom Slack does not say it", carolOf(null)],
    [
      "of the organisation that our workspace is in",
      { team: { id: team, enterprise_id: "E0OURS" }, ...carolOf("E0OURS") },
    ],
    ["where the app is installed in the workspace alone", { enterprise: null, is_enterprise_install: false }],
  ])("takes a click by somebody %s for our workspace's", async (_, given) => {
    const { send, published } = doorWorld();

    expect(await send(approveAs(given))).toMatchObject({ status: 200 });
    expect(published).toMatchObject([{ data: { who: { team, user: slackUsers.carol } } }]);
  });

  it("answers the second use of a signature with 409 and publishes once", async () => {
    const { send, published } = doorWorld();

    await send(approve());

    expect(await send(approve())).toMatchObject({ status: 409 });
    expect(published).toHaveLength(1);
  });

  it("publishes once when one signature comes fifty times at once", async () => {
    const { send, published } = doorWorld();

    const statuses = (await Promise.all(Array.from({ length: 50 }, () => send(approve())))).map(({ status }) => status);

    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(published).toHaveLength(1);
  });

  it("says 503 while it is not connected to Slack, before it looks at anything", async () => {
    const { send, used } = doorWorld({ secrets: async () => undefined });

    expect(await send(approve())).toEqual({ status: 503, why: "not_configured" });
    expect(used.size).toBe(0);
  });

  it.each([
    ["as Slack sends it", "ssl_check=1&token=Jhj5dZrVaK7ZwHHjRyZWjbDl"],
    ["with a click beside it", `ssl_check=1&${approve().rawBody}`],
  ])(
    "answers Slack's look at its certificate, which is not signed, with 200, and does nothing: %s",
    async (_, body) => {
      const secrets = async () => {
        throw new Error("no secret is needed for it");
      };
      const { send, published, told, used } = doorWorld({ secrets });

      for (const at of ["commands", "interactions"] as const) {
        const call = { at, rawBody: Buffer.from(body), timestamp: undefined, signature: undefined };
        expect(await send(call)).toEqual({ status: 200, answer: undefined });
      }
      expect({ published, told, used: used.size }).toEqual({ published: [], told: [], used: 0 });
    },
  );

  it.each([
    ["another value", "ssl_check=0"],
    ["another word", "ssl_check=true"],
    ["no value", "ssl_check="],
    ["the words in a field", "text=ssl_check%3D1"],
    ["more than Slack sends", `ssl_check=1&x=${"x".repeat(2_000)}`],
  ])("wants a signature for a look at its certificate with %s", async (_, body) => {
    const { send } = doorWorld();
    const call = { at: "commands", rawBody: Buffer.from(body), timestamp: undefined, signature: undefined } as const;

    expect(await send(call)).toEqual({ status: 401, why: "missing" });
  });

  it("does or refuses whatever stands in a click or a form, and never breaks on it", async () => {
    const bodyOf = ({ rawBody }: SlackCall) => JSON.parse(new URLSearchParams(rawBody.toString()).get("payload") ?? "");
    const good = [click("approve", "x"), click("open_form", "x"), submission("ask", probeForm()), submission("x", {})];
    const hostile = fc.constantFrom(...good.map(bodyOf)).chain(hostileVersionOf);

    await fc.assert(
      fc.asyncProperty(hostile, async (payload) => {
        const { send } = doorWorld();
        const { status } = await send(signed("interactions", new URLSearchParams({ payload }).toString()));
        expect([200, 400, 403]).toContain(status);
      }),
      { numRuns: 300 },
    );
  });

  it("passes by what it does not read, however deep it is", async () => {
    const { send } = doorWorld();
    const payload = new URLSearchParams(approve().rawBody.toString())
      .get("payload")
      ?.replace("{", `{"message":${lists(50_000)},`);

    expect(
      await send(signed("interactions", new URLSearchParams({ payload: payload ?? "" }).toString())),
    ).toMatchObject({
      status: 200,
    });
  });

  it("keeps the secrets and the body out of what it says about a refusal", async () => {
    const { send } = doorWorld();
    const calls = [
      { ...approve(), signature: `v0=${"0".repeat(64)}` },
      command("xoxp-somebody's-token", "not a user", {}),
      signed("interactions", `payload=${encodeURIComponent('{"token":"abc-secret"')}`),
    ];

    for (const call of calls) {
      const said = JSON.stringify(await send(call));
      for (const word of [secrets.signingSecret, secrets.botToken, "abc-secret", "somebody"])
        expect(said).not.toContain(word);
    }
  });

  it("answers an unknown button and an unknown form in words, and publishes nothing", async () => {
    const { send, published, told } = doorWorld();

    expect(await send(click("explode", "req_7k3m9qx2"))).toEqual({ status: 200, answer: undefined });
    expect(await send(click("constructor", "req_7k3m9qx2"))).toEqual({ status: 200, answer: undefined });
    expect(await send(click("approve", "nonsense"))).toEqual({ status: 200, answer: undefined });
    expect(told.map(({ text }) => text)).toEqual(
      Array(3).fill("Sluice does not know this button any more. Nothing was changed."),
    );

    const form = await send(submission("explode", {}));
    expect(form).toMatchObject({ status: 200, answer: { response_action: "update" } });
    expect(published).toEqual([]);
  });

  it("takes a closed form for what it is", async () => {
    const { send, published } = doorWorld();
    const closed = { type: "view_closed", team: { id: team }, user: { id: "U1A" }, view: { id: "V1" } };

    expect(await send(interaction(closed))).toEqual({ status: 200, answer: undefined });
    expect(published).toEqual([]);
  });
});

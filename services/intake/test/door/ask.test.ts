import { describe, expect, it } from "vitest";
import { MINUTE, noon, slackUsers, team } from "../factories.ts";
import { click, command, doorWorld, formRequest, interaction, probeForm, submission } from "./door-factories.ts";

const answerOf = (outcome: object) => (outcome as { answer?: Record<string, unknown> }).answer;
const blocksOf = (view: { blocks: readonly { block_id?: string }[] } | undefined) =>
  view?.blocks.map(({ block_id }) => block_id).filter(Boolean);

describe("/sluice", () => {
  it("opens the form, with the request's id in it", async () => {
    const { send, views, published } = doorWorld();

    expect(await send(command(""))).toEqual({ status: 200, answer: undefined });

    expect(views).toHaveLength(1);
    expect(views[0]?.view).toMatchObject({
      callback_id: "ask",
      private_metadata: JSON.stringify({ request: formRequest }),
    });
    expect(blocksOf(views[0]?.view)).toEqual([
      "blueprint",
      "environment",
      "reason",
      "virtual-machine.name",
      "virtual-machine.size",
      "virtual-machine.disk_gib",
      "virtual-machine.open_https",
    ]);
    expect(published).toEqual([]);
  });

  it("opens it filled in with what was typed, also with what the schema would refuse", async () => {
    const { send, views } = doorWorld();

    await send(command("probe name='Web 7' environment=staging reason=“load test”"));

    const form = JSON.stringify(views[0]?.view);
    expect(form).toContain('"initial_value":"Web 7"');
    expect(form).toContain('"initial_value":"load test"');
    expect(form).toContain('"initial_option":{"value":"staging"');
  });

  it.each([
    ["cluster", "There is no blueprint `cluster`"],
    ["probe size=large", "There is no value `size`"],
    ["probe name=a name=b", "“name” is given twice."],
    ["probe name='a", "A quotation mark is open"],
    ["probe please", "I do not know what to do with `please`"],
    ["<!channel>", "`&lt;!channel&gt;`"],
  ])("answers %j privately, and opens nothing", async (text, sentence) => {
    const { send, views } = doorWorld();

    const answer = answerOf(await send(command(text)));

    expect(answer).toMatchObject({ response_type: "ephemeral", text: expect.stringContaining(sentence) });
    expect(views).toEqual([]);
  });

  it("tells help privately", async () => {
    const answer = answerOf(await doorWorld().send(command("help")));

    expect(answer).toMatchObject({ response_type: "ephemeral", text: expect.stringContaining("/sluice status") });
  });

  it.each([slackUsers.eve, slackUsers.gone])(
    "refuses %s privately, whom the directory does not know as active",
    async (user) => {
      const { send, views } = doorWorld();

      expect(answerOf(await send(command("", user)))).toMatchObject({
        response_type: "ephemeral",
        text: expect.stringContaining("does not know you"),
      });
      expect(views).toEqual([]);
    },
  );

  it("tells somebody who may ask for nothing so", async () => {
    const { send, views } = doorWorld();

    expect(answerOf(await send(command("", slackUsers.bob)))).toMatchObject({
      text: expect.stringContaining("may not ask for anything"),
    });
    expect(views).toEqual([]);
  });

  it.each(["expired", "silent"] as const)(
    "offers a button when the trigger was %s, and the button opens the same form",
    async (slack) => {
      const late = doorWorld({ slack });

      const answer = answerOf(await late.send(command("probe name=smoke")));

      const text = JSON.stringify(answer);
      expect(text).toContain("Open form");
      expect(text).toContain("Nothing was sent.");
      expect(text).toContain('"value":"probe name=smoke"');
      const { send, views } = doorWorld();
      await send(click("open_form", "probe name=smoke"));
      expect(JSON.stringify(views[0]?.view)).toContain('"initial_value":"smoke"');
    },
  );

  it("is the same form of the same request when another blueprint is chosen, with that one's fields", async () => {
    const { send, views } = doorWorld();

    await send(
      interaction({
        type: "block_actions",
        team: { id: team },
        user: { id: slackUsers.ada },
        trigger_id: "1.2.abc",
        container: { type: "view", view_id: "V1" },
        actions: [
          { type: "static_select", action_id: "value", block_id: "blueprint", selected_option: { value: "probe" } },
        ],
        view: {
          id: "V1",
          hash: "h",
          callback_id: "ask",
          private_metadata: JSON.stringify({ request: formRequest }),
          state: { values: probeForm({ reason: "kept" }) },
        },
      }),
    );

    expect(views).toMatchObject([
      { call: "update", view: { private_metadata: JSON.stringify({ request: formRequest }) } },
    ]);
    expect(blocksOf(views[0]?.view)).toEqual([
      "blueprint",
      "environment",
      "reason",
      "probe.name",
      "probe.note",
      "probe.seconds",
    ]);
    expect(JSON.stringify(views[0]?.view)).toContain('"initial_value":"kept"');
  });
});

describe("a sent form", () => {
  it("proposes the request whose id it got when it opened", async () => {
    const { send, published } = doorWorld();

    expect(await send(submission("ask", probeForm()))).toEqual({ status: 200, answer: undefined });

    expect(published).toMatchObject([
      {
        type: "request.proposed.v1",
        data: {
          request: formRequest,
          blueprint: "probe",
          environment: "staging",
          reason: "load test",
          parameters: { name: "smoke" },
          who: { team, user: slackUsers.ada },
          signedAt: new Date(noon).toISOString(),
        },
      },
    ]);
  });

  it.each([
    ["probe.name", { name: "Web 7" }, slackUsers.ada, "Web 7"],
    ["probe.name", { name: "$(id)" }, slackUsers.ada, "Use 3 to 30"],
    ["probe.name", { name: "-destroy" }, slackUsers.ada, "Use 3 to 30"],
    ["probe.name", { name: "a\u202eb" }, slackUsers.ada, "Use 3 to 30"],
    ["probe.note", { note: "x".repeat(3_000) }, slackUsers.ada, "300"],
    ["reason", { reason: " " }, slackUsers.ada, "staging wants a reason"],
    ["reason", { reason: "\u2800\u3164 \u200b" }, slackUsers.ada, "staging wants a reason"],
    ["reason", { reason: "x".repeat(501) }, slackUsers.ada, "at most 500"],
    ["environment", { environment: "production" }, slackUsers.ada, "Use sandbox or staging."],
    ["environment", { environment: "__proto__" }, slackUsers.ada, "Use sandbox or staging."],
    ["environment", {}, slackUsers.bob, "You may not ask for probe in staging."],
    ["blueprint", { blueprint: "cluster" }, slackUsers.ada, "Use one of the list."],
    ["blueprint", {}, slackUsers.eve, "does not know you"],
    ["blueprint", {}, slackUsers.gone, "does not know you"],
  ] as const)("comes back with an error at %s: %j by %s, and nothing is sent", async (field, given, user, sentence) => {
    const { send, published } = doorWorld();

    const answer = answerOf(await send(submission("ask", probeForm(given), user)));

    expect(answer).toEqual({ response_action: "errors", errors: { [field]: expect.stringContaining(sentence) } });
    expect(published).toEqual([]);
  });

  it.each([
    ["open", 20, "You have 20 open requests"],
    ["plans", 30, "You have asked for 30 plans in this hour"],
  ])(
    "comes back, and nothing that was typed is lost, when its person has used up theirs: %s, %i",
    async (of, many, sentence) => {
      const { send, published, quota } = doorWorld();
      const hour = Math.floor(noon / (60 * MINUTE));
      quota.used = { ...quota.used, hour, [of]: Array.from({ length: many }, (_, n) => `req_${n}`) };

      const answer = answerOf(await send(submission("ask", probeForm())));

      expect(answer).toEqual({ response_action: "errors", errors: { blueprint: expect.stringContaining(sentence) } });
      expect(published).toEqual([]);
    },
  );

  it("needs no reason in the sandbox", async () => {
    const { send, published } = doorWorld();

    await send(submission("ask", probeForm({ environment: "sandbox", reason: "" })));

    expect(published).toHaveLength(1);
    expect(published[0]?.data).not.toHaveProperty("reason");
  });

  it("keeps hostile text as text", async () => {
    for (const note of [
      "$(id)",
      "{{ lookup('pipe','id') }}",
      `\${file("/etc/passwd")}`,
      "<!channel> <@U1>",
      "a\u202eb",
      "one\ntwo",
    ]) {
      const { send, published } = doorWorld();
      await send(submission("ask", probeForm({ note })));
      expect(published[0]?.data).toMatchObject({ parameters: { name: "smoke", note } });
    }
  });
});

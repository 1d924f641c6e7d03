import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { proposeByPerson } from "../../src/core/propose.ts";
import { noon, proposed, request, slackUsers, team, world } from "../factories.ts";
import { command, doorWorld, formRequest, interaction, probeForm, reasonTyped, signed } from "./door-factories.ts";

type Json = Readonly<Record<string, unknown>>;

/** Payloads with everything that Slack documents: https://docs.slack.dev/reference/interaction-payloads */
const common = {
  token: "deprecated",
  api_app_id: "A0SLUICE",
  trigger_id: "8036.2.9d1c",
  team: { id: team, domain: "acme", enterprise_id: null, enterprise_name: null },
  user: { id: slackUsers.ada, username: "ada", name: "ada", team_id: team },
  enterprise: null,
  is_enterprise_install: false,
};
const shown = (callback_id: string, about: object, values: object) => ({
  id: "V0FORM",
  team_id: team,
  type: "modal",
  blocks: [{ type: "section", block_id: "b", text: { type: "mrkdwn", text: "What", verbatim: false } }],
  private_metadata: JSON.stringify(about),
  callback_id,
  state: { values },
  hash: "1664950703.CmTS8F7U",
  title: { type: "plain_text", text: "Ask", emoji: true },
  clear_on_close: false,
  notify_on_close: false,
  close: { type: "plain_text", text: "Cancel", emoji: true },
  submit: null,
  previous_view_id: null,
  root_view_id: "V0FORM",
  app_id: "A0SLUICE",
  external_id: "",
  app_installed_team_id: team,
  bot_id: "B0SLUICE",
});
const pressed = (action: object) => ({
  ...common,
  type: "block_actions",
  container: { type: "message", message_ts: "1795435200.000100", channel_id: "C0STAGING01", is_ephemeral: false },
  channel: { id: "C0STAGING01", name: "staging" },
  message: { type: "message", user: "U0SLUICE", bot_id: "B0SLUICE", ts: "1795435200.000100", text: "…", blocks: [] },
  state: { values: {} },
  response_url: "https://hooks.slack.com/actions/T024BE7LD/1/abc",
  actions: [{ type: "button", block_id: "decide", action_ts: "1795435201.000200", style: "primary", ...action }],
});
const inWindow = (action: object, view: object) => ({
  ...common,
  type: "block_actions",
  container: { type: "view", view_id: "V0FORM" },
  view,
  actions: [{ block_id: "blueprint", action_ts: "1795435201.000200", ...action }],
});
const form = shown("ask", { request: formRequest }, probeForm());
const chosen = { text: { type: "plain_text", text: "Probe", emoji: true }, value: "probe" };

const payloads: Readonly<Record<string, Json>> = {
  approve: pressed({ action_id: "approve", value: `${request}.approve.1` }),
  "see plan": pressed({ action_id: "see_plan", value: `${request}.plan.1` }),
  withdraw: pressed({ action_id: "withdraw", value: request }),
  change: pressed({ action_id: "change", value: request }),
  "another blueprint": inWindow({ type: "static_select", action_id: "value", selected_option: chosen }, form),
  "another page": inWindow({ type: "button", action_id: "next_page", value: `${request}.plan.1.2` }, form),
  "a form": { ...common, type: "view_submission", view: form, response_urls: [] },
  "a reason": {
    ...common,
    type: "view_submission",
    view: shown("withdraw", { request }, reasonTyped("no need")),
    response_urls: [],
  },
  "a rejection": {
    ...common,
    type: "view_submission",
    view: { ...shown("reject", {}, reasonTyped("too big")), private_metadata: `${request}.approve.1` },
    response_urls: [],
  },
  "a closed form": { ...common, type: "view_closed", view: form, is_cleared: false },
};

/** Ada's request, accepted once for all: what a click is about. */
const accepted = (async () => {
  const { ports, store } = world();
  await proposeByPerson(ports, proposed());
  return store.records;
})();

async function door() {
  const made = doorWorld();
  for (const [id, record] of await accepted) made.store.records.set(id, record);
  return made;
}

/** The same, with something else in one place, or without that place. A place is its keys from the top, with points between. */
function changed(payload: Json, place: string, value: unknown): Json {
  const copy = structuredClone(payload);
  const keys = place.split(".");
  const last = keys.pop() ?? "";
  const parent = keys.reduce<unknown>((inside, key) => (isJson(inside) ? inside[key] : undefined), copy);
  if (!isJson(parent)) return copy;
  if (value === ABSENT) Reflect.deleteProperty(parent, last);
  else Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}
const ABSENT = Symbol("absent");
const isJson = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const placesIn = (value: unknown, at = ""): string[] =>
  isJson(value)
    ? Object.entries(value).flatMap(([key, inside]) => [at + key, ...placesIn(inside, `${at}${key}.`)])
    : [];

describe("what Slack sends is taken", () => {
  it.each(Object.keys(payloads))("as it is documented: %s", async (name) => {
    const { send } = await door();

    expect(await send(interaction(payloads[name] ?? {}))).toMatchObject({ status: 200 });
  });

  const optional: readonly (readonly [name: string, places: readonly string[]])[] = [
    ["approve", ["enterprise", "is_enterprise_install", "team.enterprise_id", "user.team_id", "user.name", "state"]],
    ["approve", ["response_url", "container", "container.channel_id", "container.message_ts", "channel", "message"]],
    ["approve", ["view", "actions.0.block_id", "actions.0.action_ts", "actions.0.selected_option"]],
    ["see plan", ["response_url", "actions.0.value"]],
    ["another page", ["view.root_view_id", "view.previous_view_id", "view.hash", "view.state", "view.state.values"]],
    ["another blueprint", ["view.callback_id", "view.private_metadata", "actions.0.selected_option"]],
    ["a form", ["view.state", "view.state.values", "view.hash", "view.root_view_id", "trigger_id", "response_urls"]],
    ["a form", ["view.private_metadata", "view.callback_id", "view.state.values.reason.value.value"]],
    ["a reason", ["view.state.values", "view.private_metadata"]],
    ["a rejection", ["view.state", "view.private_metadata"]],
    ["a closed form", ["view.state", "view.hash", "view.callback_id", "is_cleared", "user.team_id"]],
  ];
  const each = optional.flatMap(([name, places]) => places.map((place) => [name, place] as const));

  it.each(each)("%s, with null for %s, or without it", async (name, place) => {
    for (const nothing of [null, ABSENT]) {
      const { send } = await door();

      expect(await send(interaction(changed(payloads[name] ?? {}, place, nothing)))).toMatchObject({ status: 200 });
    }
  });

  it.each([{}, { values: {} }, { values: null }, null])("a form without a value, with the state %j", async (state) => {
    const { send, published } = await door();

    expect(await send(interaction(changed(payloads["a form"] ?? {}, "view.state", state)))).toMatchObject({
      status: 200,
      answer: { response_action: "errors", errors: { blueprint: expect.stringMatching(/^Use one/) } },
    });
    expect(published).toEqual([]);
  });

  it.each(["", "{", "null", "[]", '"ask"', "{}", '{"request":"../x"}', '{"request":{"__proto__":1}}', "nonsense"])(
    "a form about %j is none of ours: it is told, and nothing comes of it",
    async (about) => {
      for (const name of ["a form", "a reason", "a rejection"]) {
        const { send, published } = await door();
        const odd = changed(payloads[name] ?? {}, "view.private_metadata", about);

        expect(await send(interaction(odd))).toMatchObject({ status: 200, answer: { response_action: "update" } });
        expect(published).toEqual([]);
      }
    },
  );
});

describe("whatever was signed", () => {
  const texts = ["", " ", "x", "__proto__", "constructor", "\u0000", "\ud800", "x".repeat(4_000)];
  const objects: unknown[] = [
    [],
    [null],
    [[]],
    {},
    { id: null },
    { values: [] },
    { toString: 1 },
    { value: { value: {} } },
  ];
  const odd = fc.constantFrom<unknown>(ABSENT, null, true, 0, -1, 1e21, ...texts, ...objects);
  const mutations = fc.array(fc.tuple(fc.nat(), odd), { minLength: 1, maxLength: 3 });
  const answered = [200, 400, 403];

  it("is answered with a status and no crash, whatever stands in a place of a real interaction", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.values(payloads)), mutations, async (payload, all) => {
        const { send } = await door();
        const hostile = all.reduce((so, [at, value]) => {
          const places = placesIn(so);
          return changed(so, places[at % places.length] ?? "", value);
        }, payload);

        expect(answered).toContain((await send(interaction(hostile))).status);
      }),
      { numRuns: 400 },
    );
  });

  it("is answered with a status and no crash, whatever stands in a field of a command", async () => {
    const { rawBody } = command("help");
    const fields = ["is_enterprise_install", ...new URLSearchParams(rawBody.toString()).keys()];
    const text = fc.constantFrom(
      ...texts,
      "list sandbox",
      "status req_1",
      "probe name='a",
      "true",
      "file:///etc/passwd",
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...fields), text, { maxKeys: 3 }), async (given) => {
        const { send } = await door();

        expect(answered).toContain((await send(command("help", slackUsers.ada, given))).status);
      }),
    );
  });

  it("is answered with a status and no crash, whatever the body is", async () => {
    const bytes = fc.uint8Array({ maxLength: 60 }).map((some) => Buffer.from(some).toString("latin1"));
    const body = fc.oneof(
      bytes,
      bytes.map((some) => `payload=${some}`),
      fc.json().map((json) => `payload=${encodeURIComponent(json)}`),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("commands" as const, "interactions" as const), body, async (at, text) => {
        const { send, published } = await door();

        expect((await send(signed(at, text, noon))).status).toBe(400);
        expect(published).toEqual([]);
      }),
    );
  });
});

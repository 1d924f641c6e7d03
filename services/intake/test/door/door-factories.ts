import type { ModalView } from "@slack/types";
import { catalogue, ObjectRef, PrincipalId, RequestId } from "@sluice/events";
import { checkLimits, signSlackRequest } from "@sluice/slack";
import { type Owed, sha256Of } from "@sluice/steps";
import { nothingUsed } from "../../src/core/quotas.ts";
import type { DoorPorts, PrivateMessage } from "../../src/door/ports.ts";
import { answerSlack, type SlackCall, type SlackDoor } from "../../src/door/slack-door.ts";
import { directory, environments, memoryStore, noon, slackUsers, team } from "../factories.ts";

export const secrets = { signingSecret: "8f742231b10e8888abcd99yyyzzz85a5", botToken: "xoxb-test", team };
export const formRequest = RequestId.parse("req_01formformform");

/** The door in memory: what it published, what Slack was asked to show, and what was told privately. */
export function doorWorld(given: Partial<SlackDoor> & { slack?: "expired" | "silent" } = {}) {
  const published: Owed[] = [];
  const views: { call: "open" | "update"; view: ModalView }[] = [];
  const told: PrivateMessage[] = [];
  const used = new Set<string>();
  const results = new Map<string, string>();
  const quota = { used: nothingUsed(PrincipalId.parse("person_ada")) };
  const store = memoryStore();
  const shown = (call: "open" | "update", view: ModalView) => {
    const violations = checkLimits(view);
    if (violations.length > 0) throw new Error(`Slack would refuse this: ${JSON.stringify(violations)}`);
    views.push({ call, view });
    if (given.slack === "expired") return { outcome: "refused" as const, error: "expired_trigger_id", details: [] };
    if (given.slack === "silent") return { outcome: "unavailable" as const, reason: "TimeoutError" };
    return { outcome: "done" as const, value: { id: "V1", hash: "h" } };
  };
  const ports: DoorPorts = {
    requests: {
      request: store.request,
      facts: store.facts,
      inventory: store.inventory,
      used: async () => quota.used,
      own: async (requester) =>
        [...store.records.values()]
          .filter(({ itinerary }) => itinerary?.requester === requester)
          .map(({ request, askedAt }) => ({ request, askedAt })),
    },
    directory: async () => directory,
    result: async ({ key, sha256 }) => {
      const text = results.get(key);
      return text !== undefined && sha256Of(text) === sha256 ? text : undefined;
    },
    slack: {
      openView: async (_trigger, view) => shown("open", view),
      updateView: async (_id, view) => shown("update", view),
    },
    tell: async (_url, message) => {
      told.push(message);
    },
    publish: async (owed) => {
      for (const event of owed) catalogue.get(event.type)?.data.parse(event.data);
      published.push(...owed);
    },
    newRequest: () => formRequest,
    logUrl: (build) => `https://builds.example/${build}`,
    environments,
    quotas: { openRequests: 20, plansAnHour: 30, proposalsAnHour: 60 },
    now: () => noon,
  };
  const door: SlackDoor = {
    secrets: async () => secrets,
    claimSignature: async (signature) => !used.has(signature) && Boolean(used.add(signature)),
    ports: () => ports,
    now: () => noon,
    ...given,
  };
  const put = (key: string, text: string) => {
    results.set(key, text);
    return ObjectRef.parse({ key, versionId: "v1", sha256: sha256Of(text) });
  };
  return {
    door,
    ports,
    store,
    published,
    views,
    told,
    used,
    quota,
    put,
    send: (call: SlackCall) => answerSlack(door, call),
  };
}

/** A call as Slack signs it. */
export function signed(at: SlackCall["at"], body: string, signedAt = noon): SlackCall {
  const headers = signSlackRequest({ secret: secrets.signingSecret, rawBody: body, now: signedAt });
  return {
    at,
    rawBody: Buffer.from(body),
    timestamp: headers["x-slack-request-timestamp"],
    signature: headers["x-slack-signature"],
  };
}

export function command(text: string, user = slackUsers.ada, given: Record<string, string> = {}): SlackCall {
  const fields = {
    command: "/sluice",
    text,
    team_id: team,
    user_id: user,
    channel_id: "C0STAGING01",
    trigger_id: "1.2.abc",
    response_url: "https://hooks.slack.com/commands/1",
    ...given,
  };
  return signed("commands", new URLSearchParams(fields).toString());
}

export function interaction(payload: object, signedAt = noon): SlackCall {
  return signed("interactions", new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), signedAt);
}

export function click(actionId: string, value: string, user = slackUsers.ada, given: object = {}): SlackCall {
  return interaction({
    type: "block_actions",
    team: { id: team },
    user: { id: user },
    trigger_id: "1.2.abc",
    response_url: "https://hooks.slack.com/actions/1",
    container: { type: "message", channel_id: "C0STAGING01", message_ts: "1.1" },
    actions: [{ type: "button", action_id: actionId, block_id: "b", value }],
    ...given,
  });
}

export function submission(
  callbackId: string,
  values: object,
  user = slackUsers.ada,
  privateMetadata = JSON.stringify({ request: formRequest }),
): SlackCall {
  return interaction({
    type: "view_submission",
    team: { id: team },
    user: { id: user },
    view: { id: "V1", hash: "h", callback_id: callbackId, private_metadata: privateMetadata, state: { values } },
  });
}

const chosen = (value: string) => ({ value: { type: "static_select", selected_option: { value } } });
const typed = (value: string) => ({ value: { type: "plain_text_input", value } });

/** The form of a probe as it is sent. */
export function probeForm(
  given: { environment?: string; reason?: string; name?: string; note?: string; blueprint?: string } = {},
) {
  return {
    blueprint: chosen(given.blueprint ?? "probe"),
    environment: chosen(given.environment ?? "staging"),
    reason: typed(given.reason ?? "load test"),
    "probe.name": typed(given.name ?? "smoke"),
    "probe.note": typed(given.note ?? ""),
    "probe.seconds": typed(""),
  };
}

export const reasonTyped = (reason: string) => ({ reason: typed(reason) });

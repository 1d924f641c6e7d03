import "@sluice/http-without-websockets";
import { httpDoor, json, rawBody } from "@sluice/doors";
import { count, logger } from "@sluice/telemetry";
import { answerSlack } from "../door/slack-door.ts";
import { slackDoor } from "../door-deps.ts";

/** What a caller hears; which check it was stays in our log. */
const refusals = {
  400: { error: "malformed", message: "This is nothing that Slack sends." },
  401: { error: "not_signed", message: "The signature is not valid now." },
  403: { error: "another_team", message: "This is not from the Slack workspace that Sluice is installed in." },
  409: { error: "replayed", message: "This was received before." },
  413: { error: "too_big", message: "This is too big." },
  503: {
    error: "not_configured",
    message: "Sluice is not connected to Slack yet: its secrets for Slack are not there, or not whole.",
  },
} as const;

/** POST /api/slack/commands and POST /api/slack/interactions. */
export const handler = httpDoor(async (httpEvent) => {
  const outcome = await answerSlack(slackDoor, {
    at: httpEvent.rawPath.endsWith("/commands") ? "commands" : "interactions",
    rawBody: rawBody(httpEvent),
    timestamp: httpEvent.headers["x-slack-request-timestamp"],
    signature: httpEvent.headers["x-slack-signature"],
  });
  if (outcome.status === 200) return outcome.answer ? json(200, outcome.answer) : { statusCode: 200, body: "" };

  logger.warn("the Slack door refused", { status: outcome.status, why: outcome.why });
  count("DoorRefused", { status: String(outcome.status) });
  return json(outcome.status, refusals[outcome.status]);
});

import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { signSlackRequest } from "@sluice/slack";
import type { APIGatewayProxyEventV2, Context, SQSEvent } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { doorRequests } from "../../src/adapters/door-requests.ts";
import { secrets } from "../door/door-factories.ts";
import { outcomes, proposed, request, slackUsers, team } from "../factories.ts";
import { emulatedAccount } from "./emulated-account.ts";

type Answer = Readonly<{ statusCode: number; body: string }>;
type Door = (event: APIGatewayProxyEventV2, context: Context) => Promise<Answer>;

let account: Awaited<ReturnType<typeof emulatedAccount>>;
let slack: Door;
let health: Door;
let queue: (event: SQSEvent, context: Context) => Promise<unknown>;
beforeAll(async () => {
  account = await emulatedAccount();
  for (const [name, value] of Object.entries(account.variables)) vi.stubEnv(name, value);
  slack = (await import("../../src/handlers/slack.ts")).handler as unknown as Door;
  health = (await import("../../src/handlers/health.ts")).handler as unknown as Door;
  queue = (await import("../../src/handlers/queue.ts")).handler as unknown as typeof queue;
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await account.stop();
});

const context = { functionName: "intake", getRemainingTimeInMillis: () => 10_000 } as Context;

/** A form body as an HTTP API hands it over: in base64, header names in lower case. */
function httpEvent(fields: Record<string, string>): APIGatewayProxyEventV2 {
  const body = new URLSearchParams(fields).toString();
  return {
    rawPath: "/api/slack/commands",
    headers: signSlackRequest({ secret: secrets.signingSecret, rawBody: body, now: Date.now() }),
    body: Buffer.from(body).toString("base64"),
    isBase64Encoded: true,
  } as unknown as APIGatewayProxyEventV2;
}

const help = (user: string, text = "help") =>
  httpEvent({
    command: "/sluice",
    text,
    team_id: team,
    user_id: user,
    channel_id: "C0STAGING01",
    trigger_id: "1.2.abc",
    response_url: "https://hooks.slack.com/commands/1",
  });

const message = (source: string, { type, metadata, data }: { type: string; metadata: object; data: object }) => ({
  source,
  account: "000000000000",
  "detail-type": type,
  detail: { metadata, data },
});
const records = (...bodies: unknown[]) =>
  ({
    Records: bodies.map((body, n) => ({
      messageId: String(n),
      body: typeof body === "string" ? body : JSON.stringify(body),
    })),
  }) as SQSEvent;

describe("the doors", () => {
  it("say that Slack is not connected until both secrets have a value, and then let Slack in, once", async () => {
    const { signingSecret, botToken } = secrets;
    for (const [part, value] of [
      ["signing", { signingSecret }],
      ["bot", { botToken, team }],
    ] as const) {
      expect(await slack(help(slackUsers.ada), context)).toMatchObject({
        statusCode: 503,
        body: expect.stringContaining("not_configured"),
      });
      expect(await health({} as APIGatewayProxyEventV2, context)).toMatchObject({
        statusCode: 503,
        body: JSON.stringify({ status: "down", dependencies: { requests: "up", directory: "up", slack: "down" } }),
      });
      await account.putSecret(part, value);
    }
    expect(await health({} as APIGatewayProxyEventV2, context)).toMatchObject({ statusCode: 503 }); // From memory.
    const now = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => now + 5_000);

    const event = help(slackUsers.ada);
    expect(await slack(event, context)).toMatchObject({ statusCode: 200, body: expect.stringContaining("ephemeral") });
    expect(await slack(event, context)).toMatchObject({ statusCode: 409 });
    expect(await slack({ ...event, headers: {} }, context)).toMatchObject({ statusCode: 401 });
    expect(await health({} as APIGatewayProxyEventV2, context)).toMatchObject({
      statusCode: 200,
      body: JSON.stringify({ status: "up", dependencies: { requests: "up", directory: "up", slack: "up" } }),
    });
  });
});

describe("the queue", () => {
  it("takes a proposal up, parks what can never work, and gives back nothing", async () => {
    const proposal = message("sluice.intake", proposed());
    const forged = message("sluice.provisioner", proposed());
    const unknown = message("sluice.provisioner", {
      ...outcomes.plan(),
      data: { ...outcomes.plan().data, request: "req_00000000" },
      metadata: { ...outcomes.plan().metadata, correlationId: "req_00000000" },
    });

    const answer = await queue(records(proposal, proposal, forged, unknown, "not json"), context);

    expect(answer).toEqual({ batchItemFailures: [] });
    expect(await doorRequests(account.dynamodb, account.table).request(request)).toMatchObject({
      itinerary: { requester: "person_ada" },
    });
    const { Messages } = await new SQSClient(account.config).send(
      new ReceiveMessageCommand({
        QueueUrl: account.deadLetters,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ["All"],
      }),
    );
    expect(Messages?.map(({ MessageAttributes }) => MessageAttributes?.code?.StringValue).sort()).toEqual([
      "not_json",
      "source_not_allowed",
      "unknown_request",
    ]);
  });

  it("shows status of what was taken up", async () => {
    expect(await slack(help(slackUsers.ada, `status ${request}`), context)).toMatchObject({
      statusCode: 200,
      body: expect.stringContaining("Probe `smoke` in staging"),
    });
  });
});

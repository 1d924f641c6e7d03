import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { publisher } from "@sluice/doors";
import { RequestId } from "@sluice/events";
import { answerResponseUrl, type SlackClient, slackClient } from "@sluice/slack";
import { logger } from "@sluice/telemetry";
import { ulid } from "ulid";
import { seenSignatures } from "./adapters/seen-signatures.ts";
import { slackSecrets } from "./adapters/slack-secrets.ts";
import { buildPage } from "./door/build-page.ts";
import type { Requests } from "./door/ports.ts";
import type { SlackDoor } from "./door/slack-door.ts";
import { doorConfig } from "./door-config.ts";

/** Slack's trigger lives 3 s; what we do before and after needs its share. */
const SLACK_TIMEOUT_MS = 2_000;

const now = () => Date.now();
const dynamodb = new DynamoDBClient();
const {
  TABLE_NAME,
  DIRECTORY_BUCKET,
  JOBS_BUCKET,
  SLACK_API_URL,
  SLACK_HOOKS_URL,
  BUS_NAME,
  BUILD_PROJECTS_URL,
  ENVIRONMENTS,
  QUOTAS,
} = doorConfig;
const arns = { signing: doorConfig.SLACK_SIGNING_SECRET_ARN, bot: doorConfig.SLACK_BOT_SECRET_ARN };
const secrets = slackSecrets(new SecretsManagerClient(), arns, now);

const publish = publisher(new EventBridgeClient(), BUS_NAME, "intake", now);

/** Loaded when first needed: a decision must not wait for what only forms and windows use. */
const buckets = once(async () => {
  const [{ S3Client }, { directoryBucket }, { readResult }] = await Promise.all([
    import("@aws-sdk/client-s3"),
    import("@sluice/directory/bucket"),
    import("./adapters/result-objects.ts"),
  ]);
  const client = new S3Client();
  return { directory: directoryBucket(client, DIRECTORY_BUCKET), result: readResult.bind(null, client, JOBS_BUCKET) };
});
const requests = once(async (): Promise<Requests> => {
  const { doorRequests } = await import("./adapters/door-requests.ts");
  return doorRequests(dynamodb, TABLE_NAME);
});

export const slackDoor: SlackDoor = {
  secrets,
  claimSignature: seenSignatures(dynamodb, TABLE_NAME, now),
  now,
  ports: ({ botToken }) => ({
    requests: {
      request: async (request) => (await requests()).request(request),
      facts: async (request) => (await requests()).facts(request),
      own: async (requester, most) => (await requests()).own(requester, most),
      inventory: async (environment) => (await requests()).inventory(environment),
      used: async (person) => (await requests()).used(person),
    },
    directory: async () => (await (await buckets()).directory())?.directory,
    result: async (ref) => (await buckets()).result(ref),
    slack: logged(slackClient({ token: botToken, baseUrl: SLACK_API_URL, timeoutMs: SLACK_TIMEOUT_MS })),
    async tell(responseUrl, { text, blocks }) {
      const told = await answerResponseUrl(
        responseUrl,
        { text, ...(blocks && { blocks: blocks as never }) },
        { hooksUrl: SLACK_HOOKS_URL, timeoutMs: SLACK_TIMEOUT_MS },
      );
      if (told.outcome !== "done") logger.warn("a private answer was not taken by Slack", { answer: told });
    },
    publish,
    newRequest: () => RequestId.parse(`req_${ulid(now()).toLowerCase()}`),
    logUrl: (build) => buildPage(BUILD_PROJECTS_URL, build),
    environments: ENVIRONMENTS,
    quotas: QUOTAS,
    now,
  }),
};

/** What Slack refuses is ours to mend, so it is logged; the person is told by whoever called. */
function logged(client: SlackClient): SlackClient {
  const watched =
    <A extends unknown[], R extends { outcome: string }>(method: string, call: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      const answer = await call(...given);
      if (answer.outcome !== "done") logger.warn("Slack did not do what was asked", { method, answer });
      return answer;
    };
  return {
    ...client,
    openView: watched("views.open", client.openView),
    updateView: watched("views.update", client.updateView),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateEventBusCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ROOT_CREDENTIALS, startEmulator } from "../../../../local/account/account.ts";
import { ensureTools } from "../../../../local/setup/tools.ts";
import { PLACE } from "../../../../local/synth/synth.ts";
import { createTable } from "../../../../test/create-table.ts";
import { code, environments, directory as people } from "../factories.ts";

const names = { table: "intake", bus: "sluice", bucket: "sluice-directory" };

/** An account of its own with what intake's functions find on AWS, and the variables that point a function at it. */
export async function emulatedAccount() {
  const directory = await mkdtemp(join(tmpdir(), "sluice-intake-"));
  const root = fileURLToPath(new URL("../../../..", import.meta.url));
  const tools = await ensureTools({ root, want: ["python"] });
  const emulator = await startEmulator({ directory, tools });
  const config = { endpoint: emulator.url, region: PLACE.region, credentials: ROOT_CREDENTIALS };
  const dynamodb = new DynamoDBClient(config);
  const secrets = new SecretsManagerClient(config);

  await createTable(dynamodb, names.table, "service");
  await new EventBridgeClient(config).send(new CreateEventBusCommand({ Name: names.bus }));
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: names.bucket }));
  await s3.send(new PutObjectCommand({ Bucket: names.bucket, Key: "directory.json", Body: JSON.stringify(people) }));
  const newSecret = async (Name: string) => (await secrets.send(new CreateSecretCommand({ Name }))).ARN ?? "";
  const { QueueUrl } = await new SQSClient(config).send(new CreateQueueCommand({ QueueName: "intake-dead" }));

  const variables: Record<string, string> = {
    AWS_ENDPOINT_URL: emulator.url,
    AWS_REGION: PLACE.region,
    AWS_ACCESS_KEY_ID: ROOT_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ROOT_CREDENTIALS.secretAccessKey,
    POWERTOOLS_LOG_LEVEL: "SILENT",
    POWERTOOLS_METRICS_DISABLED: "true",
    BUS_NAME: names.bus,
    TABLE_NAME: names.table,
    BUILD_PROJECTS_URL: "https://builds.example/projects",
    DIRECTORY_BUCKET: names.bucket,
    JOBS_BUCKET: names.bucket,
    SLACK_SIGNING_SECRET_ARN: await newSecret("sluice-slack-signing"),
    SLACK_BOT_SECRET_ARN: await newSecret("sluice-slack-bot"),
    QUEUE_URL: QueueUrl ?? "",
    DEAD_LETTER_QUEUE_URL: QueueUrl ?? "",
    PARTNERS: "[]",
    QUOTAS: JSON.stringify({ openRequests: 20, plansAnHour: 30, proposalsAnHour: 60 }),
    CODE_RELEASE: JSON.stringify(code),
    ENVIRONMENTS: JSON.stringify(environments),
  };
  return {
    config,
    dynamodb,
    table: names.table,
    deadLetters: QueueUrl ?? "",
    variables,
    putSecret: async (part: "signing" | "bot", value: object) => {
      const SecretId = `sluice-slack-${part}`;
      await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(value) }));
    },
    async stop() {
      dynamodb.destroy();
      await emulator.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

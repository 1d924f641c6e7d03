import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dueItems } from "@sluice/doors";
import { documentsOf } from "@sluice/jobs";
import { ROOT_CREDENTIALS, startEmulator } from "../local/account/account.ts";
import { ensureTools } from "../local/setup/tools.ts";
import { PLACE } from "../local/synth/synth.ts";
import { createTable } from "./create-table.ts";

const TABLE = "items";
const BUILDS = "builds";

/** An account of its own with the two empty tables of an owner of jobs, as `stacks/tables.ts` makes them, for tests of adapters. */
export async function emulatedTable() {
  const directory = await mkdtemp(join(tmpdir(), "sluice-table-"));
  const root = fileURLToPath(new URL("..", import.meta.url));
  const tools = await ensureTools({ root, want: ["python"] });
  const emulator = await startEmulator({ directory, tools });
  const config = { endpoint: emulator.url, region: PLACE.region, credentials: ROOT_CREDENTIALS };
  const dynamodb = new DynamoDBClient(config);
  await createTable(dynamodb, TABLE, "service");
  await createTable(dynamodb, BUILDS, "builds");
  return {
    table: TABLE,
    builds: BUILDS,
    config,
    documents: documentsOf(dynamodb),
    async stop() {
      dynamodb.destroy();
      await emulator.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Everything that is due in a table now, as a sweep reads it. */
export async function allDue(...asked: Parameters<typeof dueItems>): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for await (const page of dueItems(...asked)) found.push(...page);
  return found;
}

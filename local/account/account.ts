import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, startProcess } from "../process/start-process.ts";
import { PLACE } from "../synth/synth.ts";

/** Sluice's own AWS account: DynamoDB, S3, SQS, EventBridge, KMS, Secrets Manager, IAM and STS on one port of loopback. */
export interface Emulator {
  readonly url: string;
  /** Who knows it may put events as an AWS service. */
  readonly emitterToken: string;
  /** Its state is in memory and ends with it. */
  stop(): Promise<void>;
}

/** The root key is the account's number, and the emulator takes it with any secret: only deployer and hosts may hold it. */
export const ROOT_CREDENTIALS = { accessKeyId: PLACE.account, secretAccessKey: "root" } as const;

/**
 * Starts the emulator with an empty account, judging every call by the caller's policies. It ends when this process ends.
 *
 * @throws when it does not start, with the last lines it printed: also where a patch finds MiniStack changed.
 */
export async function startEmulator({
  directory,
  tools,
  withoutPatches = [],
}: {
  directory: string;
  tools: { python: string };
  /** For tests only. */
  withoutPatches?: readonly string[];
}): Promise<Emulator> {
  const home = join(directory, "account");
  await mkdir(home, { recursive: true });
  const port = await freePort();
  const emitterToken = randomBytes(16).toString("hex");
  const emulator = await startProcess({
    name: "account",
    command: tools.python,
    args: [fileURLToPath(new URL("emulator.py", import.meta.url))],
    env: {
      HOME: home,
      TMPDIR: home,
      S3_DATA_DIR: join(home, "s3"),
      PYTHONUNBUFFERED: "1",
      PYTHONDONTWRITEBYTECODE: "1",
      AUTH: "true",
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      MINISTACK_REGION: PLACE.region,
      IOT_MTLS_ENABLED: "0",
      SFTP_ENABLED: "0",
      LOCAL_EMITTER_TOKEN: emitterToken,
      LOCAL_SKIP_PATCH: withoutPatches.join(","),
    },
    cwd: home,
    logFile: join(home, "emulator.log"),
    ready: (line) => /running on http/i.test(line),
  });
  return { url: `http://127.0.0.1:${port}`, emitterToken, stop: () => emulator.kill() };
}

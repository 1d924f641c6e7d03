import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startProcess } from "../../process/start-process.ts";
import { startTargets } from "../../targets/start-targets.ts";
import { type Front, startFront } from "../front.ts";

export const SLUICE = "000000000000";
export const STAGING = "111111111111";
export const SANDBOX = "222222222222";
export const REGION = "eu-west-1";

/** The two emulators and the front before them. `python` must have MiniStack and moto. */
export async function startEmulators(
  python: string,
): Promise<{ front: Front; directory: string; stop(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "sluice-front-"));
  const port = await freePort();
  const [emulator, targets] = await Promise.all([
    startProcess({
      name: "emulator",
      command: python,
      args: ["-m", "ministack"],
      env: {
        HOME: directory,
        TMPDIR: directory,
        AUTH: "true",
        BIND_HOST: "127.0.0.1",
        GATEWAY_PORT: String(port),
        IOT_MTLS_ENABLED: "0",
        SFTP_ENABLED: "0",
        S3_DATA_DIR: join(directory, "s3"),
        MINISTACK_REGION: REGION,
        PYTHONUNBUFFERED: "1",
      },
      cwd: directory,
      logFile: join(directory, "emulator.log"),
      ready: (line) => /running on http/i.test(line),
    }),
    startTargets({ directory: join(directory, "targets"), tools: { python } }),
  ]);
  const front = await startFront({
    region: REGION,
    sluice: { account: SLUICE, url: `http://127.0.0.1:${port}`, emitterToken: "none" },
    targets: { accounts: [STAGING, SANDBOX], url: targets.url },
    logFile: join(directory, "front.log"),
  });
  return {
    front,
    directory,
    async stop() {
      await front.stop();
      await Promise.all([emulator.kill(), targets.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

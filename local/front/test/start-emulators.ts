import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "../../account/account.ts";
import { ensureTools, type Tools } from "../../setup/tools.ts";
import { startTargets } from "../../targets/start-targets.ts";
import { type Front, startFront } from "../front.ts";

export const SLUICE = "000000000000";
export const STAGING = "111111111111";
export const SANDBOX = "222222222222";
export const REGION = "eu-west-1";

export interface Emulators {
  readonly front: Front;
  readonly sluiceUrl: string;
  readonly directory: string;
  readonly tools: Tools;
  stop(): Promise<void>;
}

export const ROOT = join(import.meta.dirname, "../../..");

/** The two emulators and the front before them. */
export async function startEmulators(): Promise<Emulators> {
  const tools = await ensureTools({ root: ROOT, want: ["python"] });
  const directory = await mkdtemp(join(tmpdir(), "sluice-front-"));
  const [emulator, targets] = await Promise.all([
    startEmulator({ directory, tools }),
    startTargets({ directory: join(directory, "targets"), tools }),
  ]);
  const front = await startFront({
    region: REGION,
    sluice: { account: SLUICE, url: emulator.url, emitterToken: emulator.emitterToken },
    targets: { accounts: [STAGING, SANDBOX], url: targets.url },
    logFile: join(directory, "front.log"),
  });
  return {
    front,
    sluiceUrl: emulator.url,
    directory,
    tools,
    async stop() {
      await front.stop();
      await Promise.all([emulator.stop(), targets.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

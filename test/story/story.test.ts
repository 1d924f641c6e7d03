import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureHosts } from "../../local/setup/hosts/ensure-hosts.ts";
import { ensureTools } from "../../local/setup/tools.ts";
import { sharedSynth } from "../flow-synth.ts";
import { playDemo } from "./demo.ts";
import { KEPT_FOR_MS } from "./local-cloud.ts";
import { resize } from "./scenes.ts";

const root = join(import.meta.dirname, "../..");

test("the story plays, and every fact that it reads from the world holds", async () => {
  const tools = await ensureTools({ root, want: ["python", "terraform", "sst"] });
  let conversation = "";

  const hosts = await ensureHosts({ root });
  const failed = await playDemo(
    { root, tools, hosts, name: "story", between: [resize], synth: await sharedSynth(), idleMs: KEPT_FOR_MS },
    (text) => (conversation += text),
    false,
  );

  expect(failed, conversation).toBe(0);
});

import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureTools } from "../../local/setup/tools.ts";
import { playDemo } from "./demo.ts";

const root = join(import.meta.dirname, "../..");

test("the story plays, and every fact that it reads from the world holds", async () => {
  const tools = await ensureTools({ root, want: ["python", "terraform", "sst"] });
  let conversation = "";

  const failed = await playDemo(root, tools, "story", (text) => (conversation += text), false);

  expect(failed, conversation).toBe(0);
});

import { expect, it } from "vitest";
import type { Cloud } from "../../local/cloud/start-cloud.ts";
import { askHost } from "../../test/story/host.ts";
import { again } from "../../test/story/scenes.ts";
import type { World } from "../../test/story/world.ts";
import { quietConversation } from "../quiet-conversation.ts";

/** The type check holds this: `npm run bench:story` once played a scene that asked for a host which it had not started. */
it("a host can be asked only where the cloud has hosts", () => {
  const ask = (world: World, hosts: Cloud["hosts"]) =>
    // @ts-expect-error: whether there are hosts
    askHost(world, hosts, "staging", "i-1", "true");

  expect(ask).toBeTypeOf("function");
});

it("a scene that is about a host is skipped where the cloud has none", async () => {
  const cloud: Pick<Cloud, "hosts"> = { hosts: { kind: "none", reason: "Hosts need Linux." } };
  const tell = quietConversation();

  await again({ world: { cloud } as World, tell });

  expect(tell.total()).toEqual({ passed: 0, failed: 0, skipped: 1 });
});

import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Cloud } from "../local/cloud/start-cloud.ts";
import type { Hosts } from "../local/setup/hosts/ensure-hosts.ts";
import type { Tools } from "../local/setup/tools.ts";
import { startSluice } from "../test/story/local-cloud.ts";
import { expiry, rejection, virtualMachine } from "../test/story/scenes.ts";
import { type Asked, type World, worldOf } from "../test/story/world.ts";
import { memoryOfTree } from "./memory.ts";
import { costOf, leastCostOf, walk } from "./one-request.ts";
import { planJobRatio } from "./plan-job.ts";
import { quietConversation } from "./quiet-conversation.ts";
import { keeps, median, type Row, table } from "./row.ts";
import { doorImport, doorLatency } from "./slack-door.ts";

const APPROVALS = 5;
const PROBES = 3;
const REASON = "a bench";
/** 345 to 351 were counted. Each word of a build's progress costs seven more, and a slower machine hears some. */
const WRITE_UNITS_OF_A_PROBE = 380;

/**
 * Plays the story quietly, then measures the cloud that it was played on. Prints a table and leaves the rows in `out`.
 *
 * @returns how many bounds were not kept, facts of the story among them
 */
export async function benchStory(options: {
  root: string;
  tools: Tools;
  hosts: Hosts;
  out: string;
  print: (line: string) => void;
}): Promise<number> {
  const { root, tools, hosts, out, print } = options;
  const rows: Row[] = [];
  const take = (title: string, more: readonly Row[]) => {
    print(`\n${title}\n${table(more)}`);
    rows.push(...more);
  };

  const { cloud, story } = await playStory({ root, tools, hosts });
  try {
    take("The story", story);
    const world = worldOf(cloud);
    take("The Slack door", [...(await doorLatency(cloud)), ...(await doorImport(cloud, root))]);
    take("A decision", await approvals(world));
    const probes = Array.from({ length: PROBES }, (_, number) => probe(`counted-${number}`));
    take(`One probe, the least of ${PROBES}`, await leastCostOf(world, probes, WRITE_UNITS_OF_A_PROBE));
    take("One virtual machine", await costOf(world, machine("counted-machine")));
    take("A plan job", await planJobRatio(world, root, tools));
  } finally {
    await cloud.stop();
  }

  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, `${JSON.stringify({ at: new Date().toISOString(), rows }, null, 1)}\n`);
  const missed = rows.filter((row) => !keeps(row));
  print(
    `\n${rows.filter(({ bound }) => bound !== undefined).length - missed.length} bounds kept, ${missed.length} missed`,
  );
  return missed.length;
}

/** The demo as `npm run demo` plays it, on a cloud that is left running. */
async function playStory(
  on: Readonly<{ root: string; tools: Tools; hosts: Hosts }>,
): Promise<{ cloud: Cloud; story: Row[] }> {
  const tell = quietConversation();
  const began = performance.now();
  const secondsTo = (then = Number.NaN) => (then - began) / 1_000;
  let deployedAt = began;
  const cloud = await startSluice({
    ...on,
    name: "bench",
    prepared: ["staging"],
    report: (what) => {
      if (what.startsWith("Starting functions")) deployedAt = performance.now();
    },
  });
  const upAt = performance.now();
  const world = worldOf(cloud);
  try {
    for (const scene of [virtualMachine, rejection, expiry]) await scene({ world, tell });
  } catch (cause) {
    await cloud.stop();
    throw cause;
  }
  const playedAt = performance.now();
  const memory = await memoryAtRest(cloud);
  return {
    cloud,
    story: [
      { name: "demo after set-up", value: secondsTo(playedAt), unit: "s", bound: 120, how: "without its shut-down" },
      { name: "first message", value: secondsTo(tell.firstMessageAt()), unit: "s", bound: 40 },
      {
        name: "Sluice's account up",
        value: secondsTo(deployedAt),
        unit: "s",
        bound: 15,
        how: "emulator, synth, deploy",
      },
      { name: "whole cloud up", value: secondsTo(upAt), unit: "s" },
      memory,
      { name: "facts that did not hold", value: tell.total().failed, unit: "", bound: 0, how: tell.broken.join("; ") },
    ],
  };
}

/** When the last words are said: the sweeps have gone to rest, other workers are kept for 20 s. */
const REST_MS = 7_000;

async function memoryAtRest({ codebuild }: Cloud): Promise<Row> {
  while (codebuild.builds().some(({ endedAt }) => endedAt === undefined)) await wait(200);
  await wait(REST_MS);
  const { mb, processes, how } = memoryOfTree();
  return {
    name: "memory, no build running",
    value: mb,
    unit: "MB",
    bound: 900,
    how: `${how} of ${processes} processes, this one too, ${REST_MS / 1_000} s after the last words`,
  };
}

/** From the click to the call that starts the apply, over several requests one after the other. */
async function approvals(world: World): Promise<Row[]> {
  const times: number[] = [];
  for (let number = 0; number < APPROVALS; number++) {
    const { approvedAt, request } = await walk(world, probe(`bench-click-${number}`));
    const [apply] = world.builds(request, "apply");
    if (!apply) throw new Error(`${request} was not applied`);
    times.push(apply.startedAt - approvedAt);
  }
  const how = `median of ${APPROVALS}`;
  return [{ name: "click → StartBuild", value: median(times), unit: "ms", bound: 500, how }];
}

const probe = (name: string): Asked => ({
  blueprint: "probe",
  environment: "staging",
  reason: REASON,
  parameters: { name },
});

const machine = (name: string): Asked => ({
  ...probe(name),
  blueprint: "virtual-machine",
  parameters: { name, size: "small" },
});

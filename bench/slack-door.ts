import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Cloud } from "../local/cloud/start-cloud.ts";
import { median, percentile, type Row } from "./row.ts";

const REQUESTS = 200;
const WARM_UP = 20;
const IMPORTS = 7;
const run = promisify(execFile);

/** Signed requests one after the other, half of which open a form and half ask for the status, as the HTTP API times them. */
export async function doorLatency(cloud: Cloud): Promise<Row[]> {
  for (let sent = 0; sent < WARM_UP; sent++) await ask(cloud, sent);
  const before = httpTimes(cloud).length;
  for (let sent = 0; sent < REQUESTS; sent++) await ask(cloud, sent);
  const times = httpTimes(cloud).slice(before);
  const how = `${times.length} signed requests, warm`;
  return [
    { name: "Slack door, p99", value: Math.round(percentile(times, 0.99)), unit: "ms", bound: 150, how },
    { name: "Slack door, median", value: Math.round(median(times)), unit: "ms" },
  ];
}

async function ask({ slack }: Cloud, number: number): Promise<void> {
  if (number % 2) return void (await slack.command("ada", "staging", "status"));
  await slack.command("ada", "staging", "probe environment=staging");
  for (const { id } of slack.views("ada")) await slack.close("ada", id);
}

/** Of commands only: closing a form is no request of a person who waits. */
function httpTimes({ lambda }: Cloud): number[] {
  return readFileSync(lambda.traceFile, "utf8")
    .split("\n")
    .filter((line) => line.includes('"http":"POST /api/slack/commands"'))
    .map((line) => Number(JSON.parse(line).ms));
}

/** How long a fresh Node takes to import the door's bundle, as it was built and as it is deployed: minified. */
export async function doorImport(cloud: Cloud, root: string): Promise<Row[]> {
  const build = Object.values(cloud.synth.functions).find(({ source }) =>
    source.endsWith("intake/src/handlers/slack.handler"),
  );
  if (!build) throw new Error("The synth has no Slack door");
  const bundle = join(root, build.directory, build.bundle);
  const script = `const began = performance.now(); await import(${JSON.stringify(pathToFileURL(bundle).href)}); console.log(performance.now() - began);`;
  const env = { PATH: process.env.PATH ?? "", AWS_REGION: cloud.synth.app.region, ...placeholders(cloud) };
  const times: number[] = [];
  for (let count = 0; count < IMPORTS; count++) {
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { env });
    times.push(Number(stdout.trim().split("\n").at(-1)));
  }
  return [
    {
      name: "Slack door, import",
      value: Math.round(median(times)),
      unit: "ms",
      bound: 90,
      how: `median of ${IMPORTS} fresh processes`,
    },
    { name: "Slack door, bundle", value: build.bytes / 1e6, unit: "MB" },
  ];
}

/** What the function is told, by any value: nothing is called at import. */
function placeholders({ synth }: Cloud): Record<string, string> {
  const door = synth.resources.find(
    ({ type, name }) => type === "aws:lambda/function:Function" && name.startsWith("intake-slack"),
  );
  const { variables = {} } = (door?.inputs.environment ?? {}) as { variables?: Record<string, string> };
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
}

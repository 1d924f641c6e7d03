import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { PlanOutput } from "@sluice/events";
import { PlanPage } from "@sluice/runner";
import { digestOf } from "@sluice/steps";
import type { Cloud } from "../../local/cloud/start-cloud.ts";
import type { Hosts } from "../../local/setup/hosts/ensure-hosts.ts";
import type { Tools } from "../../local/setup/tools.ts";
import { type Heard, listen } from "./heard.ts";
import { startSluice } from "./local-cloud.ts";
import { wholeText } from "./message-text.ts";
import type { Person } from "./people.ts";
import { type World, worldOf } from "./world.ts";

const REASON = "load test for the June release";
const ENDS = /(is ready|is done) in staging|✗/; // A cross is how every bad end and every pause begins.
const STEPS = ["plan", "apply", "configure", "check"] as const;
const MAKE = "virtual-machine name=web-7 size=small environment=staging";
const REMOVE = "virtual-machine-removal environment=staging";

/** One run of the virtual machine's story: made, asked for again, removed. */
export interface Run {
  /** What went wrong, in the order it was seen; empty when nothing did. */
  wrong: readonly string[];
  /** Of what the first plan showed. */
  digest: string;
  /** Seconds that each step of the first request said it took. */
  steps: Readonly<Record<string, number>>;
  /** Seconds from sending the form to the end, of the three requests. */
  made: number;
  again: number;
  removed: number;
}

/**
 * Plays the virtual machine's story so many times in a row on one cloud. Every run has to end well, with the plan that the first one showed, an empty second plan
 * and a second configuration that changes nothing.
 *
 * @param each is told each run as it ends
 * @throws when a request stands still: what it holds would make the next run wait
 */
export async function repeatStory(
  { root, tools, hosts, runs }: { root: string; tools: Tools; hosts: Hosts; runs: number },
  each: (run: Run, number: number) => void,
): Promise<void> {
  const cloud = await startSluice({ root, name: "repeat", tools, hosts, prepared: ["staging"] });
  try {
    const world = worldOf(cloud);
    const heard = listen(cloud);
    await cloud.targetsAreReady;
    let firstDigest: string | undefined;
    for (let number = 1; number <= runs; number++) {
      const run = await playOnce(world, heard, hosts, firstDigest, (plan) => shownDigest(cloud, plan));
      firstDigest ??= run.digest;
      each(run, number);
    }
  } finally {
    await cloud.stop();
  }
}

async function playOnce(
  world: World,
  heard: Heard,
  hosts: Hosts,
  firstDigest: string | undefined,
  digestOfShown: (plan: PlanOutput) => Promise<string>,
): Promise<Run> {
  const wrong: string[] = [];
  const expects = (holds: boolean, what: string) => holds || wrong.push(what);

  const made = await walk(world, heard, MAKE, ["carol"]);
  expects(/is ready in staging/.test(made.text), `made: ${lastLine(made.text)}`);
  expects(made.plan.summary.counts.add > 0, "the first plan adds nothing");
  const digest = await digestOfShown(made.plan);
  expects(firstDigest === undefined || digest === firstDigest, "another plan than the first run's");

  const again = await walk(world, heard, MAKE, ["carol"]);
  expects(/is ready in staging/.test(again.text), `again: ${lastLine(again.text)}`);
  expects(again.plan.summary.empty, "the second plan is not empty");
  expects(
    hosts.kind === "none" || / 0 changed on 1 host/.test(again.text),
    "the second configuration changed something",
  );

  const removed = await walk(world, heard, REMOVE, ["carol", "dan"], {
    "virtual-machine-removal.name": "web-7",
  });
  expects(/is done in staging/.test(removed.text), `removed: ${lastLine(removed.text)}`);

  return {
    wrong,
    digest,
    steps: made.steps,
    made: made.seconds,
    again: again.seconds,
    removed: removed.seconds,
  };
}

/** Of what a plan's page shows as the change: the same for each plan of the same, while the change digest has a key of each plan's own. */
async function shownDigest({ asRoot, outputs }: Cloud, { page }: PlanOutput): Promise<string> {
  const at = { Bucket: String(outputs().jobsBucket), Key: page.key, VersionId: page.versionId };
  const { Body } = await new S3Client(asRoot).send(new GetObjectCommand(at));
  return digestOf(PlanPage.parse(JSON.parse((await Body?.transformToString()) ?? "")).change);
}

/** One request from the form to its end. */
async function walk(
  { slack, openForm, requestIdOf, approval, said }: World,
  heard: Heard,
  asked: string,
  approvers: readonly Person[],
  typed: Record<string, string> = {},
) {
  const before = slack.messages("staging").length;
  const { view } = await openForm("ada", "staging", asked);
  if (!view) throw new Error(`No form opened for ${asked}`);
  const began = performance.now();
  const { errors } = await slack.submit("ada", view.id, { reason: REASON, ...typed });
  if (Object.keys(errors).length > 0) throw new Error(`The form was not taken: ${JSON.stringify(errors)}`);
  const message = await slack.waitFor("the request's message", () => slack.messages("staging")[before]);
  const request = requestIdOf(message);
  for (const [index, approver] of approvers.entries()) {
    const gate = await approval(request, true, 300_000);
    if (index > 0) await said(gate, /one more/i);
    await slack.click(approver, gate, "approve");
  }
  const text = wholeText((await said(message, ENDS, 300_000)).blocks);

  const outcome = (step: string) =>
    heard.of(request).find(({ type, detail }) => type.includes(".completed.") && detail.data.step === step)?.detail
      .data;
  const seconds = STEPS.map((step) => [step, Number(outcome(step)?.seconds ?? 0)] as const);
  const plan = outcome("plan")?.output as PlanOutput | undefined;
  if (!plan) throw new Error(`${request} has no plan: ${lastLine(text)}`);
  return { text, plan, steps: Object.fromEntries(seconds), seconds: (performance.now() - began) / 1_000 };
}

const lastLine = (text: string) => text.match(new RegExp(`.*(?:${ENDS.source}).*`))?.[0]?.slice(0, 200) ?? "no end";

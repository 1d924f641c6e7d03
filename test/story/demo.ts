import type { Cloud } from "../../local/cloud/start-cloud.ts";
import type { Hosts } from "../../local/setup/hosts/ensure-hosts.ts";
import type { Tools } from "../../local/setup/tools.ts";
import type { Synth } from "../../local/synth/synth.ts";
import { type Conversation, closingLine, conversation } from "./conversation.ts";
import { startSluice } from "./local-cloud.ts";
import { again, expiry, rejection, removal, virtualMachine } from "./scenes.ts";
import { worldOf } from "./world.ts";

type Scene = typeof virtualMachine;
type Demo = Readonly<{
  root: string;
  tools: Tools;
  hosts: Hosts;
  name: string;
  between?: readonly Scene[];
  synth?: Synth;
  idleMs?: number;
}>;

/**
 * Plays the story on a cloud of its own, prints the conversation, and shuts the cloud down.
 *
 * @param demo `name` is of the cloud's folder; `between` is played while the virtual machine stands; `synth` was made of the same tree; for `idleMs` see `startSluice`
 * @returns how many facts did not hold
 */
export async function playDemo(
  { root, tools, hosts, name, between = [], synth, idleMs }: Demo,
  write: (text: string) => void,
  colour: boolean,
): Promise<number> {
  const tell = conversation(write, { colour });
  tell.scene("Sluice, on this machine");
  const cloud = await startSluice({
    root,
    name,
    tools,
    hosts,
    prepared: ["staging"],
    ...(synth && { synth }),
    ...(idleMs !== undefined && { idleMs }),
    report: (what) => tell.waiting(what),
  });
  try {
    listenToEvents(cloud, tell);
    const stage = { world: worldOf(cloud), tell };
    for (const scene of [virtualMachine, again, ...between, rejection, removal, expiry])
      await playScene(scene, stage, tell);
    await nothingParked(cloud, tell);
  } finally {
    await cloud.stop();
  }
  const total = tell.total();
  write(`\n${closingLine(total)}\n`);
  return total.failed;
}

/** A scene that cannot go on is one failed fact; the next one is played all the same. */
async function playScene<S>(scene: (stage: S) => Promise<void>, stage: S, tell: Conversation): Promise<void> {
  try {
    await scene(stage);
  } catch (cause) {
    tell.fact(false, "the scene goes on", cause instanceof Error ? cause.message : String(cause));
  }
}

/** Events as the bus takes them, read from the calls to the account. */
function listenToEvents({ front }: Cloud, tell: Conversation): void {
  front.faults.add({
    name: "the story listens to events",
    when: "after",
    matches: ({ service, action }) => service === "events" && action === "PutEvents",
    do: ({ body }) => {
      const { Entries = [] } = (body ?? {}) as { Entries?: { DetailType?: string; Source?: string }[] };
      for (const { DetailType = "", Source = "" } of Entries)
        if (!DetailType.startsWith("job.progressed")) tell.event(DetailType, Source);
    },
  });
}

/** Nothing may lie in a dead-letter queue at the end: it would be something that went wrong and that nobody was told. */
async function nothingParked(cloud: Cloud, tell: Conversation): Promise<void> {
  const { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } = await import("@aws-sdk/client-sqs");
  const sqs = new SQSClient(cloud.asRoot);
  const dead = cloud.synth.resources
    .filter(({ type, inputs }) => type === "aws:sqs/queue:Queue" && String(inputs.name).endsWith("-dead"))
    .map(({ inputs }) => String(inputs.name));
  const parked: string[] = [];
  for (const QueueName of dead) {
    const { QueueUrl = "" } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: QueueUrl.replace(/^https?:\/\/[^/]+/, cloud.front.url),
        AttributeNames: ["ApproximateNumberOfMessages"],
      }),
    );
    if (Attributes?.ApproximateNumberOfMessages !== "0")
      parked.push(`${QueueName}: ${Attributes?.ApproximateNumberOfMessages}`);
  }
  tell.fact(
    parked.length === 0,
    "nothing lies in a dead-letter queue",
    parked.join(", ") || `${dead.length} queues, all empty`,
  );
}

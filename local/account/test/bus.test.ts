import {
  CreateEventBusCommand,
  DescribeEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, ReceiveMessageCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type ClientConfig, type Cloud, outcome, policy } from "./cloud.ts";
import { patchTest } from "./patch-test.ts";

const ENTRY = { EventBusName: "bus", Source: "app.door", DetailType: "thing.happened.v1", Detail: "{}" };
const BUS = "arn:aws:events:eu-west-1:000000000000:event-bus/bus";

const REFUSED = ["AccessDeniedException"];

patchTest("event_conditions", "a call is judged by all sources and detail-types that it brings to a bus", {
  observe: async (cloud) => {
    await createBus(cloud);
    const keys = { "events:source": "app.door", "events:detail-type": ["thing.happened.v1", "thing.moved.v1"] };
    const may = (Condition: Record<string, Record<string, string | string[]>>) => [
      { Action: "events:PutEvents", Resource: BUS, Condition },
    ];
    const present = { "events:source": "false", "events:detail-type": "false" };
    const door = await cloud.roleWith("door", may({ "ForAllValues:StringEquals": keys, Null: present }));
    const plain = await cloud.roleWith("plain", may({ StringEquals: keys }));
    const moved = { ...ENTRY, DetailType: "thing.moved.v1" };
    return {
      all: await put(door, [ENTRY, moved, ENTRY]),
      anotherSource: await put(door, [ENTRY, { ...ENTRY, Source: "app.other" }]),
      anotherType: await put(door, [{ ...ENTRY, DetailType: "thing.undone.v1" }, ENTRY]),
      anotherBus: await put(door, [ENTRY, { ...ENTRY, EventBusName: "default" }]),
      withoutSetOperator: { one: await put(plain, [ENTRY, ENTRY]), more: await put(plain, [ENTRY, moved]) },
    };
  },
  patched: {
    all: ["taken", "taken", "taken"],
    anotherSource: REFUSED,
    anotherType: REFUSED,
    anotherBus: ["taken", "AccessDeniedException"],
    withoutSetOperator: { one: ["taken", "taken"], more: REFUSED },
  },
  unpatched: {
    all: REFUSED,
    anotherSource: REFUSED,
    anotherType: REFUSED,
    anotherBus: REFUSED,
    withoutSetOperator: { one: REFUSED, more: REFUSED },
  },
});

patchTest("event_entries", "PutEvents refuses what EventBridge refuses", {
  observe: async (cloud) => {
    await createBus(cloud);
    const entries = [
      ENTRY,
      { ...ENTRY, DetailType: undefined },
      { ...ENTRY, Detail: "{" },
      { ...ENTRY, Detail: "[]" },
      { ...ENTRY, EventBusName: "nowhere" },
      { ...ENTRY, EventBusName: BUS },
    ];
    const tooLarge = { ...ENTRY, Detail: JSON.stringify({ text: "x".repeat(256 * 1024) }) };
    return [await put(cloud.root, entries), await put(cloud.root, [tooLarge])];
  },
  patched: [
    ["taken", "InvalidArgument", "MalformedDetail", "MalformedDetail", "InvalidArgument", "taken"],
    ["ValidationException"],
  ],
  unpatched: [["taken", "taken", "taken", "taken", "taken", "taken"], ["taken"]],
});

patchTest("bus_policy", "a bus policy is kept, asked and refused when it is not JSON", {
  observe: async (cloud) => {
    const bus = await createBus(cloud);
    const denyOthers = {
      Effect: "Deny",
      Principal: "*",
      Action: "events:PutEvents",
      Resource: BUS,
      Condition: {
        "ForAnyValue:StringLike": { "events:source": "app.*" },
        ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::000000000000:role/own-*" },
      },
    };
    const malformed = await outcome(bus.send(new PutPermissionCommand({ EventBusName: "bus", Policy: "{" })));
    await bus.send(new PutPermissionCommand({ EventBusName: "bus", Policy: policy([denyOthers]) }));
    const { Policy } = await bus.send(new DescribeEventBusCommand({ Name: "bus" }));
    const may = [{ Action: "events:PutEvents", Resource: "*" }];
    return {
      malformed,
      kept: Policy === policy([denyOthers]) || JSON.stringify(JSON.parse(Policy ?? "")) === policy([denyOthers]),
      own: await put(await cloud.roleWith("own-door", may), [ENTRY]),
      other: await put(await cloud.roleWith("other-door", may), [{ ...ENTRY, Source: "partner.x" }]),
      slipping: await put(await cloud.roleWith("slipping-door", may), [{ ...ENTRY, Source: "partner.x" }, ENTRY]),
    };
  },
  patched: {
    malformed: "ValidationException",
    kept: true,
    own: ["taken"],
    other: ["taken"],
    slipping: REFUSED,
  },
  unpatched: { malformed: "done", kept: false, own: ["taken"], other: ["taken"], slipping: ["taken", "taken"] },
});

patchTest("service_events", "only who knows the token puts events of an AWS service", {
  observe: async (cloud) => {
    const claim = (token?: string) =>
      fetch(cloud.url, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": "AWSEvents.PutEvents",
          authorization:
            "AWS4-HMAC-SHA256 Credential=000000000000/20260101/eu-west-1/events/aws4_request, SignedHeaders=host, Signature=0",
        },
        body: JSON.stringify({
          ...(token !== undefined && { LocalServiceEmitter: token }),
          Entries: [{ ...ENTRY, EventBusName: "default", Source: "aws.codebuild" }],
        }),
      }).then(async (answer) => {
        const { Entries } = (await answer.json()) as { Entries: { ErrorCode?: string }[] };
        return Entries[0]?.ErrorCode ?? "taken";
      });
    return [await claim(cloud.emitterToken), await claim("guessed"), await claim(""), await claim()];
  },
  patched: ["taken", ...Array(3).fill("NotAuthorizedForSourceException")],
  unpatched: Array(4).fill("NotAuthorizedForSourceException"),
});

patchTest("rule_delivery", "a rule reaches a queue that lets it, else its dead-letter queue", {
  observe: async (cloud) => {
    await createBus(cloud);
    const rules = { open: "anybody", closed: "somebody-else", missing: "" };
    for (const [rule, sender] of Object.entries(rules)) await createRule(cloud, rule, sender);
    const queues = ["open", "closed", "dead"] as const;

    await put(cloud.root, [ENTRY]);

    return Object.fromEntries(await Promise.all(queues.map(async (queue) => [queue, await received(cloud, queue)])));
  },
  patched: { open: 1, closed: 0, dead: 2 },
  unpatched: { open: 1, closed: 1, dead: 0 },
});

async function createBus(cloud: Cloud): Promise<EventBridgeClient> {
  const events = new EventBridgeClient(cloud.root);
  await events.send(new CreateEventBusCommand({ Name: "bus" }));
  return events;
}

/** What became of each entry, or of the whole call. */
async function put(config: ClientConfig, entries: PutEventsRequestEntry[]): Promise<string[]> {
  try {
    const { Entries = [] } = await new EventBridgeClient(config).send(new PutEventsCommand({ Entries: entries }));
    return Entries.map(({ ErrorCode, EventId }) => ErrorCode ?? (EventId ? "taken" : "neither"));
  } catch (error) {
    return [error instanceof Error ? error.name : String(error)];
  }
}

/** A rule to the queue of its name, whose policy lets `sender` send: nobody, when there is no queue. */
async function createRule(cloud: Cloud, rule: string, sender: string): Promise<void> {
  const events = new EventBridgeClient(cloud.root);
  const ruleArn = `arn:aws:events:eu-west-1:000000000000:rule/bus/${sender === "anybody" ? rule : sender}`;
  if (sender) await createQueue(cloud, rule, ruleArn);
  await createQueue(cloud, "dead", "arn:aws:events:eu-west-1:000000000000:rule/bus/*");
  await events.send(
    new PutRuleCommand({ Name: rule, EventBusName: "bus", EventPattern: JSON.stringify({ source: ["app.door"] }) }),
  );
  await events.send(
    new PutTargetsCommand({
      Rule: rule,
      EventBusName: "bus",
      Targets: [{ Id: "1", Arn: queueArn(rule), DeadLetterConfig: { Arn: queueArn("dead") } }],
    }),
  );
}

async function createQueue(cloud: Cloud, name: string, sourceArn: string): Promise<void> {
  const sqs = new SQSClient(cloud.root);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const send = {
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: queueArn(name),
    Condition: { ArnLike: { "aws:SourceArn": sourceArn } },
  };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: policy([send]) } }));
}

async function received(cloud: Cloud, queue: string): Promise<number> {
  const { Messages = [] } = await new SQSClient(cloud.root).send(
    new ReceiveMessageCommand({ QueueUrl: `${cloud.url}/000000000000/${queue}`, MaxNumberOfMessages: 10 }),
  );
  return Messages.length;
}

function queueArn(name: string): string {
  return `arn:aws:sqs:eu-west-1:000000000000:${name}`;
}

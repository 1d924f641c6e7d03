import { readFile } from "node:fs/promises";
import { EventBridgeClient, ListRulesCommand, PutRuleCommand } from "@aws-sdk/client-eventbridge";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Service } from "@sluice/events";
import { eventually, type Flow, type Published } from "./harness.ts";

/** Keeps one service from hearing an event type, as a delivery does that takes its time, until the test hands it over. */
export async function withhold({ cloud }: Flow, service: Service, type: string) {
  const events = new EventBridgeClient(cloud.asRoot);
  const sqs = new SQSClient(cloud.asRoot);
  const EventBusName = String(cloud.outputs().bus);
  const { Rules = [] } = await events.send(
    new ListRulesCommand({ EventBusName, NamePrefix: `sluice-local-${service}-from-` }),
  );
  const rules = Rules.filter(({ EventPattern = "" }) => EventPattern.includes(`"${type}"`));
  if (rules.length === 0) throw new Error(`No rule brings ${type} to ${service}`);
  const put = (Name: string | undefined, EventPattern: string | undefined) =>
    events.send(new PutRuleCommand({ EventBusName, Name, EventPattern }));
  for (const { Name, EventPattern = "" } of rules)
    await put(Name, EventPattern.replace(`"${type}"`, `"withheld.${type}"`));

  return {
    /** Brings one of them to the service after all. */
    deliver: ({ source, type: detailType, detail }: Published) =>
      sqs.send(
        new SendMessageCommand({
          QueueUrl: `${cloud.front.url}/000000000000/sluice-local-${service}`,
          MessageBody: JSON.stringify({ source, account: "000000000000", "detail-type": detailType, detail }),
        }),
      ),
    /** From now on it comes by itself again. */
    async end() {
      for (const { Name, EventPattern } of rules) await put(Name, EventPattern);
    },
  };
}

/** How often a service has handled an event type, by its own metric. */
export async function handled({ cloud }: Flow, service: Service, type: string): Promise<number> {
  const lines = (await readFile(cloud.lambda.logFile, "utf8")).split("\n");
  return lines.filter(
    (line) =>
      line.includes('"EventHandled":1') &&
      line.includes(`"service":"${service}"`) &&
      line.includes(`"event":"${type}"`),
  ).length;
}

/** Waits until a service has handled an event type more often than before. */
export function handledAgain(flow: Flow, service: Service, type: string, before: number): Promise<number> {
  return eventually(
    `${service} to handle ${type}`,
    () => handled(flow, service, type),
    (count) => count > before,
  );
}

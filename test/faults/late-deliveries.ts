import { readFile } from "node:fs/promises";
import { EventBridgeClient, ListRulesCommand, PutRuleCommand } from "@aws-sdk/client-eventbridge";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Service } from "@sluice/events";
import type { Published } from "../story/heard.ts";
import { eventually, type Flow } from "./harness.ts";

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

/** Moves the clock from look to look until intake says that the owner of a step does not answer. */
export async function stall(flow: Flow, request: string, asked: string): Promise<Published> {
  const isLook = ({ type }: Published) => type === asked || type === "request.stalled.v1";
  for (let look = 1; look <= 4; look++) {
    await flow.heardAll(["intake"]); // Else the next look is counted from the moved time.
    flow.cloud.clock.advance(LOOKS_AFTER_MS);
    await eventually(
      "the next look",
      async () => flow.events.of(request).filter(isLook),
      ({ length }) => length > look,
    );
  }
  return flow.heard(request, "request.stalled.v1");
}

/** Intake asks again after ten minutes of silence. */
const LOOKS_AFTER_MS = 11 * 60_000;

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

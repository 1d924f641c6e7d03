import {
  CreateEventBusCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { z } from "zod";
import { type Creator, creator, noEffectHere, unless } from "./creator.ts";

const Rule = z.strictObject({
  name: z.string().optional(),
  eventBusName: z.string().optional(),
  eventPattern: z.string().optional(),
  scheduleExpression: z.string().optional(),
  description: z.string().optional(),
  state: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
});
const Target = z.strictObject({
  rule: z.string(),
  eventBusName: z.string().optional(),
  targetId: z.string().optional(),
  arn: z.string(),
  input: z.string().optional(),
  deadLetterConfig: z.object({ arn: z.string() }).optional(),
  retryPolicy: noEffectHere, // Deliveries succeed or are refused at once.
});

/** Buses, rules with a pattern, and their targets. The Lambda host runs schedules, so their rules are not made here. */
export const bus: Record<string, Creator> = {
  "aws:cloudwatch/eventBus:EventBus": creator(z.strictObject({ name: z.string() }), ({ name }, { account }) =>
    unless(["ResourceAlreadyExistsException"], () => account.events.send(new CreateEventBusCommand({ Name: name }))),
  ),

  "aws:cloudwatch/eventBusPolicy:EventBusPolicy": creator(
    z.strictObject({ eventBusName: z.string().optional(), policy: z.string() }),
    ({ eventBusName, policy }, { account }) =>
      account.events.send(new PutPermissionCommand({ EventBusName: eventBusName, Policy: policy })),
  ),

  "aws:cloudwatch/eventRule:EventRule": creator(Rule, async (rule, { account }, resource) => {
    if (rule.scheduleExpression) return;
    await account.events.send(
      new PutRuleCommand({
        Name: rule.name ?? resource.name,
        EventBusName: rule.eventBusName,
        EventPattern: rule.eventPattern,
        Description: rule.description,
        State: rule.state,
      }),
    );
  }),

  "aws:cloudwatch/eventTarget:EventTarget": creator(Target, async (target, { account }, resource) => {
    if (isFunction(target.arn)) return;
    const { FailedEntries = [] } = await account.events.send(
      new PutTargetsCommand({
        Rule: target.rule,
        EventBusName: target.eventBusName,
        Targets: [
          {
            Id: target.targetId ?? resource.name,
            Arn: target.arn,
            Input: target.input,
            ...(target.deadLetterConfig && { DeadLetterConfig: { Arn: target.deadLetterConfig.arn } }),
          },
        ],
      }),
    );
    if (FailedEntries.length) throw new Error(`The target was refused: ${JSON.stringify(FailedEntries)}`);
  }),
};

/** Only schedules lead straight to a function; events go through a queue. */
function isFunction(arn: string): boolean {
  return arn.startsWith("arn:aws:lambda:");
}

import { partnerPattern, type Service } from "@sluice/events";
import { bus } from "./bus.ts";
import { environments } from "./environments.ts";
import { named, projectName } from "./names.ts";
import { allowRules, type ServiceQueue } from "./queues.ts";
import { subscriptions } from "./subscriptions.ts";

/**
 * Rule → queue for everything in `subscriptions` that this service hears: a rule for each source, and one that brings its builds' changes to where
 * their reports come. The service's schedule may send to the dead-letter queue too.
 */
export function subscribe(
  service: Service,
  target: ServiceQueue,
  schedule: $util.Output<string>,
  reports?: ServiceQueue,
) {
  const { events, partners, builds } = subscriptions[service];
  const sources = [...new Set(events.flatMap((event) => event.sources as readonly string[]))].sort();

  const rules = sources.map((source) =>
    rule(service, source.replace("sluice.", "from-"), target, {
      source: [source],
      "detail-type": events
        .filter((event) => (event.sources as readonly string[]).includes(source))
        .map(({ type }) => type)
        .sort(),
      "replay-name": [{ exists: false }],
    }),
  );
  if (partners) rules.push(rule(service, "from-partners", target, partnerPattern));
  allowRules(service, target.queue, rules);
  allowRules(`${service}-dead`, target.dead, [...rules, schedule]);

  if (builds.length === 0 || !reports) return;
  const projects = builds.flatMap((kind) => Object.keys(environments).map((name) => projectName(kind, name)));
  const ofBuilds = rule(
    service,
    "builds",
    reports,
    {
      source: ["aws.codebuild"],
      "detail-type": ["CodeBuild Build State Change"],
      detail: { "project-name": projects },
    },
    "default", // AWS services publish to the account's default bus and to no other.
  );
  allowRules(`${service}-reports`, reports.queue, [ofBuilds]);
  allowRules(`${service}-reports-dead`, reports.dead, [ofBuilds]);
}

function rule(service: Service, suffix: string, { queue, dead }: ServiceQueue, pattern: object, onBus?: "default") {
  const eventBusName = onBus ?? bus.name;
  const made = new aws.cloudwatch.EventRule(`${service}-${suffix}`, {
    name: named(service, suffix),
    eventBusName,
    eventPattern: JSON.stringify(pattern),
  });
  new aws.cloudwatch.EventTarget(`${service}-${suffix}-target`, {
    rule: made.name,
    eventBusName,
    arn: queue.arn,
    deadLetterConfig: { arn: dead.arn },
  });
  return made.arn;
}

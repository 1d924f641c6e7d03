import type { slackFaults } from "./faults.ts";
import type { SlackRecord } from "./record.ts";
import type { triggerDesk } from "./triggers.ts";
import type { Workplace } from "./workplace.ts";

/** What the Web API stands on. */
export type WebApiParts = Readonly<{
  workplace: Workplace;
  record: SlackRecord;
  triggers: ReturnType<typeof triggerDesk>;
  faults: ReturnType<typeof slackFaults>;
  botToken: string;
  now: () => number;
}>;

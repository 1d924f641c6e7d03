import { randomUUID } from "node:crypto";
import type { Schedule } from "./host-plan.ts";

interface SchedulePorts {
  region: string;
  account: string;
  nowMs(): number;
  invoke(functionArn: string, event: object): Promise<string>;
}

/**
 * Runs each rule at its rate, from the host's start on, and at once when asked. A rule never runs twice at the same time: what its timer
 * wants meanwhile is left out, and who asks meanwhile gets one more run that starts after this one, shared by all who wait for it.
 *
 * AWS repeats a failed asynchronous invocation twice; here the next run is the repetition.
 */
export function runSchedules(schedules: readonly Schedule[], ports: SchedulePorts): { tick(): Promise<void> } {
  const runners = schedules.map((schedule) => ({ schedule, run: onlyOneAtATime(() => fire(schedule, ports)) }));
  for (const { schedule, run } of runners)
    setInterval(() => {
      if (!run.busy()) run.again().catch(() => undefined); // The pool has written the failure down; nobody waits for this run.
    }, schedule.everyMs).unref();

  return {
    /** Resolves when every rule has run on the time as it is now; rejects with the first failure, after all have ended. */
    async tick() {
      const results = await Promise.allSettled(runners.map(({ run }) => run.again()));
      for (const result of results) if (result.status === "rejected") throw result.reason;
    },
  };
}

async function fire(schedule: Schedule, { region, account, nowMs, invoke }: SchedulePorts): Promise<void> {
  await invoke(schedule.functionArn, {
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account,
    time: new Date(nowMs()).toISOString().replace(/\.\d+Z$/, "Z"),
    region,
    resources: [schedule.ruleArn],
    detail: {},
  });
}

function onlyOneAtATime(work: () => Promise<void>) {
  let current: Promise<void> | undefined;
  let following: Promise<void> | undefined;

  function begin(): Promise<void> {
    current = work().finally(() => {
      current = undefined;
    });
    return current;
  }
  return {
    busy: () => current !== undefined,
    again(): Promise<void> {
      if (!current) return begin();
      following ??= current
        .catch(() => undefined) // That run's failure belongs to those who waited for it.
        .then(() => {
          following = undefined;
          return begin();
        });
      return following;
    },
  };
}

import { randomBytes } from "node:crypto";

/** Slack's: a trigger opens one view, within three seconds. */
const LIFE_MS = 3_000;

export type Trigger = Readonly<{ user: string; viewId?: string }>;

/**
 * The triggers that clicks, commands and submissions come with. They follow the local cloud's clock, so that a test can let one
 * expire; the emulator's own live by whole seconds of real time.
 */
export function triggerDesk(now: () => number) {
  const given = new Map<string, Trigger & { until: number; used: boolean }>();
  return {
    issue(trigger: Trigger): string {
      const id = `${Math.floor(now() / 1_000)}.${randomBytes(5).readUIntBE(0, 5)}.${randomBytes(16).toString("hex")}`;
      given.set(id, { ...trigger, until: now() + LIFE_MS, used: false });
      return id;
    },
    /** The trigger, once and in time; else Slack's error code. */
    redeem(id: string): Trigger | string {
      const trigger = given.get(id);
      if (!trigger) return "invalid_trigger_id";
      if (trigger.used) return "exchanged_trigger_id";
      if (now() > trigger.until) return "expired_trigger_id";
      trigger.used = true;
      return trigger;
    },
  };
}

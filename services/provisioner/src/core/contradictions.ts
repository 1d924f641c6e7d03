import { apply } from "@sluice/events";
import type { Owed } from "@sluice/steps";

type Publish = (owed: readonly Owed[]) => Promise<void>;

/** Never a coincidence: an apply has planned the very same change, and the build that planned it for people has shown or counted something else. */
const CONTRADICTIONS: readonly unknown[] = ["page_changed", "summary_changed"];

/** Publishes, and counts what says that a plan's build cannot be trusted, for an alarm. */
export function countingContradictions(publish: Publish, countOne: () => void): Publish {
  return async (owed) => {
    await publish(owed);
    for (const { type, data } of owed)
      if (type === apply.failed.type && "code" in data && CONTRADICTIONS.includes(data.code)) countOne();
  };
}

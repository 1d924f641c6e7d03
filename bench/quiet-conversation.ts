import type { Conversation } from "../test/story/conversation.ts";

/** A conversation that prints nothing and remembers when the first message stood in a channel, and which facts did not hold. */
export function quietConversation(): Conversation & { firstMessageAt(): number | undefined; broken: string[] } {
  let firstMessageAt: number | undefined;
  const broken: string[] = [];
  const counts = { passed: 0, failed: 0, skipped: 0 };
  return {
    scene: () => undefined,
    says: () => undefined,
    event: () => undefined,
    waiting: () => undefined,
    shows(where) {
      if (where.startsWith("#")) firstMessageAt ??= performance.now();
    },
    fact(holds, claim, read) {
      counts[holds ? "passed" : "failed"] += 1;
      if (!holds) broken.push(`${claim}: ${read}`);
    },
    skipped() {
      counts.skipped += 1;
    },
    total: () => ({ ...counts }),
    firstMessageAt: () => firstMessageAt,
    broken,
  };
}

/** Something that Sluice cannot do without. A probe throws, or says false, when it is down. */
export type Probes = Readonly<Record<string, () => Promise<boolean>>>;

export type Health = Readonly<{ status: "up" | "down"; dependencies: Readonly<Record<string, "up" | "down">> }>;

/** Asks every dependency at once and says of each whether it is up, and nothing else: no version, no address, no account. */
export async function healthOf(probes: Probes): Promise<Health> {
  const asked = Object.entries(probes).map(
    async ([name, probe]) => [name, (await isUp(probe)) ? "up" : "down"] as const,
  );
  const dependencies = Object.fromEntries(await Promise.all(asked));
  const status = Object.values(dependencies).includes("down") ? "down" : "up";
  return { status, dependencies };
}

/** How old an answer may be, in milliseconds. */
const KEPT_FOR_MS = 5_000;

/** `healthOf`, asked at most once in five seconds: anybody may want to know, as often as they like, and none of that reaches what we depend on. */
export function rememberedHealth(probes: Probes, now: () => number): () => Promise<Health> {
  let kept: Readonly<{ health: Promise<Health>; at: number }> | undefined;
  return () => {
    if (!kept || Math.abs(now() - kept.at) >= KEPT_FOR_MS) kept = { health: healthOf(probes), at: now() };
    return kept.health;
  };
}

/** That a probe fails is its answer. */
async function isUp(probe: () => Promise<boolean>): Promise<boolean> {
  try {
    return await probe();
  } catch {
    return false;
  }
}

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

/** That a probe fails is its answer. */
async function isUp(probe: () => Promise<boolean>): Promise<boolean> {
  try {
    return await probe();
  } catch {
    return false;
  }
}

/** What a deployment made, for those who run what is not created on the emulator. */
export interface Deployed {
  readonly endpoint: string;
  /** Synthesized value → the one that the emulator gave: key ids, secret ARNs, queue URLs, object versions. */
  readonly real: Readonly<Record<string, string>>;
}

/** The value with every synthesized id inside it, at any depth and inside texts, replaced by the real one. */
export function resolve<T>({ real }: Pick<Deployed, "real">, value: T): T {
  const synthesized = Object.keys(real).sort((a, b) => b.length - a.length); // A queue's URL may begin with another's.
  if (synthesized.length === 0) return value;
  const pattern = new RegExp(synthesized.map(literally).join("|"), "g");
  return replaceIn(value, (text) => text.replace(pattern, (found) => real[found] ?? found)) as T;
}

function replaceIn(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return value.map((item) => replaceIn(item, replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceIn(item, replace)]));
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

import * as z from "zod";

const Count = z.int().min(0);

/** A line of `ansible/callback_plugins/sluice.py`. */
const CallbackLine = z.discriminatedUnion("line", [
  z.object({ line: z.literal("task"), task: z.string() }),
  z.object({
    line: z.literal("result"),
    host: z.string(),
    task: z.string(),
    action: z.string(),
    outcome: z.enum(["ok", "changed", "failed", "unreachable"]),
    words: z.string().default(""),
  }),
  z.object({
    line: z.literal("stats"),
    hosts: z.record(z.string(), z.object({ ok: Count, changed: Count, failures: Count, unreachable: Count })),
  }),
]);
export type CallbackLine = z.infer<typeof CallbackLine>;

/** Nothing for a line that is not the callback's: modules of Ansible may print what they like. */
export function callbackLine(line: string): CallbackLine | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return CallbackLine.safeParse(JSON.parse(line)).data;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

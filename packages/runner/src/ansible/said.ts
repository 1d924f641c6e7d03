import * as z from "zod";

const Tally = z.looseObject({
  ok: z.int(),
  changed: z.int(),
  failures: z.int(),
  unreachable: z.int(),
});

/** What our callback plugin (`ansible/callback_plugins/sluice.py`) says, one line each. */
const Said = z.discriminatedUnion("event", [
  z.looseObject({ event: z.literal("task"), task: z.string() }),
  z.looseObject({ event: z.literal("failed"), host: z.string(), task: z.string(), words: z.string() }),
  z.looseObject({ event: z.literal("unreachable"), host: z.string(), task: z.string(), words: z.string() }),
  z.looseObject({ event: z.literal("nothing"), words: z.string() }),
  z.looseObject({ event: z.literal("ended"), hosts: z.record(z.string(), Tally) }),
]);
export type Said = z.infer<typeof Said>;

/** Nothing for a line that is not the plugin's: Ansible itself may print one. */
export function saidIn(line: string): Said | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const said = Said.safeParse(JSON.parse(line));
    return said.success ? said.data : undefined;
  } catch {
    return undefined; // A tool's module may print a brace; it is no word of the plugin's.
  }
}

/** Tells about the place it runs in. */
import { appendFileSync } from "node:fs";

interface Context {
  getRemainingTimeInMillis(): number;
}
interface Question {
  wait?: number;
  refuse?: string;
  exit?: number;
  source?: string;
  time?: string;
}

export async function handler(event: Question, context: Context) {
  if (event.source === "aws.events") appendFileSync(process.env.DIARY ?? "", `${JSON.stringify(event)}\n`);
  if (event.refuse) throw new RangeError(event.refuse);
  if (event.exit !== undefined) process.exit(event.exit);
  const before = context.getRemainingTimeInMillis();
  if (event.wait) await new Promise((done) => setTimeout(done, event.wait));
  console.log("probed");
  return {
    now: Date.now(),
    made: new Date().toISOString(),
    fixed: new Date(0).getTime(),
    isDate: new Date() instanceof Date,
    before,
    after: context.getRemainingTimeInMillis(),
    context,
    env: { ...process.env },
  };
}

/** Does what each message's body asks for, and writes down what it has done. */
import { appendFileSync } from "node:fs";

interface Batch {
  Records: { messageId: string; body: string; attributes: { ApproximateReceiveCount: string } }[];
}

export async function handler({ Records }: Batch) {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const { messageId, body } of Records) {
    appendFileSync(process.env.DIARY ?? "", `began ${body}\n`);
    if (body === "trace") appendFileSync(process.env.DIARY ?? "", `trace ${process.env._X_AMZN_TRACE_ID}\n`);
    if (body.startsWith("crash")) process.exit(3);
    if (body.startsWith("throw")) throw new TypeError("this batch cannot be done");
    if (body.startsWith("hang")) for (;;);
    if (body.startsWith("slow")) await new Promise((done) => setTimeout(done, 40));
    if (body.startsWith("fail")) batchItemFailures.push({ itemIdentifier: messageId });
    else appendFileSync(process.env.DIARY ?? "", `done ${body}\n`);
  }
  return { batchItemFailures };
}

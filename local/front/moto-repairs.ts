import { type Answer, readAnswer, withBody } from "./answer.ts";
import type { Arrived } from "./call.ts";

/** What moto 5.2.5 answers otherwise than EC2 does, put right. */
export class MotoRepairs {
  readonly #answers = new Map<string, { headers: Answer["headers"]; body: string }>();

  /**
   * EC2 promises one effect per client token and moto ignores it: an answer that was lost, and the SDK's repetition,
   * would make a second instance. The answer to the first call with this token, or nothing.
   */
  repeated(account: string, arrived: Arrived): Answer | undefined {
    const known = this.#answers.get(idempotencyKey(account, arrived) ?? "");
    return known && { status: 200, ...known };
  }

  /** An EC2 answer as EC2 would give it; others pass as they are, and still stream. */
  async repair(account: string, arrived: Arrived, answer: Answer): Promise<Answer> {
    if (arrived.service !== "ec2" || answer.status !== 200) return answer;
    // An empty element makes Terraform's provider see a public address on every instance.
    const body = (await readAnswer(answer)).toString().replaceAll("<association/>", "");
    const repaired = withBody(answer, body);
    const key = idempotencyKey(account, arrived);
    if (key) this.#answers.set(key, { headers: repaired.headers, body });
    return repaired;
  }
}

function idempotencyKey(account: string, { service, action, form }: Arrived): string | undefined {
  const token = service === "ec2" && form?.get("ClientToken");
  return token ? `${account}/${action}/${token}` : undefined;
}

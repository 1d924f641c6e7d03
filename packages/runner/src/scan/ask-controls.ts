import { Decimal } from "../json/exact-json.ts";
import type { Json } from "../json/json.ts";
import { holdsSecret, isSecret, SENSITIVE } from "../masking/masked.ts";
import type { Secrets } from "../masking/secrets.ts";
import { openText, toolWords, type Words } from "../masking/words.ts";
import type { Control, Scope } from "./control.ts";

type Verdict = "passed" | "failed" | "skipped" | "could_not_ask";

/** One control's evidence, as it came back: nobody may read it yet. */
export type Answered = Readonly<{
  id: string;
  title: string;
  verdict: Verdict;
  asked?: string;
  answered?: Json;
  because?: string;
}>;

/** One control's evidence as people may read it. */
export type Evidence = Readonly<{
  id: string;
  title: Words;
  verdict: Verdict;
  asked?: Words;
  answered?: Json;
  because?: Words;
}>;

export const NO_HOSTS = "This installation has no hosts.";

/** Answers with every secret taken out: of what an account, a host or Terraform said, and of what was wrong with it. Ids, titles and questions are ours. */
export function evidenceOf(answers: readonly Answered[], secrets: Secrets): readonly Evidence[] {
  return answers.map(({ id, title, verdict, asked, answered, because }) => ({
    id,
    title: openText(title),
    verdict,
    ...(asked !== undefined && { asked: openText(asked) }),
    ...(answered !== undefined && { answered: maskedJson(answered, secrets) }),
    ...(because !== undefined && { because: toolWords(because, secrets) }),
  }));
}

/** A value with every text and key in it masked; one that is a secret as a whole says so. */
function maskedJson(value: Json, secrets: Secrets): Json {
  if (Array.isArray(value)) return value.map((each) => maskedJson(each, secrets));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [toolWords(name, secrets), maskedJson(each, secrets)]),
    );
  if (typeof value === "number") return isSecret(new Decimal(JSON.stringify(value)), secrets) ? SENSITIVE : value;
  if (typeof value !== "string") return value;
  return isSecret(value, secrets) && !holdsSecret(value, secrets) ? SENSITIVE : toolWords(value, secrets);
}

/** Asks every control, one after the other, also after one that failed: people want to hear all at once. */
export async function askControls(
  controls: readonly Control[],
  scope: Scope,
  hosts: "none" | "ssh",
  say: (title: Words) => void,
): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  for (const control of controls) {
    const { id, title, onHosts } = control;
    if (onHosts && hosts === "none") {
      answers.push({ id, title, verdict: "skipped", because: NO_HOSTS });
      continue;
    }
    say(openText(title));
    answers.push({ id, title, ...(await answerOf(control, scope)) });
  }
  return answers;
}

/** Whatever keeps a control from being asked is its answer: a check that could not ask must never look like one that passed. */
async function answerOf(control: Control, scope: Scope): Promise<Omit<Answered, "id" | "title">> {
  try {
    const found = await control.ask(scope);
    return { verdict: found.because === undefined ? "passed" : "failed", ...found };
  } catch (cause) {
    return { verdict: "could_not_ask", because: cause instanceof Error ? cause.message : String(cause) };
  }
}

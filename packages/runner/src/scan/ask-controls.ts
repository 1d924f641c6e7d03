import type { Json } from "../terraform/plan-json.ts";
import type { Control, Scope } from "./control.ts";

/** One control's evidence. */
export type Answered = Readonly<{
  id: string;
  title: string;
  verdict: "passed" | "failed" | "skipped" | "could_not_ask";
  asked?: string;
  answered?: Json;
  because?: string;
}>;

export const NO_HOSTS = "This installation has no hosts.";

/** Asks every control, one after the other, also after one that failed: people want to hear all at once. */
export async function askControls(
  controls: readonly Control[],
  scope: Scope,
  hosts: "none" | "ssh",
  say: (title: string) => void,
): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  for (const control of controls) {
    const { id, title, onHosts } = control;
    if (onHosts && hosts === "none") {
      answers.push({ id, title, verdict: "skipped", because: NO_HOSTS });
      continue;
    }
    say(title);
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

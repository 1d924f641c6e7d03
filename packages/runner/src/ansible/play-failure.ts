import { JobFailure, sentenceOf } from "../job-failure.ts";
import { plainWords } from "./plain-words.ts";
import type { PlaybookRun, TaskResult } from "./playbook.ts";

const WORDS = 700;
const WAITING = "ansible.builtin.wait_for_connection";

/**
 * Why a playbook did not end well: host, task, Ansible's own words. `host_unreachable` when a host did not answer, `interrupted` when we stopped it, else
 * `playbook_failed`. All can be repeated: a playbook changes only what is not yet as it should be.
 *
 * @param refusals what AWS said to hosts' tunnels, by host
 */
export function playFailure(
  { interrupted, failures, counts, exitCode, said }: PlaybookRun,
  refusals: Readonly<Record<string, string>> = {},
): JobFailure {
  const repeatable = true;
  if (interrupted)
    return new JobFailure("interrupted", "The playbook was stopped before it was done. What it did until then stays.", {
      repeatable,
    });

  const last = lastOf(failures, counts);
  if (!last) {
    const words = plainWords(said, WORDS) || "without a word";
    return new JobFailure("playbook_failed", sentenceOf(`Ansible ended with code ${exitCode}: ${words}`), {
      repeatable,
    });
  }
  const where = `task “${plainWords(taskName(last.task), 150)}”: ${plainWords(last.words, WORDS)}`;
  const others = new Set(failures.map(({ host }) => host)).size - 1;
  const more = others > 0 ? `${others} more ${others === 1 ? "host has" : "hosts have"} failed as well.` : "";
  const refusal = plainWords(refusals[last.host] ?? "", WORDS);
  return last.outcome === "unreachable" || last.action === WAITING
    ? new JobFailure(
        "host_unreachable",
        sentenceOf(`${last.host} does not answer${refusal ? `: ${refusal}` : `, ${where}`}`, more),
        {
          repeatable,
        },
      )
    : new JobFailure("playbook_failed", sentenceOf(`${last.host}, ${where}`, more), { repeatable });
}

/** The last failure of a host that failed in the end; an earlier one may have been mended by a rescue. */
function lastOf(failures: readonly TaskResult[], counts: PlaybookRun["counts"]): TaskResult | undefined {
  const failed = failures.filter(({ host }) => {
    const count = counts[host];
    return !count || count.failures + count.unreachable > 0;
  });
  return failed.at(-1) ?? failures.at(-1);
}

/** Ansible puts the role before the task; people know the task. */
function taskName(task: string): string {
  return task.replace(/^[a-z0-9_]+ : /, "");
}

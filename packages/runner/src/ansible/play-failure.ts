import { JobFailure, sentenceOf } from "../job-failure.ts";
import { openText, rewritten, type Words, words } from "../masking/words.ts";
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
  refusals: Readonly<Record<string, Words>> = {},
): JobFailure {
  const repeatable = true;
  if (interrupted)
    return new JobFailure(
      "interrupted",
      words`The playbook was stopped before it was done. What it did until then stays.`,
      {
        repeatable,
      },
    );

  const last = lastOf(failures, counts);
  if (!last) {
    const why = plainWords(said, WORDS) || words`without a word`;
    return new JobFailure("playbook_failed", sentenceOf(words`Ansible ended with code ${exitCode}: ${why}`), {
      repeatable,
    });
  }
  const host = openText(last.host); // By its name in our own inventory.
  const where = words`task “${plainWords(taskName(last.task), 150)}”: ${plainWords(last.words, WORDS)}`;
  const others = new Set(failures.map(({ host }) => host)).size - 1;
  const more =
    others === 0
      ? words``
      : words`${others} more ${others === 1 ? words`host has` : words`hosts have`} failed as well.`;
  const refusal = plainWords(refusals[last.host] ?? words``, WORDS);
  return last.outcome === "unreachable" || last.action === WAITING
    ? new JobFailure(
        "host_unreachable",
        sentenceOf(words`${host} does not answer${refusal ? words`: ${refusal}` : words`, ${where}`}`, more),
        {
          repeatable,
        },
      )
    : new JobFailure("playbook_failed", sentenceOf(words`${host}, ${where}`, more), { repeatable });
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
function taskName(task: Words): Words {
  return rewritten(task, (whole) => whole.replace(/^[a-z0-9_]+ : /, ""));
}

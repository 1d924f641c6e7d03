/** Prints the story as a conversation: time, who, what; events dimmed between; facts with the value that was read. */
export interface Conversation {
  /** A heading of a part of the story. */
  scene(title: string): void;
  says(who: string, what: string): void;
  /** What a person sees: several lines, such as a message. */
  shows(where: string, lines: readonly string[]): void;
  event(type: string, source: string): void;
  waiting(forWhat: string): void;
  fact(holds: boolean, claim: string, read: string): void;
  skipped(what: string, because: string): void;
  /** `N passed, N failed`, and `, N skipped` where something was. */
  total(): { passed: number; failed: number; skipped: number };
}

const WIDTH = 100;

/** With a terminal in colour, without one or with `NO_COLOR` the same words, one per line. */
export function conversation(
  write: (text: string) => void,
  { colour, now = Date.now }: { colour: boolean; now?: () => number },
): Conversation {
  const began = now();
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const dim = (text: string) => paint(2, text);
  const time = () => dim(`${String(Math.round((now() - began) / 1_000)).padStart(4)} s`);
  const line = (text: string) => write(`${text}\n`);
  const counts = { passed: 0, failed: 0, skipped: 0 };

  return {
    scene: (title) => line(`\n${paint(1, title)}\n${"─".repeat(Math.min(WIDTH, title.length))}`),
    says: (who, what) => line(`${time()}  ${paint(36, who.padEnd(9))} ${what}`),
    shows(where, lines) {
      line(`${time()}  ${dim(where.padEnd(9))} ${dim("┌")}`);
      for (const each of lines.flatMap((text) => wrapped(text, WIDTH - 20)))
        line(`${" ".repeat(18)}${dim("│")} ${each}`);
    },
    event: (type, source) => line(dim(`${" ".repeat(18)}· ${type}  ${source}`)),
    waiting: (forWhat) => line(`${time()}  ${dim(`…         ${forWhat}`)}`),
    fact(holds, claim, read) {
      counts[holds ? "passed" : "failed"] += 1;
      line(`${" ".repeat(7)} ${holds ? paint(32, "✓") : paint(31, "✗")} ${claim}: ${read}`);
    },
    skipped(what, because) {
      counts.skipped += 1;
      line(`${" ".repeat(7)} ${dim("–")} ${what} skipped: ${because}`);
    },
    total: () => ({ ...counts }),
  };
}

/** The closing line, which programs read too. */
export function closingLine({ passed, failed, skipped }: ReturnType<Conversation["total"]>): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function wrapped(text: string, width: number): string[] {
  return text.split("\n").flatMap((given) => {
    const lines: string[] = [];
    let rest = given;
    while (rest.length > width) {
      const at = rest.lastIndexOf(" ", width);
      const end = at > width / 2 ? at : width;
      lines.push(rest.slice(0, end));
      rest = rest.slice(end).trimStart();
    }
    return [...lines, rest];
  });
}

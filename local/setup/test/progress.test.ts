import { expect, test } from "vitest";
import { printSetup, type SetupEvent } from "../progress.ts";

const EVENT: Omit<SetupEvent, "state"> = {
  part: "Python packages",
  why: "the emulators",
  usualSeconds: 15,
  seconds: 0,
};

function stream(isTTY: boolean) {
  const pieces: string[] = [];
  return { isTTY, write: (piece: string) => pieces.push(piece) > 0, text: () => pieces.join("") };
}

test("without a terminal every word stands on a line of its own", () => {
  const file = stream(false);

  const { report, end } = printSetup(file);
  report({ ...EVENT, state: "started" });
  report({ ...EVENT, state: "installed", seconds: 12.4 });
  end();

  expect(file.text()).toBe(
    "◐ Setting up Python packages: the emulators, usually 15 s\n✓ Python packages installed, 12 s\n",
  );
});

test("on a terminal the running parts stand in the last line, which is gone at the end", () => {
  const terminal = stream(true);

  const { report, end } = printSetup(terminal, { plain: false });
  report({ ...EVENT, state: "started" });
  end();

  expect(terminal.text()).toContain("◐ Python packages 0 of about 15 s");
  expect(terminal.text().endsWith("\r\u001b[2K")).toBe(true);
});

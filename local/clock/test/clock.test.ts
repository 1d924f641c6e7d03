import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { startClock } from "../clock.ts";

const DAY_MS = 86_400_000;
function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "sluice-clock-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "clock");
}
const preload = fileURLToPath(new URL("../preload.ts", import.meta.url));
const inShiftedNode = (script: string, file: string) =>
  execFileSync(process.execPath, ["--import", preload, "-e", script], {
    env: { LOCAL_CLOCK_FILE: file, PATH: process.env.PATH },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();

it("shows real time until it is moved, and goes on from there when it is started again", () => {
  const file = newFile();
  const clock = startClock(file);
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(100);

  clock.advance(DAY_MS);
  clock.advance(-3 * DAY_MS);

  expect(Math.abs(startClock(file).now() - (Date.now() - 2 * DAY_MS))).toBeLessThan(100);
});

it("tells its listeners of the new time, until they stop listening", () => {
  const clock = startClock(newFile());
  const heard: number[] = [];
  const stop = clock.onAdvance(() => heard.push(clock.now()));

  clock.advance(DAY_MS);
  stop();
  clock.advance(DAY_MS);

  expect(heard).toHaveLength(1);
  expect(Math.abs((heard[0] ?? 0) - Date.now() - DAY_MS)).toBeLessThan(100);
});

it("refuses a file that holds no number", () => {
  const file = newFile();
  writeFileSync(file, "tomorrow");

  expect(() => startClock(file)).toThrow(/should hold milliseconds/);
});

it("shifts a whole Node process from its first line on", () => {
  const clock = startClock(newFile());
  clock.advance(100 * DAY_MS);

  const seen = inShiftedNode(
    "console.log(Date.now() + ' ' + new Date().getTime() + ' ' + Date.parse(Date()))",
    clock.file,
  );

  for (const ms of seen.split(" ")) expect(Math.abs(Number(ms) - clock.now())).toBeLessThan(10_000);
});

it("leaves dates that are made from something as they are, and their types too", () => {
  const clock = startClock(newFile());
  clock.advance(DAY_MS);

  const script = `
    class Own extends Date {}
    const now = new Date();
    console.log(JSON.stringify([new Date(5).getTime(), Date.UTC(2026, 0), now instanceof Date, now.constructor === Date,
      new Own() instanceof Own, new Own(7).getTime(), structuredClone(now) instanceof Date, performance.now() < 60000]));`;

  expect(JSON.parse(inShiftedNode(script, clock.file))).toEqual([
    5,
    Date.UTC(2026, 0),
    true,
    true,
    true,
    7,
    true,
    true,
  ]);
});

it("follows the file while the process runs", () => {
  const clock = startClock(newFile());

  const script = `
    const { writeFileSync } = require("node:fs");
    const before = Date.now();
    writeFileSync(process.env.LOCAL_CLOCK_FILE, "${DAY_MS}");
    const end = performance.now() + 5000;
    while (performance.now() < end && Date.now() - before < ${DAY_MS}) {}
    console.log(Date.now() - before >= ${DAY_MS});`;

  expect(inShiftedNode(script, clock.file)).toBe("true");
});

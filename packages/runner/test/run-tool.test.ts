import { expect, it } from "vitest";
import { toolRunner } from "../src/tools/run-tool.ts";

const sh = (script: string) =>
  toolRunner({ PATH: process.env.PATH ?? "" })("sh", ["-c", script], { cwd: "/", onLine: () => undefined });

it("tells a program that ended from one that a signal ended", async () => {
  expect(await sh("exit 3")).toEqual({ exitCode: 3, interrupted: false });
  expect(await sh("kill -9 $$")).toEqual({ exitCode: 1, signal: "SIGKILL", interrupted: true });
});

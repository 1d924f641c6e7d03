import { expect, it } from "vitest";
import { isOurs, StateLock } from "../src/terraform/state-lock.ts";

/** As Terraform 1.11.4 writes it. */
const lock = StateLock.parse({
  ID: "4f3b1c52-6f0e-8b1a-0c5d-1f2e3d4c5b6a",
  Operation: "OperationTypeApply",
  Info: "",
  Who: "root@vm",
  Version: "1.11.4",
  Created: "2026-11-23T19:11:28.98715447Z",
  Path: "state/sandbox/probe",
});
const at = (time: string) => Date.parse(`2026-11-23T${time}Z`);

it.each([
  ["from within our last build", "19:11:00", "19:12:00", true],
  ["from its first moment", "19:11:28.987", "19:12:00", true],
  ["from its last moment", "19:11:00", "19:11:28.987", true],
  ["from before it", "19:11:29", "19:12:00", false],
  ["from after it", "19:10:00", "19:11:28", false],
])("judges a lock %s", (_, startedAt, endedAt, ours) => {
  expect(isOurs(lock, { startedAt: at(startedAt), endedAt: at(endedAt) })).toBe(ours);
});

it("takes no lock for ours when no build of ours is over", () => {
  expect(isOurs(lock, undefined)).toBe(false);
});

it("takes no lock for ours when its time cannot be read", () => {
  expect(isOurs({ ...lock, Created: "yesterday" }, { startedAt: 0, endedAt: at("23:00:00") })).toBe(false);
});

it("refuses an id that could be an option of a command", () => {
  expect(StateLock.safeParse({ ...lock, ID: "-force" }).success).toBe(false);
});

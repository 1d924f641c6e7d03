import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

/** `unit`: milliseconds, Node alone. `local`: one part of the local cloud, real emulators. `flow`: the whole cloud. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "packages/*/test/**/*.test.ts",
            "services/*/test/**/*.test.ts",
            "bench/test/**/*.test.ts",
            "test/model/**/*.test.ts",
          ],
          exclude: ["**/adapters/**"],
          // The longest explore a whole model: seconds, and more of them on a slower machine.
          testTimeout: 60_000,
          env: { POWERTOOLS_LOG_LEVEL: "SILENT", POWERTOOLS_METRICS_DISABLED: "true" },
          isolate: false, // They change nothing that another one sees, and half of their time was importing the same again.
        },
      },
      { test: { name: "wiring", include: ["stacks/test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 120_000 } },
      {
        test: {
          name: "local",
          include: [
            "local/**/*.test.ts",
            "services/*/test/adapters/**/*.test.ts",
            "packages/*/test/adapters/**/*.test.ts",
            "terraform/**/*.test.ts",
          ],
          testTimeout: 120_000,
          hookTimeout: 240_000,
          expect: { poll: { timeout: 30_000 } }, // A second is less than a busy machine needs to start a process.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "flow",
          globalSetup: ["test/flow-synth.ts"],
          include: ["test/story/**/*.test.ts", "test/faults/**/*.test.ts"],
          // Ends what hangs. The story took 227 s on one day and 474 s on another, on the same machine.
          testTimeout: 1_200_000,
          hookTimeout: 300_000,
          // While one cloud waits for a build or a sweep, the others work: two left a third of two cores idle.
          maxWorkers: 3,
        },
      },
    ],
  },
});

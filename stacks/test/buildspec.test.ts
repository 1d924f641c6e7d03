import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { archiveOf } from "../archive.ts";
import { buildspecOf, PAUSES_SECONDS } from "../buildspec.ts";
import { Container } from "./container.ts";

const JOB = "job_7k3m9qx2_plan_1";
const INPUT = `inputs/staging/plan/${JOB}.json`;
const REFUSED = `results/staging/plan/${JOB}/refused.json`;

let container: Container;
let release: { key: string; versionId: string; sha256: string };
let archive: Uint8Array;
beforeEach(async () => {
  container = await Container.make();
  const made = await archiveOf([{ name: "runner.mjs", bytes: Buffer.from('console.log("The runner runs.");') }]);
  archive = made.bytes;
  release = { key: `releases/${made.sha256}.tar.gz`, versionId: "v1", sha256: made.sha256 };
});
afterEach(() => container.remove());

/** A build of the job, by a buildspec that was deployed beside `latest` and asks again three times, without a pause. */
const run = (latest = release) =>
  container.run(
    buildspecOf(
      {
        KIND: "plan",
        ENVIRONMENT: "staging",
        JOBS_BUCKET: "jobs",
        RELEASES_BUCKET: "releases",
        LATEST_KEY: latest.key,
        LATEST_VERSION: latest.versionId,
      },
      [0, 0, 0],
    ),
    { JOB_ID: JOB },
  );
const input = () => ({ bytes: JSON.stringify({ release }) });

describe("a bucket that has just begun to keep versions may not find what is in it", () => {
  it("so the release is asked for again, and runs when it is found", async () => {
    await container.has(INPUT, input());
    await container.has(release.key, { bytes: archive }, 4);

    expect(await run()).toMatchObject({ code: 0, log: expect.stringContaining("The runner runs.") });
    expect(await container.object(REFUSED)).toBeUndefined();
  });

  it("so an older release, which the input names, is asked for again too", async () => {
    await container.has(INPUT, input());
    await container.has(release.key, { bytes: archive }, 3);

    const { code, log } = await run({ ...release, key: "releases/newest.tar.gz" });

    expect({ code, log }).toMatchObject({ code: 0, log: expect.stringContaining("The runner runs.") });
  });

  it("so the input is asked for again", async () => {
    await container.has(INPUT, input(), 4);
    await container.has(release.key, { bytes: archive });

    expect(await run()).toMatchObject({ code: 0, log: expect.stringContaining("The runner runs.") });
  });
});

it("a release that is not found by then is refused as missing, and nothing runs", async () => {
  await container.has(INPUT, input());

  const { code, log } = await run();

  expect({ code, log }).toMatchObject({ code: 1, log: expect.not.stringContaining("The runner runs.") });
  expect(await container.object(REFUSED)).toBe('{"reason":"release_missing"}');
  expect(await container.asked(release.key)).toBe(1 + 4); // At once beside the input, then patiently.
});

it("an input that is not found by then is refused as missing", async () => {
  await container.has(release.key, { bytes: archive });

  expect(await run()).toMatchObject({ code: 1 });
  expect(await container.object(REFUSED)).toBe('{"reason":"input_missing"}');
  expect(await container.asked(INPUT)).toBe(4);
});

it("a build asks for a minute, by literals that no variable of a build changes", () => {
  expect(PAUSES_SECONDS.reduce((sum, seconds) => sum + seconds)).toBe(60);
  expect(JSON.parse(buildspecOf({})).phases.build.commands[0]).toContain(
    `for pause in ${PAUSES_SECONDS.join(" ")}; do`,
  );
});

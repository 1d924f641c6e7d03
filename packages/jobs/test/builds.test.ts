import { BatchGetBuildsCommand, type Build, type CodeBuildClient } from "@aws-sdk/client-codebuild";
import { BuildId, JobId } from "@sluice/events";
import { describe, expect, test } from "vitest";
import { builds } from "../src/index.ts";

const uuid = "1".padStart(36, "0");
const build = BuildId.parse(`sluice-local-plan-staging:${uuid}`);
const job = JobId.parse("job_7k3m9qx2_plan_1");
const of = { environment: "staging", kind: "plan" } as const;

/** CodeBuild, which knows these builds and refuses to be asked of projects that are none of its caller's. */
function codeBuild(...known: Build[]) {
  const asked: string[] = [];
  const send = async (command: unknown) => {
    if (!(command instanceof BatchGetBuildsCommand)) throw new Error("CodeBuild was asked for something else");
    const { ids = [] } = command.input;
    asked.push(...ids);
    return { builds: known.filter(({ id = "" }) => ids.includes(id)) };
  };
  return { asked, facts: builds({ send } as unknown as CodeBuildClient, "local").facts };
}
const buildFor = (value: string, change: Partial<Build> = {}): Build => ({
  id: build,
  buildStatus: "IN_PROGRESS",
  startTime: new Date(1_000),
  environment: {
    type: "LINUX_CONTAINER",
    image: "i",
    computeType: "BUILD_GENERAL1_SMALL",
    environmentVariables: [{ name: "JOB_ID", value }],
  },
  ...change,
});

describe("what CodeBuild says of a build that an item names", () => {
  test("is told of a build of this job, also once it is over", async () => {
    expect(await codeBuild(buildFor(job)).facts(build, { ...of, job })).toEqual({ over: false, startedAt: 1_000 });
    const over = buildFor(job, { buildComplete: true, endTime: new Date(2_000) });
    expect(await codeBuild(over).facts(build, { ...of, job })).toEqual({
      over: true,
      startedAt: 1_000,
      endedAt: 2_000,
    });
  });

  test.each([
    ["kind", "sluice-local-apply-staging"],
    ["environment", "sluice-local-plan-sandbox"],
    ["project whose name only begins like it", "sluice-local-plan-staging2"],
    ["project of somebody else", "somebody-elses"],
  ])("is not asked of a build of another %s, which CodeBuild may refuse to answer", async (_, project) => {
    const { asked, facts } = codeBuild();

    expect(await facts(BuildId.parse(`${project}:${uuid}`), { ...of, job })).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test("is nothing where the build was started for another job, and all the same where no job is named", async () => {
    const { facts } = codeBuild(buildFor("job_7k3m9qx2_plan_2"));

    expect(await facts(build, { ...of, job })).toBeUndefined();
    expect(await facts(build, of)).toEqual({ over: false, startedAt: 1_000 });
  });

  test("is nothing where CodeBuild knows none", async () => {
    expect(await codeBuild().facts(build, { ...of, job })).toBeUndefined();
  });
});

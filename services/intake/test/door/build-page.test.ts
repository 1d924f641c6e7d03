import { expect, it } from "vitest";
import { buildPage } from "../../src/door/build-page.ts";

it("a build's page lies below its project, as in CodeBuild's console", () => {
  const projects = "https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/111122223333/projects";

  expect(buildPage(projects, "sluice-plan:6b0a2f0e-51c5-4f0a-8b8e-3a9a4b0c1d2e")).toBe(
    `${projects}/sluice-plan/build/sluice-plan%3A6b0a2f0e-51c5-4f0a-8b8e-3a9a4b0c1d2e`,
  );
});

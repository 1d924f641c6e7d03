import { describe, expect, it } from "vitest";
import { conditionKeysOf } from "../condition-keys.ts";

describe("the condition keys of StartBuild", () => {
  it("name every variable that is overridden, and its value", () => {
    const keys = conditionKeysOf({
      projectName: "plan",
      environmentVariablesOverride: [
        { name: "JOB_ID", value: "job_1" },
        { name: "STAGE", value: "beta", type: "PLAINTEXT" },
      ],
    });

    expect(keys.get("codebuild:environment.environmentvariables.name")).toEqual(["JOB_ID", "STAGE"]);
    expect(keys.get("codebuild:environment.environmentvariables/stage.value")).toEqual(["beta"]);
    expect(keys.get("codebuild:environment")).toEqual(["true"]);
    expect(keys.has("codebuild:source.buildspec")).toBe(false);
  });

  it("say of a buildspec only that there is one", () => {
    expect(conditionKeysOf({ buildspecOverride: "{}" }).get("codebuild:source.buildspec")).toEqual(["true"]);
  });

  it.each([
    ["serviceRoleOverride", "arn:role", "codebuild:servicerole", "arn:role"],
    ["imageOverride", "image", "codebuild:environment.image", "image"],
    ["privilegedModeOverride", true, "codebuild:environment.privilegedmode", "true"],
    ["sourceLocationOverride", "https://x", "codebuild:source.location", "https://x"],
    ["artifactsOverride", { type: "S3", location: "bucket" }, "codebuild:artifacts.location", "bucket"],
  ])("%s", (override, value, key, expected) => {
    expect(conditionKeysOf({ [override]: value }).get(key)).toEqual([expected]);
  });

  it("do not exist for time-outs and for a source's type, as on AWS", () => {
    expect(conditionKeysOf({ projectName: "plan", timeoutInMinutesOverride: 5, idempotencyToken: "t" }).size).toBe(0);
    expect([...conditionKeysOf({ sourceTypeOverride: "S3" }).keys()]).toEqual(["codebuild:source"]);
  });
});

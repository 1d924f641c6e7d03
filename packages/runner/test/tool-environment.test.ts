import { expect, it } from "vitest";
import { toolEnvironment } from "../src/tools/tool-environment.ts";

const build = {
  PATH: "/tools/bin",
  HOME: "/root",
  TMPDIR: "/tmp",
  TF_CLI_CONFIG_FILE: "/tools/terraform.rc",
  AWS_REGION: "eu-west-1",
  AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/x",
  AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/x",
  AWS_CONTAINER_AUTHORIZATION_TOKEN: "token",
};

it("lets through what tools need: their own files, the region and the container's credentials", () => {
  expect(toolEnvironment(build)).toEqual({
    ...build,
    LC_ALL: "C.UTF-8",
    TF_IN_AUTOMATION: "1",
    TF_INPUT: "0",
    CHECKPOINT_DISABLE: "1",
    GOGC: "400",
    AWS_EC2_METADATA_DISABLED: "true",
  });
});

it.each([
  "TF_CLI_ARGS",
  "TF_CLI_ARGS_apply",
  "TF_VAR_name",
  "TF_WORKSPACE",
  "TF_LOG",
  "TF_PLUGIN_CACHE_DIR",
  "TF_REATTACH_PROVIDERS",
  "ANSIBLE_CONFIG",
  "NODE_OPTIONS",
  "LD_PRELOAD",
  "LD_LIBRARY_PATH",
  "PYTHONPATH",
  "AWS_ACCESS_KEY_ID",
  "AWS_PROFILE",
  "AWS_CONFIG_FILE",
  "HTTPS_PROXY",
  "JOB_ID",
  "GRANT_KEY_ARN",
])("keeps %s out", (name) => {
  expect(toolEnvironment({ ...build, [name]: "x" })).not.toHaveProperty(name);
});

it("sets no endpoint where the build has none", () => {
  const { AWS_ENDPOINT_URL: _, ...onAws } = build;

  expect(toolEnvironment(onAws)).not.toHaveProperty("AWS_ENDPOINT_URL");
});

it("does not let a build change what is fixed", () => {
  expect(toolEnvironment({ ...build, LC_ALL: "C", TF_IN_AUTOMATION: "" })).toMatchObject({
    LC_ALL: "C.UTF-8",
    TF_IN_AUTOMATION: "1",
  });
});

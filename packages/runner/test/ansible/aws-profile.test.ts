import { expect, it } from "vitest";
import { awsProfile } from "../../src/ansible/aws-profile.ts";

const values = {
  roleArn: "arn:aws:iam::222222222222:role/sluice-configure",
  externalId: "sluice-staging",
  sessionName: "req_7k3m9qx2",
  region: "eu-west-1",
};

it("lets the AWS CLI take the role by the build's own credentials", () => {
  expect(awsProfile(values)).toBe(`[profile target]
role_arn = arn:aws:iam::222222222222:role/sluice-configure
external_id = sluice-staging
role_session_name = req_7k3m9qx2
credential_source = EcsContainer
region = eu-west-1
`);
});

it("refuses a value that would be a setting of its own", () => {
  expect(() => awsProfile({ ...values, externalId: "x\ncredential_process = id" })).toThrow("externalId");
});

import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeRole, makeTargetRole, trust } from "../../../../local/front/test/roles.ts";
import { REGION, ROOT, SLUICE, STAGING, startEmulators } from "../../../../local/front/test/start-emulators.ts";
import { runCommand } from "../../../../local/setup/run-command.ts";
import { ensureTools } from "../../../../local/setup/tools.ts";
import { awsProfile, PROFILE } from "../../src/ansible/aws-profile.ts";
import { toolEnvironment } from "../../src/tools/tool-environment.ts";

let emulators: Awaited<ReturnType<typeof startEmulators>>;
beforeAll(async () => {
  emulators = await startEmulators();
});
afterAll(() => emulators?.stop());

it("lets the AWS CLI act in the target account as the job's role, in the request's name", async () => {
  const { front, directory } = emulators;
  const tools = await ensureTools({ root: ROOT, want: ["python"] });
  const buildRole = await makeRole(front, "sluice-test-configure-staging", [
    { Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" },
  ]);
  const roleArn = await makeTargetRole(front, STAGING, "sluice-configure", [
    trust(`${SLUICE}:root`, { Condition: { StringEquals: { "sts:ExternalId": "sluice-staging" } } }),
  ]);
  const { uri, token } = front.containerCredentials.register(`sluice-test:${randomUUID()}`, buildRole);
  const identity = async (externalId: string) => {
    const file = join(directory, `aws-config-${externalId}`);
    await writeFile(file, awsProfile({ roleArn, externalId, sessionName: "req_7k3m9qx2", region: REGION }));
    return runCommand("aws", ["sts", "get-caller-identity", "--query", "Arn", "--output", "text"], {
      env: {
        ...toolEnvironment({
          PATH: tools.path,
          AWS_ENDPOINT_URL: front.url,
          AWS_CONTAINER_CREDENTIALS_FULL_URI: uri,
          AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
        }),
        HOME: join(directory, externalId),
        AWS_CONFIG_FILE: file,
        AWS_PROFILE: PROFILE,
        AWS_DEFAULT_REGION: REGION,
      },
    });
  };

  expect(await identity("sluice-staging")).toBe(`arn:aws:sts::${STAGING}:assumed-role/sluice-configure/req_7k3m9qx2\n`);
  await expect(identity("another")).rejects.toThrow("AccessDenied");
});

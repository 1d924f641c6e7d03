import { mkdtemp, rm } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureTools } from "../../setup/tools.ts";
import { startTargets, type Targets } from "../start-targets.ts";

let directory: string;
let targets: Targets;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-targets-"));
  const tools = await ensureTools({ root: join(import.meta.dirname, "../../.."), want: ["python"] });
  targets = await startTargets({ directory, tools });
});
afterAll(async () => {
  await targets?.stop();
  await rm(directory, { recursive: true, force: true });
});

describe("the target accounts", () => {
  it("are told apart by the header that the front sets", async () => {
    await ask("111111111111", "CreateRole", { RoleName: "theirs", AssumeRolePolicyDocument: "{}" });

    expect(await ask("111111111111", "ListRoles")).toMatchObject({ body: expect.stringContaining("theirs") });
    expect(await ask("222222222222", "ListRoles")).toMatchObject({ body: expect.not.stringContaining("theirs") });
  });

  it("know AWS's own policies", async () => {
    const PolicyArn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";

    expect((await ask("111111111111", "GetPolicy", { PolicyArn })).status).toBe(200);
  });
});

async function ask(account: string, Action: string, parameters: Record<string, string> = {}) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(targets.url, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-moto-account-id": account,
        authorization: "AWS4-HMAC-SHA256 Credential=ANY/20260101/us-east-1/iam/aws4_request",
      },
    });
    asked.on("response", resolve).on("error", reject);
    asked.end(new URLSearchParams({ Action, Version: "2010-05-08", ...parameters }).toString());
  });
  return { status: answer.statusCode, body: await text(answer) };
}

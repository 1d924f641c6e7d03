import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { ensureTools } from "../../setup/tools.ts";
import { PLACE } from "../../synth/synth.ts";
import { type Emulator, ROOT_CREDENTIALS, startEmulator } from "../account.ts";

/** The project's root. */
export const root: string = fileURLToPath(new URL("../../..", import.meta.url));

export interface ClientConfig {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  maxAttempts: number;
}

export interface Statement {
  Effect?: "Allow" | "Deny";
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** An empty account on an emulator of its own, for one test file. */
export interface Cloud extends Emulator {
  /** For clients that may do everything. */
  root: ClientConfig;
  directory: string;
  /** For clients with a session of a new role that has these permissions. */
  roleWith(name: string, statements: Statement[]): Promise<ClientConfig>;
}

export async function startCloud(withoutPatches: readonly string[] = []): Promise<Cloud> {
  const directory = await mkdtemp(join(tmpdir(), "sluice-account-"));
  const tools = await ensureTools({ root, want: ["python"] });
  const emulator = await startEmulator({ directory, tools, withoutPatches });
  const config = {
    endpoint: emulator.url,
    region: PLACE.region,
    credentials: ROOT_CREDENTIALS,
    maxAttempts: 1,
  };
  return {
    ...emulator,
    root: config,
    directory,
    roleWith: (name, statements) => assumedRole(config, name, statements),
    async stop() {
      await emulator.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The error's name when the call is refused, `"done"` when it is not. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "done";
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

async function assumedRole(config: ClientConfig, name: string, statements: Statement[]): Promise<ClientConfig> {
  const iam = new IAMClient(config);
  const anybody = {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${PLACE.account}:root` },
    Action: "sts:AssumeRole",
  };
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: policy([anybody]) }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: name,
      PolicyName: "inline",
      PolicyDocument: policy(statements.map((statement) => ({ Effect: "Allow", ...statement }))),
    }),
  );
  const { Credentials } = await new STSClient(config).send(
    new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: "test" }),
  );
  return {
    ...config,
    credentials: {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    },
  };
}

/** A policy's JSON text. */
export function policy(statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

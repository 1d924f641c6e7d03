import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ObjectRef } from "@sluice/events";
import { sha256Of } from "@sluice/steps";
import { onTestFinished } from "vitest";
import type { ObjectStore } from "../src/aws/object-store.ts";
import type { Build } from "../src/build.ts";
import { parseConfig } from "../src/config.ts";
import { noSecrets } from "../src/masking/secrets.ts";
import type { Doing } from "../src/terraform/ui-message.ts";

export const environment = {
  STAGE: "test",
  KIND: "apply",
  ENVIRONMENT: "staging",
  JOBS_BUCKET: "jobs",
  STATES_BUCKET: "states",
  BUILDS_TABLE_NAME: "provisioning",
  REPORTS_QUEUE_URL: "http://127.0.0.1/reports",
  GRANT_KEY_ARN: "arn:aws:kms:eu-west-1:000000000000:key/1",
  TARGET_ROLE_ARN: "arn:aws:iam::111111111111:role/sluice-apply",
  TARGET_EXTERNAL_ID: "external",
  TARGET_REGION: "eu-central-1",
  AWS_REGION: "eu-west-1",
  JOB_ID: "job_7k3m9qx2_apply_1",
  CODEBUILD_BUILD_ID: "sluice-test-apply-staging:00000000-0000-0000-0000-000000000001",
};

/** A bucket in memory that keeps versions. */
export function memoryStore(): ObjectStore & { objects: Map<string, Uint8Array> } {
  const objects = new Map<string, Uint8Array>();
  const bytesOf = (body: string | Uint8Array) => (typeof body === "string" ? new TextEncoder().encode(body) : body);
  let versions = 0;
  return {
    objects,
    async put(key, body): Promise<ObjectRef> {
      versions += 1;
      const versionId = `v${versions}`;
      objects.set(`${key}@${versionId}`, bytesOf(body));
      objects.set(key, bytesOf(body));
      return { key, versionId, sha256: sha256Of(body) };
    },
    async get({ key, versionId, sha256 }) {
      const bytes = objects.get(`${key}@${versionId}`);
      return bytes && sha256Of(bytes) === sha256 ? bytes : "changed";
    },
    async latest(key) {
      const bytes = objects.get(key);
      return bytes && new TextDecoder().decode(bytes);
    },
  };
}

/** What a scripted Terraform answers to a command: the lines it prints and its exit code, or the signal that ended it. */
export type Script = Readonly<Record<string, Answer | (() => Answer)>>;
type Answer = Readonly<{ lines?: readonly string[]; code?: number; signal?: NodeJS.Signals }>;

/** A build with a Terraform that says what a test wants. `ran` is what was asked of it. */
export async function memoryBuild(script: Script) {
  const folder = await mkdtemp(join(tmpdir(), "sluice-runner-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "release/terraform/live/probe"), { recursive: true });
  await mkdir(join(folder, "release/terraform/modules"), { recursive: true });
  const ran: string[][] = [];
  const said: Doing[] = [];
  const files: Record<string, string> = {};
  const stop = new AbortController();
  const time = { now: Date.parse("2026-11-23T12:00:00Z"), left: 3_000_000 };
  const stores = { jobs: memoryStore(), states: memoryStore() };
  const build: Build = {
    config: parseConfig(environment),
    release: join(folder, "release"),
    work: join(folder, "work"),
    async runTool(_, args, { cwd, onLine }) {
      ran.push([...args]);
      if (args[0] === "init")
        for (const name of ["sluice.tfvars.json", "sluice-target.tfvars.json", "sluice.s3.tfbackend"])
          files[name] = await readFile(join(cwd, name), "utf8");
      const answer = script[args[0] ?? ""] ?? {};
      const { lines = [], code = 0, signal } = typeof answer === "function" ? answer() : answer;
      for (const line of lines) onLine(line);
      return signal ? { exitCode: 1, signal, interrupted: true } : { exitCode: code, interrupted: stop.signal.aborted };
    },
    ...stores,
    secrets: noSecrets,
    say: (doing) => said.push(doing),
    interrupt: stop.signal,
    now: () => time.now,
    left: () => time.left,
  };
  return { build, ran, said, files, stop, time, ...stores, commands: () => ran.map(([command]) => command) };
}

/** One of Terraform's `-json` lines. */
export const line = (type: string, more: object = {}) => JSON.stringify({ type, ...more });

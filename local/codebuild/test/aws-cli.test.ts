import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureTools, type Tools } from "../../setup/tools.ts";
import { type AwsCli, startAwsCli } from "../aws-cli/start-aws-cli.ts";

const root = join(import.meta.dirname, "../../..");
let folder: string;
let tools: Tools;
let cli: AwsCli;
/** An S3 of few words: what it was asked, and the key that asked. */
const asked: { what: string; by: string }[] = [];
const server = createServer((request, response) => {
  asked.push({ what: `${request.method} ${request.url}`, by: keyOf(request) });
  if (request.url?.includes("slow")) return; // Never answers.
  response.statusCode = request.url?.includes("missing") ? 404 : 200;
  request.resume().on("end", () => response.end(response.statusCode === 404 ? "" : "hello"));
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-aws-cli-"));
  tools = await ensureTools({ root, want: ["python"] });
  cli = await startAwsCli({ directory: folder, tools });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await cli?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const keyOf = ({ headers }: IncomingMessage) => /Credential=([^/]+)/.exec(headers.authorization ?? "")?.[1] ?? "";

const environment = (path: string, key: string) => ({
  PATH: path,
  AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  AWS_ACCESS_KEY_ID: key,
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_REGION: "eu-west-1",
  AWS_MAX_ATTEMPTS: "1",
});

const loaded = () => `${cli.bin}:${tools.path}`;

/** Runs the CLI in a folder, by the loaded one or by itself. */
async function aws(path: string, args: string[], given: { cwd?: string; key?: string } = {}) {
  const run = promisify(execFile)("aws", args, {
    cwd: given.cwd ?? folder,
    env: environment(path, given.key ?? "KEY"),
  });
  const ended = await run.catch((failed) => failed as { code: number; stdout: string; stderr: string });
  return { code: "code" in ended ? ended.code : 0, stdout: ended.stdout, stderr: ended.stderr };
}

const get = (key: string) => ["s3api", "get-object", "--bucket", "b", "--key", key, "here"];

describe("the loaded AWS CLI", () => {
  it("works in the caller's folder, with the caller's credentials, many at once", async () => {
    const callers = Array.from({ length: 8 }, (_, n) => ({ key: `KEY${n}`, cwd: mkdtempSync(join(folder, "build-")) }));

    const ended = await Promise.all(callers.map(({ key, cwd }) => aws(loaded(), get(key), { cwd, key })));

    expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual(callers.map(() => [0, ""]));
    for (const { key, cwd } of callers) {
      expect(readFileSync(join(cwd, "here"), "utf8")).toBe("hello");
      expect(asked).toContainEqual({ what: `GET /b/${key}`, by: key });
    }
  });

  it.each([
    ["something that is not there", get("missing")],
    ["what it does not know", ["s3api", "get-objects"]],
    ["another command", ["--version"]],
  ])("says what a CLI of its own says of %s", async (_, args) => {
    expect(await aws(loaded(), args)).toEqual(await aws(tools.path, args));
  });

  it("ends its work when the caller is killed", async () => {
    const caller = spawn("aws", get("slow"), { cwd: folder, env: environment(loaded(), "SLOW"), stdio: "ignore" });
    const left = new Promise((closed) => server.once("request", (request) => request.socket.once("close", closed)));
    await new Promise((heard) => server.once("request", heard));

    caller.kill("SIGKILL");

    await left; // The fork's connection: nobody else would close it.
  });

  it.runIf(process.platform === "linux")(
    "leaves nothing of a caller that dies before it has said what it wants",
    async () => {
      const before = running();
      const caller = connect(join(folder, "aws-cli/socket"));
      caller.write(Buffer.from([0, 0, 0, 9, 0])); // One byte of nine.
      await expect.poll(running).toBe(before + 1);

      caller.destroy();

      await expect.poll(running).toBe(before);
    },
  );
});

/** How many processes stand in the folder of the loaded CLI: itself, and forks that have not been told where to go. */
function running(): number {
  return readdirSync("/proc").filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === join(folder, "aws-cli");
    } catch {
      return false; // Not a process, or over by now.
    }
  }).length;
}

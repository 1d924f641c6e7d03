import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { hostsOverSsh } from "../../src/ansible/ask-hosts.ts";
import { playFailure } from "../../src/ansible/play-failure.ts";
import { runPlaybook } from "../../src/ansible/playbook.ts";
import { taggedResources } from "../../src/aws/tagged-resources.ts";
import { type JobFailure, sentenceOf } from "../../src/job-failure.ts";
import { Decimal } from "../../src/json/exact-json.ts";
import { clearLock } from "../../src/kinds/clear-lock.ts";
import { openRoot, refuseUnlessOk } from "../../src/kinds/open-root.ts";
import { crashLine } from "../../src/log-lines.ts";
import { noSecrets, secretsAnd } from "../../src/masking/secrets.ts";
import { cutTo, toolWords } from "../../src/masking/words.ts";
import { evidenceOf } from "../../src/scan/ask-controls.ts";
import { terraform } from "../../src/terraform/terraform.ts";
import { doingOf } from "../../src/terraform/ui-message.ts";
import type { RunTool } from "../../src/tools/run-tool.ts";
import { secretVariables } from "../../src/tools/tool-environment.ts";
import { line, memoryBuild, type Script } from "../memory-build.ts";

/** What is secret of each way out, of several lines, so that what rewrites it before it is masked would hide it. */
const SECRET = 'first line of it\nsecond "line" of it';
const secrets = secretsAnd(noSecrets, [SECRET]);
const parts = ["first line", "second", 'line" of it'];

function expectMasked(said: string) {
  expect(said).toContain("(sensitive value)");
  expect(parts.filter((part) => said.includes(part))).toEqual([]);
}

async function buildWith(script: Script = {}, answers: { lines?: string[]; errors?: string[]; code?: number } = {}) {
  const made = await memoryBuild(script);
  await mkdir(join(made.build.release, "ansible/playbooks"), { recursive: true });
  await writeFile(join(made.build.release, "ansible/playbooks/probe.yml"), "");
  const runTool: typeof made.build.runTool = async (program, args, options) => {
    if (program === "terraform") return made.build.runTool(program, args, options);
    for (const each of answers.lines ?? []) options.onLine(each);
    for (const each of answers.errors ?? []) options.onErrorLine?.(each);
    return { exitCode: program === "ssh-keygen" ? 0 : (answers.code ?? 1), interrupted: false };
  };
  return { ...made, build: { ...made.build, secrets, runTool } };
}

describe("a secret is taken out of", () => {
  it("a failed plan's words, when the root declares a variable sensitive and nothing else is known of it", async () => {
    const made = await buildWith({
      plan: {
        lines: [
          line("diagnostic", {
            diagnostic: { severity: "error", summary: "Bad", detail: `pin ${48151623} and "open-value"` },
          }),
        ],
        code: 1,
      },
    });
    const root = join(made.build.release, "terraform/live/probe");
    await writeFile(
      join(root, "variables.tf"),
      'variable "note" {\n  type = string\n}\n\nvariable "pin" {\n  type      = number\n  sensitive = true\n}\n',
    );
    const job = {
      request: "req_7k3m9qx2",
      environment: "staging",
      workspace: "w",
      root: "probe",
      variables: { pin: 48151623, note: "open-value" },
    };

    const { tool, secrets: known } = await openRoot(made.build, job as never);
    const ran = await tool.plan("plan.tfplan");

    expect(() => refuseUnlessOk(ran, "plan", known)).toThrow(
      'Bad. pin (sensitive value) and "open-value". Nothing was changed.',
    );
  });

  it("what Terraform says in its boxes, where it says nothing in JSON", async () => {
    const short = "ab\ncd\nefgh"; // No line of it is long enough to be known by itself.
    const boxed = ["\u001b[31m╷\u001b[0m", "│ Error: Bad ab", "│ cd", "│ efgh here", "╵"];
    const run: RunTool = async (_, __, { onErrorLine }) => {
      for (const each of boxed) onErrorLine?.(each);
      return { exitCode: 1, interrupted: false };
    };
    const known = secretsAnd(noSecrets, [short]);

    const ran = await terraform(run, { path: "/" }, known).init();

    expect(() => refuseUnlessOk(ran, "init", known)).toThrow("Error: Bad (sensitive value) here. Nothing was changed.");
  });

  it("what a person is told while Terraform works", () => {
    const message = {
      type: "apply_start",
      hook: { resource: { addr: `a.b["${SECRET.replaceAll('"', '\\"')}"]` }, action: "create" },
    };

    expectMasked(doingOf(message, secrets)?.doing ?? "");
  });

  it("the name of who has a lock", async () => {
    const made = await buildWith();
    const lock = {
      ID: "4f3b1c52-6f0e-8b1a-0c5d-1f2e3d4c5b6a",
      Who: `${SECRET}@laptop`,
      Created: "2026-11-23T11:00:00Z",
    };
    await made.states.put("staging/w.tflock", JSON.stringify(lock));

    const cleared = clearLock(made.build, {} as never, { environment: "staging", workspace: "w" }, undefined);

    expectMasked(await cleared.catch(({ message }: JobFailure) => message).then(String));
  });

  it("what Ansible says of a task, its name, and what it says when it could not begin", async () => {
    const task = `baseline : Use ${SECRET}`;
    const result = {
      line: "result",
      host: "web-7",
      task,
      action: "command",
      outcome: "failed",
      words: `it said ${SECRET} and ended`,
    };
    const lines = [{ line: "task", task }, result].map((each) => JSON.stringify(each));
    const played = (answers: Parameters<typeof buildWith>[1]) =>
      buildWith({}, answers).then(async ({ build, said }) => {
        const reach = { inventory: { all: { hosts: {} } }, environment: {} };
        await mkdir(build.work, { recursive: true });
        return {
          run: await runPlaybook(build, { playbook: "probe", parameters: {}, folder: build.work, reach }),
          said,
        };
      });

    const failed = await played({ lines });
    const unable = await played({ errors: [`ERROR: ${SECRET.split("\n")[0]}`, SECRET.split("\n")[1] ?? ""] });

    expectMasked(playFailure(failed.run).message);
    expectMasked(failed.said.map(({ doing }) => doing).join());
    expect(playFailure(failed.run).message).toContain(
      "task “Use (sensitive value)”: it said (sensitive value) and ended",
    );
    expectMasked(playFailure(unable.run).message);
  });

  it("what AWS and ssh say of a host that does not answer", async () => {
    const { build } = await buildWith({}, { errors: SECRET.split("\n") });
    await mkdir(build.work, { recursive: true });
    const host = { name: "web-7", instance_id: "i-0123456789abcdef0", user: "ubuntu" };
    const asked = hostsOverSsh(build, { request: "req_7k3m9qx2" as never, variables: {} }, [host]);

    expectMasked(
      await asked
        .sshd()
        .catch(({ message }: Error) => message)
        .then(String),
    );
  });

  it("what was found in the account, on hosts and by Terraform, and what is wrong with it", () => {
    const [evidence] = evidenceOf(
      [
        {
          id: "a",
          title: "A control",
          verdict: "failed",
          asked: "ec2:Describe",
          answered: { tags: { [SECRET]: [SECRET, `x ${SECRET}`, 443, 48151623, "pin", null, true] } },
          because: `tag ${SECRET} is wrong`,
        },
      ],
      secretsAnd(secrets, [new Decimal("48151623"), "pin"]),
    );

    expect(evidence).toEqual({
      id: "a",
      title: "A control",
      verdict: "failed",
      asked: "ec2:Describe",
      answered: {
        tags: {
          "(sensitive value)": [
            "(sensitive value)",
            "x (sensitive value)",
            443,
            "(sensitive value)",
            "(sensitive value)",
            null,
            true,
          ],
        },
      },
      because: "tag (sensitive value) is wrong",
    });
  });

  it("what the AWS CLI says when orphans cannot be asked for: its own session", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-cli-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(
      join(folder, "aws"),
      '#!/bin/sh\necho "SignatureDoesNotMatch: $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN" >&2\nexit 254\n',
    );
    await chmod(join(folder, "aws"), 0o755);
    const session = {
      accessKeyId: "ASIAEXAMPLE0000",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG+x",
      sessionToken: "t0ken/".repeat(60),
    };

    const asked = taggedResources({ PATH: `${folder}:${process.env.PATH}` }, session, "eu-west-1", {});

    await expect(asked).rejects.toThrow(/SignatureDoesNotMatch: \(sensitive value\)$/);
  });
});

it("words that are cut were masked before", () => {
  expect(cutTo(toolWords(`said ${"x".repeat(20)}${SECRET}`, secrets), 40)).toBe(
    `said ${"x".repeat(20)}(sensitive val…`,
  );
});

it("only words that were masked make a sentence", () => {
  const said: string = "what a tool said";

  // @ts-expect-error a plain text may be a tool's
  expect(sentenceOf(said)).toBe(said);
});

it("a build that breaks does not quote the document that it could not read", () => {
  const parse = () => JSON.parse('{"serial": hunter2-hunter2 }');

  expect(parse).toThrow("hunter2");
  expect(crashLine(new SyntaxError("… hunter2-hunter2 …"))).toBe("SyntaxError");
  expect(crashLine(new Error("no disk"))).toBe("Error: no disk");
});

it("what lets others act as the build is a secret of it, and nothing else of its environment", () => {
  const environment = {
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "t",
    AWS_SECRET_ACCESS_KEY: "s",
    AWS_REGION: "eu-west-1",
    EMPTY_TOKEN: "",
  };

  expect(secretVariables(environment)).toEqual({ AWS_CONTAINER_AUTHORIZATION_TOKEN: "t", AWS_SECRET_ACCESS_KEY: "s" });
});

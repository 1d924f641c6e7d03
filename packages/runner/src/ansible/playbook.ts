import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Build } from "../build.ts";
import { JobFailure } from "../job-failure.ts";
import type { Json } from "../json/json.ts";
import { openText, toolWords, type Words, words } from "../masking/words.ts";
import { type CallbackLine, callbackLine } from "./callback-line.ts";
import { untemplated } from "./extra-vars.ts";
import type { Inventory } from "./inventory.ts";
import { plainWords } from "./plain-words.ts";

type ResultLine = Extract<CallbackLine, { line: "result" }>;
export type TaskResult = Omit<ResultLine, "task" | "words"> & Readonly<{ task: Words; words: Words }>;

/** How a playbook ended. */
export type PlaybookRun = Readonly<{
  ok: boolean;
  interrupted: boolean;
  /** By host, as Ansible counts. */
  counts: Extract<CallbackLine, { line: "stats" }>["hosts"];
  changed: readonly TaskResult[];
  /** What failed, in order; also what a rescue mended after it. */
  failures: readonly TaskResult[];
  exitCode: number;
  /** The end of its standard error: what it says when it could not even begin. */
  said: Words;
}>;

/** Where hosts are and how they are reached. */
export type Reach = Readonly<{
  inventory: Inventory;
  environment: Readonly<Record<string, string>>;
  /** What AWS said to hosts' tunnels, by host; asked after a failure. */
  refusals?: () => Promise<Readonly<Record<string, Words>>>;
}>;

const SAID_LINES = 10;

/**
 * Runs a playbook of the release. Users' values are in a file, under one name, and are never templates.
 *
 * @param folder of this build, where everything lies that Ansible reads and leaves
 * @throws JobFailure `playbook_unknown`
 */
export async function runPlaybook(
  { release, runTool, say, interrupt, secrets }: Pick<Build, "release" | "runTool" | "say" | "interrupt" | "secrets">,
  {
    playbook,
    parameters,
    folder,
    reach,
    check = false,
  }: { playbook: string; parameters: Readonly<Record<string, Json>>; folder: string; reach: Reach; check?: boolean },
): Promise<PlaybookRun> {
  const file = await playbookFile(release, playbook);
  const home = join(folder, "home");
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, INVENTORY_FILE), JSON.stringify(reach.inventory));
  const variables = { sluice_parameters: untemplated(parameters), sluice_folder: untemplated(folder) };
  await writeFile(join(folder, VARIABLES_FILE), JSON.stringify(variables), { mode: 0o600 });

  const changed: TaskResult[] = [];
  const failures: TaskResult[] = [];
  const said: string[] = [];
  let counts: PlaybookRun["counts"] = {};
  const { exitCode, interrupted } = await runTool(
    "ansible-playbook",
    ["-i", INVENTORY_FILE, "-e", `@${VARIABLES_FILE}`, ...(check ? ["--check"] : []), file],
    {
      cwd: folder,
      env: {
        ANSIBLE_CONFIG: join(release, "ansible/ansible.cfg"),
        ANSIBLE_HOME: join(home, ".ansible"),
        ANSIBLE_INVENTORY_UNPARSED_FAILED: "true",
        HOME: home,
        // The release stays as it was unpacked.
        PYTHONDONTWRITEBYTECODE: "1",
        ...reach.environment,
      },
      onLine: (text) => {
        const line = callbackLine(text);
        if (line?.line === "task")
          say({ doing: words`Task: ${plainWords(toolWords(line.task, secrets), TASK_CHARACTERS)}` });
        if (line?.line === "stats") counts = line.hosts;
        if (line?.line !== "result" || line.outcome === "ok") return;
        const result = { ...line, task: toolWords(line.task, secrets), words: toolWords(line.words, secrets) };
        (line.outcome === "changed" ? changed : failures).push(result);
      },
      onErrorLine: (text) => {
        said.push(text);
        if (said.length > SAID_LINES) said.shift();
      },
      interrupt,
    },
  );
  return {
    ok: exitCode === 0,
    interrupted,
    counts,
    changed,
    failures,
    exitCode,
    said: toolWords(said.join("\n"), secrets),
  };
}

const INVENTORY_FILE = "inventory.json";
const VARIABLES_FILE = "variables.json";
const TASK_CHARACTERS = 150;

async function playbookFile(release: string, playbook: string): Promise<string> {
  const file = join(release, "ansible/playbooks", `${playbook}.yml`);
  const known = /^[a-z][a-z0-9-]{0,39}$/.test(playbook);
  const there =
    known &&
    (await access(file).then(
      () => true,
      () => false,
    ));
  if (!there)
    throw new JobFailure(
      "playbook_unknown",
      words`This code release knows no playbook ${plainWords(openText(playbook), 40)}.`,
    );
  return file;
}

import type { RunTool } from "../tools/run-tool.ts";
import { PlanJson } from "./plan-json.ts";
import { BACKEND_FILE, type RootFolder, TARGET_FILE, VARIABLES_FILE } from "./root-folder.ts";
import {
  appliedCounts,
  completedAddress,
  type Diagnostic,
  type Doing,
  doingOf,
  type UiMessage,
  uiMessage,
} from "./ui-message.ts";

/** How a Terraform command ended, with its errors in its own words. */
export type TerraformRun = Readonly<{ ok: boolean; interrupted: boolean; errors: readonly Diagnostic[] }>;

export type ApplyRun = TerraformRun &
  Readonly<{
    /** One entry for each completed operation; a replacement is two of one address. */
    completed: readonly string[];
    counts: { added: number; changed: number; destroyed: number } | undefined;
    outputs: NonNullable<UiMessage["outputs"]>;
  }>;

type Watch = Readonly<{ interrupt: AbortSignal; onDoing: (doing: Doing) => void }>;

/** Terraform in one root's folder. Everything it says is read as JSON; every argument is one of these constants. */
export function terraform(run: RunTool, folder: RootFolder) {
  const inFolder = async (
    args: readonly string[],
    { interrupt, onDoing }: Partial<Watch>,
    onMessage = (_: UiMessage) => {},
  ) => {
    const errors: Diagnostic[] = [];
    const said: string[] = [];
    const { exitCode, interrupted } = await run("terraform", args, {
      cwd: folder.path,
      onLine: (line) => {
        const message = uiMessage(line);
        if (!message) return;
        if (message.diagnostic?.severity === "error") errors.push(message.diagnostic);
        const doing = doingOf(message);
        if (doing) onDoing?.(doing);
        onMessage(message);
      },
      onErrorLine: (line) => said.push(line),
      ...(interrupt && { interrupt }),
    });
    if (exitCode !== 0 && errors.length === 0)
      errors.push({ severity: "error", summary: plain(said) || `Terraform ended with code ${exitCode} and no word` });
    return { ok: exitCode === 0, interrupted, errors };
  };

  return {
    init: (watch: Partial<Watch> = {}): Promise<TerraformRun> =>
      inFolder(["init", "-json", "-input=false", "-lockfile=readonly", `-backend-config=${BACKEND_FILE}`], watch),

    plan: (
      file: string,
      watch: Partial<Watch> = {},
      { lock = true, refresh = true, destroy = false }: { lock?: boolean; refresh?: boolean; destroy?: boolean } = {},
    ): Promise<TerraformRun> =>
      inFolder(
        [
          "plan",
          "-json",
          "-input=false",
          `-lock=${lock}`,
          `-refresh=${refresh}`,
          ...(destroy ? ["-destroy"] : []),
          `-out=${file}`,
          `-var-file=${VARIABLES_FILE}`,
          `-var-file=${TARGET_FILE}`,
        ],
        watch,
      ),

    /** @throws when the plan cannot be read, or is of a format that is not known here. */
    async show(file: string): Promise<PlanJson> {
      let text = "";
      const said: string[] = [];
      const { exitCode } = await run("terraform", ["show", "-json", file], {
        cwd: folder.path,
        onLine: (line) => {
          text += line;
        },
        onErrorLine: (line) => said.push(line),
      });
      if (exitCode !== 0) throw new Error(`terraform show cannot read the plan: ${plain(said)}`);
      return PlanJson.parse(JSON.parse(text));
    },

    /** Exactly this file. Only the target is given anew: everything else is in it. */
    async apply(file: string, watch: Watch): Promise<ApplyRun> {
      const completed: string[] = [];
      let counts: ApplyRun["counts"];
      let outputs: ApplyRun["outputs"] = {};
      const ended = await inFolder(
        ["apply", "-json", "-input=false", `-var-file=${TARGET_FILE}`, file],
        watch,
        (message) => {
          const address = completedAddress(message);
          if (address) completed.push(address);
          counts = appliedCounts(message) ?? counts;
          if (message.type === "outputs") outputs = message.outputs ?? {};
        },
      );
      return { ...ended, completed, counts, outputs };
    },

    /** Removes a lock by its id. A lock that is gone already is as good. */
    async forceUnlock(id: string): Promise<void> {
      const said: string[] = [];
      const { exitCode } = await run("terraform", ["force-unlock", "-force", id], {
        cwd: folder.path,
        onLine: (line) => said.push(line),
        onErrorLine: (line) => said.push(line),
      });
      const words = plain(said);
      if (exitCode !== 0 && !words.includes("NoSuchKey")) throw new Error(`terraform force-unlock failed: ${words}`);
    },
  };
}

export type Terraform = ReturnType<typeof terraform>;

/** Terraform draws boxes and colours around what it says. */
function plain(lines: readonly string[]): string {
  return (
    lines
      .join(" ")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours begin with one.
      .replace(/\u001b\[[0-9;]*m/g, "")
      .replace(/[╷│╵]/g, " ")
      .replace(/\s+/g, " ")
      .trim()
  );
}

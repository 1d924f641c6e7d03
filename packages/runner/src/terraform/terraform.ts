import type { Secrets } from "../masking/secrets.ts";
import { inOneLine, toolWords, type Words } from "../masking/words.ts";
import type { RunTool } from "../tools/run-tool.ts";
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

/** How a Terraform command ended, with its errors and warnings in its own words. */
export type TerraformRun = Readonly<{
  ok: boolean;
  interrupted: boolean;
  errors: readonly Diagnostic[];
  warnings: readonly Diagnostic[];
}>;

export type ApplyRun = TerraformRun &
  Readonly<{
    /** One entry for each completed operation; a replacement is two of one address. */
    completed: readonly string[];
    /** Whether it began to change anything at all. */
    begun: boolean;
    counts: { added: number; changed: number; destroyed: number } | undefined;
    outputs: NonNullable<UiMessage["outputs"]>;
  }>;

type Watch = Readonly<{ interrupt: AbortSignal; onDoing: (doing: Doing) => void }>;

/**
 * Terraform in one root's folder. Everything it says is read as JSON; every argument is one of these constants.
 *
 * @param known what is a secret before there is a plan
 */
export function terraform(run: RunTool, folder: RootFolder, known: Secrets) {
  const inFolder = async (
    args: readonly string[],
    { interrupt, onDoing }: Partial<Watch>,
    onMessage = (_: UiMessage) => {},
    secrets = known,
  ) => {
    const errors: Diagnostic[] = [];
    const warnings: Diagnostic[] = [];
    const said: string[] = [];
    const { exitCode, signal, interrupted } = await run("terraform", args, {
      cwd: folder.path,
      onLine: (line) => {
        const message = uiMessage(line);
        if (!message) return;
        if (message.diagnostic?.severity === "error") errors.push(message.diagnostic);
        if (message.diagnostic?.severity === "warning") warnings.push(message.diagnostic);
        const doing = doingOf(message, secrets);
        if (doing) onDoing?.(doing);
        onMessage(message);
      },
      onErrorLine: (line) => said.push(line),
      ...(interrupt && { interrupt }),
    });
    if (exitCode !== 0 && errors.length === 0)
      errors.push({
        severity: "error",
        summary:
          withoutBoxes(said) ||
          (signal ? `${signal} ended Terraform` : `Terraform ended with code ${exitCode} and said nothing`),
      });
    return { ok: exitCode === 0, interrupted, errors, warnings };
  };

  /** A document that a command prints. @throws with its own words when it fails. */
  const printedBy = async (args: readonly string[]): Promise<string> => {
    const lines: string[] = [];
    const said: string[] = [];
    const { exitCode } = await run("terraform", args, {
      cwd: folder.path,
      onLine: (line) => lines.push(line),
      onErrorLine: (line) => said.push(line),
    });
    if (exitCode !== 0) throw new Error(`terraform ${args[0]} failed: ${plain(said, known)}`);
    return lines.join("\n");
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

    /** The plan as JSON, as it is. @throws when Terraform cannot read it. */
    show: (file: string): Promise<string> => printedBy(["show", "-json", file]),

    /** The providers' schemas as JSON: 13 MB and 3 s with AWS's. @throws when Terraform cannot tell them. */
    schemas: (): Promise<string> => printedBy(["providers", "schema", "-json"]),

    /**
     * Exactly this file. What it was planned with is given anew, the target too: an ephemeral value is in no plan file, and Terraform wants it again. It refuses
     * another value than the plan's for what is in the file.
     *
     * @param secrets of its plan: what it is doing is told while it does it
     */
    async apply(file: string, watch: Watch, secrets: Secrets): Promise<ApplyRun> {
      const completed: string[] = [];
      let begun = false;
      let counts: ApplyRun["counts"];
      let outputs: ApplyRun["outputs"] = {};
      const ended = await inFolder(
        ["apply", "-json", "-input=false", `-var-file=${VARIABLES_FILE}`, `-var-file=${TARGET_FILE}`, file],
        watch,
        (message) => {
          const address = completedAddress(message);
          if (address) completed.push(address);
          begun ||= message.type === "apply_start";
          counts = appliedCounts(message) ?? counts;
          if (message.type === "outputs") outputs = message.outputs ?? {};
        },
        secrets,
      );
      return { ...ended, completed, begun, counts, outputs };
    },

    /** Removes a lock by its id. A lock that is gone already is as good. */
    async forceUnlock(id: string): Promise<void> {
      const said: string[] = [];
      const { exitCode } = await run("terraform", ["force-unlock", "-force", id], {
        cwd: folder.path,
        onLine: (line) => said.push(line),
        onErrorLine: (line) => said.push(line),
      });
      const words = plain(said, known);
      if (exitCode !== 0 && !words.includes("NoSuchKey")) throw new Error(`terraform force-unlock failed: ${words}`);
    },
  };
}

export type Terraform = ReturnType<typeof terraform>;

/** What Terraform says to people. */
function plain(lines: readonly string[], secrets: Secrets): Words {
  return inOneLine(toolWords(withoutBoxes(lines), secrets));
}

/** Terraform draws boxes and colours around each line that it says, so they go before a secret of several lines can be found. */
function withoutBoxes(lines: readonly string[]): string {
  return (
    lines
      .join("\n")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours begin with one.
      .replace(/\u001b\[[0-9;]*m/g, "")
      .replace(/^[╷│╵] ?/gm, "")
      .trim()
  );
}

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export type ToolRun = Readonly<{
  exitCode: number;
  /** The signal that ended it, where one did: then it has no exit code of its own. */
  signal?: NodeJS.Signals;
  /** Whether a signal of ours, or anybody's, ended it. */
  interrupted: boolean;
}>;

/** Starts a program of the tool release in a folder with a closed environment. Arguments are constants of ours, never a user's words. */
export type RunTool = (
  program: string,
  args: readonly string[],
  options: Readonly<{
    cwd: string;
    /** What this program sees beside the closed environment: our own settings of it, which win. */
    env?: Readonly<Record<string, string>>;
    /** Every line of its standard output, as it comes. */
    onLine: (line: string) => void;
    /** Every line of its standard error. */
    onErrorLine?: (line: string) => void;
    /** When aborted, the program gets a SIGINT: Terraform then stops, writes its state and frees its lock. */
    interrupt?: AbortSignal;
  }>,
) => Promise<ToolRun>;

/**
 * Runs tools with this environment and no other. They stay in the build's process group, so that whatever kills the build kills them too.
 */
export function toolRunner(environment: Readonly<Record<string, string>>): RunTool {
  return (program, args, { cwd, env, onLine, onErrorLine = () => undefined, interrupt }) =>
    new Promise((resolve, reject) => {
      const child = spawn(program, args, { cwd, env: { ...environment, ...env }, stdio: ["ignore", "pipe", "pipe"] });
      const stop = () => child.kill("SIGINT");
      if (interrupt?.aborted) stop();
      interrupt?.addEventListener("abort", stop, { once: true });
      createInterface({ input: child.stdout }).on("line", onLine);
      createInterface({ input: child.stderr }).on("line", onErrorLine);
      child.once("error", reject);
      child.once("close", (code, signal) => {
        interrupt?.removeEventListener("abort", stop);
        resolve({
          exitCode: code ?? 1,
          interrupted: interrupt?.aborted === true || signal !== null,
          ...(signal && { signal }),
        });
      });
    });
}

import { spawn } from "node:child_process";

/**
 * Runs a program to its end with exactly this environment and resolves with what it printed to standard output.
 *
 * @throws when it cannot be started or ends with another code than 0, with the last lines it printed.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: { env: Readonly<Record<string, string>>; cwd?: string },
): Promise<string> {
  const child = spawn(command, args, { env: options.env, cwd: options.cwd, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    printed += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });

  const end = await new Promise<string | number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  if (end === 0) return output;
  throw new Error(
    `${command} ${args.join(" ")} ended with ${end}. It printed:\n${printed.trim().split("\n").slice(-20).join("\n")}`,
  );
}

import { access } from "node:fs/promises";
import { runCommand } from "../run-command.ts";

export const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** What hosts need of the machine itself. `present` is a file that the package brings. */
const NEEDED = [
  { name: "debootstrap", present: ["/usr/sbin/debootstrap"], why: "makes their file system" },
  { name: "debian-archive-keyring", present: [KEYRING], why: "checks that it is Debian's" },
  { name: "runc", present: ["/usr/sbin/runc", "/usr/bin/runc"], why: "runs them" },
  { name: "openssh-client", present: ["/usr/bin/ssh"], why: "logs in" },
] as const;

export interface SystemPackage {
  readonly name: string;
  readonly why: string;
}

/** The packages of the machine that hosts need and that are not there. */
export async function missingPackages(): Promise<SystemPackage[]> {
  const found = await Promise.all(NEEDED.map(({ present }) => isOneThere(present)));
  return NEEDED.filter((_, index) => !found[index]);
}

/** What a person would type. */
export function installCommand(packages: readonly SystemPackage[]): string {
  return `apt-get install --no-install-recommends ${packages.map(({ name }) => name).join(" ")}`;
}

/** Installs them without a question, with fresh lists. @throws what apt said when it cannot. */
export async function installPackages(packages: readonly SystemPackage[], env: Record<string, string>): Promise<void> {
  const quiet = { env: { ...env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" } };
  const patient = ["-o", "DPkg::Lock::Timeout=120"];
  // Somebody else's list that cannot be fetched is no reason yet: the installation tells.
  await runCommand("apt-get", ["update", ...patient], quiet).catch(() => undefined);
  const names = packages.map(({ name }) => name);
  await runCommand("apt-get", ["install", "--yes", "--no-install-recommends", ...patient, ...names], quiet);
}

async function isOneThere(paths: readonly string[]): Promise<boolean> {
  const found = await Promise.allSettled(paths.map((path) => access(path)));
  return found.some(({ status }) => status === "fulfilled");
}

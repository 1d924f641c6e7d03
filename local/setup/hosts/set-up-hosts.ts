import { createInterface } from "node:readline/promises";
import { printSetup } from "../progress.ts";
import { ensureHosts, type Hosts } from "./ensure-hosts.ts";

/**
 * `ensureHosts` for a command: prints what it does, asks on a terminal before it changes the machine, and says in a sentence
 * when there are no hosts and why.
 */
export async function setUpHosts(root: string): Promise<Hosts> {
  const { report, end } = printSetup(process.stdout);
  const isTalking = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const hosts = await ensureHosts({ root, report, say: console.log, ...(isTalking && { ask }) });
  end();
  if (hosts.kind === "none") console.log(`– No hosts for Ansible. ${hosts.reason}`);
  return hosts;
}

async function ask(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}

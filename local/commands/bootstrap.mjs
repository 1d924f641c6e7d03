// Runs one of this project's commands from a bare clone: `node local/commands/bootstrap.mjs demo`. Plain JavaScript without a
// dependency, because it runs on whatever Node is there, before anything is installed; the command itself runs on Node 24.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "../setup/lock.mjs";

const OLDEST_NODE = 20;
const root = fileURLToPath(new URL("../..", import.meta.url));
const node = join(root, "node_modules/node/bin/node");
const nodeOfBuilds = join(root, "packages/runner/node_modules/node/bin/node");

async function main([command = "", ...args]) {
  refuseOldNode();
  const entry = join(root, "local/commands", `${command}.ts`);
  if (!commands().includes(command)) stop(`There is no command “${command}”. There are: ${commands().join(", ")}.`);

  if (!isInstalled()) await withLock(join(root, ".sluice/npm.lock"), async () => isInstalled() || (await install()));
  process.exitCode = await run(entry, args);
}

function refuseOldNode() {
  if (Number(process.versions.node.split(".")[0]) >= OLDEST_NODE) return;
  stop(
    `Node ${OLDEST_NODE} or newer is needed, this is ${process.versions.node}. Get it with \`brew install node\`, ` +
      "`nvm install --lts` or from https://nodejs.org/en/download.",
  );
}

function commands() {
  return readdirSync(join(root, "local/commands"))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => basename(file, ".ts"));
}

/**
 * npm writes what it installed into `node_modules/.package-lock.json` when it is through. It is all of `package-lock.json`,
 * except optional packages of other platforms and what nothing asks for.
 */
function isInstalled() {
  const wanted = packagesOf(join(root, "package-lock.json"));
  const present = packagesOf(join(root, "node_modules/.package-lock.json"));
  if (!wanted || !present || ![node, nodeOfBuilds].every(existsSync)) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes("node_modules/")) return true; // The project's own folders, which are always as they are.
    const there = present[path];
    if (!there) return Boolean(entry.optional || entry.devOptional || entry.extraneous);
    return there.version === entry.version && there.integrity === entry.integrity;
  });
}

/** @param {string} file */
function packagesOf(file) {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, "utf8")).packages;
}

async function install() {
  const since = Date.now();
  const seconds = () => `${Math.round((Date.now() - since) / 1000)} s`;
  console.log("◐ Setting up npm packages: what this project is written with, into node_modules, usually 20 s");
  const { code, printed } = await runNpm(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (code === 0 && isInstalled()) return console.log(`✓ npm packages installed, ${seconds()}`);
  stop(
    `✗ npm packages could not be installed (npm ended with ${code} after ${seconds()}). It printed:\n${printed.trim()}`,
  );
}

/**
 * npm by the machine's own Node: ours lies in the folder that npm is about to empty.
 *
 * @param {string[]} args
 */
function runNpm(args) {
  const path = (process.env.PATH ?? "").split(":").filter((entry) => !entry.includes("node_modules"));
  const npm = spawn("npm", args, {
    cwd: root,
    env: { ...process.env, PATH: path.join(":") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [npm.stdout, npm.stderr]) stream.setEncoding("utf8").on("data", (text) => (printed += text));
  return new Promise((resolve) => {
    npm.on("error", (cause) => resolve({ code: "an error", printed: `npm could not be started: ${cause.message}` }));
    npm.on("close", (code, signal) => resolve({ code: code ?? signal, printed }));
  });
}

/**
 * Runs the command on Node 24 and resolves with its exit code. It ends when we end: its preload watches the pipe on descriptor 3.
 *
 * @param {string} entry
 * @param {string[]} args
 */
function run(entry, args) {
  const preload = new URL("end-with-parent.mjs", import.meta.url).href;
  // V8's default room for new objects grows to three times 16 MB and was never given back: 90 MB of a running cloud.
  const child = spawn(node, ["--max-semi-space-size=4", "--import", preload, entry, ...args], {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
  });
  // Ctrl-C on a terminal reaches the command by itself; twice would mean "at once" to it.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

/**
 * @param {string} why
 * @returns {never}
 */
function stop(why) {
  console.error(why);
  process.exit(1);
}

await main(process.argv.slice(2));

import { writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { loadApp } from "./app-bundle.ts";
import { buildFunction, isFunctionInput } from "./function-build.ts";
import { recordResources } from "./recorder.ts";
import { startRpcServer } from "./rpc-server.ts";
import type { FunctionBuild, Synth, SynthResource } from "./synth.ts";
import { PLACE } from "./synth.ts";

/** An Output that never resolves would keep Pulumi waiting for ever. A synth takes some 5 s, and took more than a minute on two cores beside other clouds. */
const DEADLINE_MS = 240_000;

const [, , rootArgument, stage, outArgument] = process.argv;
if (!rootArgument || !stage || !outArgument) throw new Error("usage: main.ts <root> <stage> <out>");
const root = resolve(rootArgument);
const out = resolve(outArgument);
const work = join(dirname(out), "bundles");

process.on("unhandledRejection", fail);
setTimeout(
  () => fail(new Error(`Not done after ${DEADLINE_MS} ms: an Output never resolves, or the machine is very busy`)),
  DEADLINE_MS,
).unref();

const functions: Record<string, FunctionBuild> = {};
await startRpcServer({
  "Provider.Aws.Bootstrap": () => ({
    asset: "sst-asset-local",
    state: "sst-state-local",
    assetEcrRegistryId: PLACE.account,
    assetEcrUrl: "local",
  }),
  "Runtime.Build": async (input) => {
    if (!isFunctionInput(input))
      throw new Error(`A function that SST describes in a new way: ${JSON.stringify(input)}`);
    const built = await buildFunction(root, work, input);
    functions[input.functionID] = built.build;
    return built.answer;
  },
});

const app = await loadApp({ root, stage, work });
const recorder = await recordResources({ app, root });
const outputs = await app.run();
const resources = await recorder.finished();

const synth: Synth = {
  app: { name: app.name, stage, ...PLACE, removal: app.removal },
  outputs,
  functions: Object.fromEntries(Object.entries(functions).sort(([a], [b]) => (a < b ? -1 : 1))),
  resources: resources.map(withBuild).sort((a, b) => (order(a) < order(b) ? -1 : 1)),
};
await writeFile(out, `${JSON.stringify(synth, null, 1)}\n`);
process.exit(0); // SST and Pulumi leave handles open.

function order(resource: SynthResource): string {
  return `${resource.type} ${resource.name}`;
}

/** SST builds under the name of its own function component, which is the Lambda function's parent. */
function withBuild(resource: SynthResource): SynthResource {
  if (resource.type !== "aws:lambda/function:Function") return resource;
  const build = resource.parent.split("::").at(-1) ?? "";
  if (!functions[build]) throw new Error(`No bundle was built for Lambda function ${resource.name}`);
  return { ...resource, build };
}

function fail(reason: unknown): void {
  console.error(reason);
  process.exit(1);
}

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "./synthesized.ts";

const run = promisify(execFile);
const RUNS = "stacks/test/contributing/failed-validation.ts";

/** A file that the page gives whole: the first path of a numbered item, and the code block in it. */
type Example = Readonly<{ path: string; code: string }>;

function examplesIn(page: string): Example[] {
  const items = page.split(/^(?=\d+\. |## )/m);
  return items.flatMap((item) => {
    const path = /`([\w./-]+\.ts)`/.exec(item.split("```")[0] ?? "")?.[1];
    const block = /^ {3}```ts\n([\s\S]*?)^ {3}```$/m.exec(item)?.[1];
    if (block === undefined) return [];
    if (!path?.includes("/")) throw new Error(`No file is named before the code of “${item.slice(0, 60)}”`);
    return [{ path, code: block.replace(/^ {3}/gm, "") }];
  });
}

/** Code that the page says inside a sentence. */
function inlineCode(page: string, begins: string): string {
  const found = [...page.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code).find((code) => code.startsWith(begins));
  if (!found) throw new Error(`The page has no ${begins}`);
  return found;
}

/** What the page asks for in words, as changes of files that are there: [file, what stands there, what stands there then]. */
const edits = (page: string): readonly (readonly [string, string, string])[] => [
  ["packages/events/src/definitions/index.ts", "", 'export * from "./workspace-released.ts";\n'],
  ["packages/events/src/index.ts", "", 'export * from "./steps/validation.ts";\n'],
  ["packages/events/src/step-kinds.ts", "", 'import { validation } from "./steps/validation.ts";\n'],
  ["packages/events/src/step-kinds.ts", "{ plan, ", "{ validation, plan, "],
  [
    "packages/blueprints/src/define-blueprint.ts",
    "export const scan =",
    `${inlineCode(page, "export const valid")}\n$&`,
  ],
  ["packages/blueprints/src/known.ts", '["probe", "virtual_machine"]', '["probe", "virtual_machine", "bucket"]'],
  ["packages/blueprints/src/blueprints.ts", "", 'import { bucket } from "./definitions/bucket.ts";\n'],
  ["packages/blueprints/src/blueprints.ts", "[virtualMachine, ", "[virtualMachine, bucket, "],
  // The two examples together: a bucket whose apply is validated.
  ["packages/blueprints/src/definitions/bucket.ts", "import { apply,", "import { validation, apply,"],
  [
    "packages/blueprints/src/definitions/bucket.ts",
    'approval: "approve" }),',
    '$& validation("validate", { of: "apply", hosts: 1 }),',
  ],
  ["services/notifier/src/handlers/queue.ts", "const heard = [", "$& events.WorkspaceReleased,"],
  ["services/provisioner/src/handlers/queue.ts", "", 'import { onValidation } from "./on-validation-requested.ts";\n'],
  ["services/provisioner/src/handlers/queue.ts", "    onPlanRequested,", "    onValidation,\n$&"],
  ["services/provisioner/src/handlers/on-wakes.ts", "", 'import { validation } from "@sluice/events";\n'],
  [
    "services/provisioner/src/handlers/on-wakes.ts",
    "",
    'import { validationStep } from "../core/validation-step.ts";\n',
  ],
  [
    "services/provisioner/src/handlers/on-wakes.ts",
    "new Map([",
    "$& [validation.requested.type as string, validationStep],",
  ],
  ["stacks/subscriptions.ts", "", 'import { validation, WorkspaceReleased } from "@sluice/events";\n'],
  ["stacks/subscriptions.ts", "        plan.requested,", "$& validation.requested,"],
  ["stacks/subscriptions.ts", "        JobProgressed,", "$& WorkspaceReleased,"],
];

const door = (page: string) => `
import { on } from "@sluice/doors";
import { validation } from "@sluice/events";
import { validationStep } from "../core/validation-step.ts";
import { deps } from "../deps.ts";
export const onValidation = ${inlineCode(page, "on(validation.requested")};
`;

/** The tree with the page's examples in it. It lies inside the real one, so that packages of others are found; our own are its own. */
async function copyWith(page: string, examples: readonly Example[]): Promise<string> {
  await mkdir(join(root, ".sluice"), { recursive: true });
  const copy = await mkdtemp(join(root, ".sluice/contributing-"));
  const leaveOut = /(^|\/)(node_modules|fixtures|generated|adapters\/.*\.test\.ts)(\/|$)/;
  for (const folder of ["packages", "services"])
    await cp(join(root, folder), join(copy, folder), {
      recursive: true,
      filter: (path) => !leaveOut.test(path.slice(root.length)),
    });
  for (const file of ["package.json", "stacks/subscriptions.ts", "stacks/job-kinds.ts", RUNS])
    await cp(join(root, file), join(copy, file));
  await mkdir(join(copy, "node_modules/@sluice"), { recursive: true });
  for (const folder of ["packages", "services"])
    for (const name of await readdir(join(copy, folder)))
      await symlink(join(copy, folder, name), join(copy, "node_modules/@sluice", name));

  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(copy, path)), { recursive: true });
    await writeFile(join(copy, path), text);
  };
  for (const { path, code } of examples) await write(path, code);
  await write("services/provisioner/src/handlers/on-validation-requested.ts", door(page));
  for (const [path, there, then] of edits(page)) {
    const before = await readFile(join(copy, path), "utf8");
    if (!before.includes(there)) throw new Error(`${path} has no “${there}” any more`);
    await write(path, there === "" ? then + before : before.replace(there, then));
  }
  const { compilerOptions } = JSON.parse(await readFile(join(root, "tsconfig.json"), "utf8"));
  const include = [
    "packages/events/src",
    "packages/blueprints/src",
    "services/provisioner/src",
    "services/notifier/src",
    "stacks",
  ];
  await write("tsconfig.json", JSON.stringify({ compilerOptions, include }));
  return copy;
}

let page: string;
let examples: Example[];
let copy: string;
beforeAll(async () => {
  page = await readFile(join(root, "CONTRIBUTING.md"), "utf8");
  examples = examplesIn(page);
  copy = await copyWith(page, examples);
});
afterAll(() => rm(copy, { recursive: true, force: true }));

it("every example of CONTRIBUTING is a file that this test makes", () => {
  expect(examples).toHaveLength(page.match(/```ts$/gm)?.length ?? 0);
  expect(examples.map(({ path }) => path)).toEqual([
    "packages/events/src/definitions/workspace-released.ts",
    "services/provisioner/src/handlers/on-request-paused.ts",
    "packages/events/src/steps/validation.ts",
    "services/provisioner/src/core/validation-step.ts",
    "packages/blueprints/src/definitions/bucket.ts",
  ]);
});

it("the examples compile together with the tree", async () => {
  const compiled = run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", copy]);

  await expect(compiled.catch(({ stdout }) => stdout)).resolves.toMatchObject({ stdout: "" });
});

it("a failed validation ends its request and is never asked for again", async () => {
  const { stdout } = await run(process.execPath, [join(copy, RUNS)]);

  expect(JSON.parse(stdout)).toMatchObject([
    { type: "request.failed.v1", data: { step: "validate", code: "too_few_hosts" } },
  ]);
});

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { callerOf, type Kind } from "./builds-of.ts";
import type { Flow } from "./harness.ts";

type Ref = { key: string; versionId: string; sha256: string };

/**
 * A request's builds of one kind run a changed runner: what code in a build could make of itself, such as a provider or a data source of the root. It first runs
 * `prelude` (JavaScript in the build's folder, with all that the build has), then it is the runner that was deployed, and says that it is.
 *
 * @param folder empty, of the test
 */
export function changeRunner(flow: Flow, request: string, kind: Kind, folder: string, prelude: string): void {
  const s3 = new S3Client(flow.cloud.asRoot);
  const bucket = (name: string) => String(flow.cloud.outputs()[name]);
  flow.cloud.front.faults.add({
    name: `a changed runner of ${kind}`,
    when: "before",
    matches: (call) => call.path.includes("/inputs/") && callerOf(flow, request, kind, call) !== undefined,
    times: 1,
    async do({ path }) {
      const at = { Bucket: bucket("jobsBucket"), Key: path.slice(path.indexOf("/inputs/") + 1) };
      const input = JSON.parse(String(await (await s3.send(new GetObjectCommand(at))).Body?.transformToString()));
      const release = await releaseWith(input.release);
      await s3.send(new PutObjectCommand({ ...at, Body: JSON.stringify({ ...input, release }) }));
    },
  });

  async function releaseWith(genuine: Ref): Promise<Ref> {
    const at = { Bucket: bucket("releasesBucket"), Key: genuine.key };
    const { Body } = await s3.send(new GetObjectCommand({ ...at, VersionId: genuine.versionId }));
    const [archive, tree] = [join(folder, "release.tar.gz"), join(folder, "tree")];
    mkdirSync(tree, { recursive: true });
    writeFileSync(archive, (await Body?.transformToByteArray()) ?? "");
    execFileSync("tar", ["-xzf", archive, "-C", tree]);
    renameSync(join(tree, "runner.mjs"), join(tree, "genuine.mjs"));
    writeFileSync(
      join(tree, "runner.mjs"),
      [WITH_ITS_INPUT(genuine), prelude, 'await import("./genuine.mjs");'].join("\n"),
    );
    execFileSync("tar", ["-czf", archive, "-C", tree, "."]);
    const bytes = readFileSync(archive);
    const { VersionId = "" } = await s3.send(new PutObjectCommand({ ...at, Body: bytes }));
    const sha256 = Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
    return { key: genuine.key, versionId: VersionId, sha256 };
  }
}

/** Code in a build does not change what its input names: the digest of the code is the genuine one's. */
const WITH_ITS_INPUT = (genuine: Ref) => `
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
const input = JSON.parse(readFileSync("input.json", "utf8"));
writeFileSync("input.json", JSON.stringify({ ...input, release: ${JSON.stringify(genuine)} }));
/** A program of this name comes before the real one, which it finds as "$REAL". */
function before(name, script) {
  const bin = join(process.cwd(), "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), "#!/bin/sh\\nREAL=$(PATH=\${PATH#*:} command -v " + name + ")\\n" + script, { mode: 0o755 });
  process.env.PATH = bin + ":" + process.env.PATH;
}
`;

/** The plan file's own copy of the configuration runs a command when it is applied; the plan says the same as before. */
export const rewritesItsPlanFile = (command: string) => `
writeFileSync("rewrite.py", ${JSON.stringify(REWRITE)});
before("terraform", '"$REAL" "$@"; code=$?\\n[ "$1" = plan ] && python3 ' + process.cwd() + "/rewrite.py " + ${JSON.stringify(JSON.stringify(command))} + "\\nexit $code\\n");
`;

const REWRITE = `
import glob, sys, zipfile
[path] = glob.glob("*.tfplan")
with zipfile.ZipFile(path) as plan:
    parts = [(each, plan.read(each)) for each in plan.infolist()]
with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as plan:
    for each, body in parts:
        if each.filename.startswith("tfconfig/"):
            body = body.replace(b'"sleep ', ('"' + sys.argv[1] + '; sleep ').encode(), 1)
        plan.writestr(each.filename, body)
print('{"type":"log","@message":"rewritten"}')
`;

/** Terraform of this build works on another state than its request's. */
export const plansOnAnotherState = `
before("terraform", "[ \\"$1\\" = init ] && sed -i 's#^key .*#key = \\"staging/elsewhere\\"#' sluice.s3.tfbackend\\nexec \\"$REAL\\" \\"$@\\"\\n");
`;

/** What the build reports is what this function makes of it: `output` is what its kind puts out. */
export const reports = (change: string) => `
const written = JSON.stringify;
JSON.stringify = (value, ...more) => {
  if (value?.outcome === "completed" && value.output) (${change})(value.output);
  return written(value, ...more);
};
`;

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleRunner } from "../packages/runner/bundle.ts";
import { archiveOf, filesBelow } from "./archive.ts";
import { releases } from "./storage.ts";

export interface Release {
  key: string;
  sha256: string;
  versionId: $util.Output<string>;
}

/**
 * The code release: the runner, all Terraform code and all playbooks as one immutable archive, named by its own hash. A request fixes the one it begins with,
 * so it is kept when the next deployment makes another.
 */
export async function codeRelease(): Promise<Release> {
  const root = $cli.paths.root;
  const work = join($cli.paths.work, "release");
  await mkdir(work, { recursive: true });

  const runner = await bundleRunner(work, root);
  const { bytes, sha256 } = await archiveOf([
    ...(await Promise.all(runner.map(async (name) => ({ name, bytes: await readFile(join(work, name)) })))),
    ...(await filesBelow(root, "ansible")),
    ...(await filesBelow(root, "terraform")),
  ]);
  const file = join(work, `${sha256}.tar.gz`);
  await writeFile(file, bytes);

  const key = `releases/${sha256}.tar.gz`;
  const object = new aws.s3.BucketObjectv2(
    `Release-${sha256.slice(0, 12)}`,
    { bucket: releases.name, key, source: new $util.asset.FileAsset(file), contentType: "application/gzip" },
    { retainOnDelete: true, dependsOn: releases }, // The whole of the bucket, its versioning too: what is put before it has no version to name.
  );
  return { key, sha256, versionId: object.versionId };
}

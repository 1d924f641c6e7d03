/**
 * How long a build pauses, in seconds, before it asks again for an input or a release that is not found: a minute in all. For some minutes after a bucket has
 * begun to keep versions, S3 may not find what is put into it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/manage-versioning-examples.html
 */
export const PAUSES_SECONDS: readonly number[] = [1, 2, 4, 8, 15, 15, 15];

/**
 * The constant buildspec of every job. It gets the job's input, then exactly the code release that the input names, checks it, and hands over to the runner.
 * What a build relies on is exported as literals here: environment variables of a project could be overridden when a build is started.
 *
 * The release that was deployed beside this buildspec is got at once, beside the input, because most inputs name it. Another is got when it is named.
 *
 * A release that is missing or is not what its name says ends as `refused.json`, which the owner reads; nothing of it runs.
 */
export function buildspecOf(literals: Record<string, string>, pausesSeconds = PAUSES_SECONDS): string {
  const exports = Object.entries(literals).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return JSON.stringify({
    version: "0.2",
    phases: { build: { commands: [[...exports, getAndRun(pausesSeconds)].join("\n")] } },
  });
}

/**
 * One command, so that an exit ends the build: after a command that exits well CodeBuild runs the next one. The job's id is the one thing that comes from
 * outside; it is looked at before it is used in a key.
 */
const getAndRun = (pausesSeconds: readonly number[]) =>
  `
case "$JOB_ID" in *[!a-z0-9_-]*|"") echo "JOB_ID is none"; exit 1;; esac
refuse() {
  echo "refused: $1"
  printf '{"reason":"%s"}' "$1" > refused.json
  aws s3api put-object --bucket "$JOBS_BUCKET" --key "results/$ENVIRONMENT/$KIND/$JOB_ID/refused.json" --body refused.json > /dev/null
  exit 1
}
patiently() {
  for pause in ${pausesSeconds.join(" ")}; do "$@" && return; sleep "$pause"; done
  "$@"
}
input() { aws s3api get-object --bucket "$JOBS_BUCKET" --key "inputs/$ENVIRONMENT/$KIND/$JOB_ID.json" input.json > /dev/null; }
release() { aws s3api get-object --bucket "$RELEASES_BUCKET" --key "$1" --version-id "$2" release.tar.gz > /dev/null; }
release "$LATEST_KEY" "$LATEST_VERSION" & latest=$!
patiently input || refuse input_missing
read -r key version sha256 << named
$(node -p 'const { key, versionId, sha256 } = JSON.parse(require("fs").readFileSync("input.json", "utf8")).release; [key, versionId, sha256].join(" ")')
named
wait "$latest" && [ "$key $version" = "$LATEST_KEY $LATEST_VERSION" ] || patiently release "$key" "$version" || refuse release_missing
echo "$sha256  release.tar.gz" | sha256sum -c - > /dev/null || refuse release_changed
mkdir release && tar -xzf release.tar.gz -C release || refuse release_changed
exec node release/runner.mjs
`.trim();

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

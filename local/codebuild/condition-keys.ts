import type { Context } from "../front/policy.ts";

/**
 * Where in the project an override of StartBuild lands: IAM's keys are named after that place.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/action-context-keys.html
 */
const PLACES: Readonly<Record<string, string>> = {
  artifactsOverride: "artifacts",
  autoRetryLimitOverride: "autoRetryLimit",
  buildStatusConfigOverride: "source.buildStatusConfig",
  buildspecOverride: "source.buildspec",
  cacheOverride: "cache",
  certificateOverride: "environment.certificate",
  computeTypeOverride: "environment.computeType",
  encryptionKeyOverride: "encryptionKey",
  environmentTypeOverride: "environment.type",
  environmentVariablesOverride: "environment.environmentVariables",
  fleetOverride: "environment.fleet",
  imageOverride: "environment.image",
  imagePullCredentialsTypeOverride: "environment.imagePullCredentialsType",
  insecureSslOverride: "source.insecureSsl",
  logsConfigOverride: "logsConfig",
  privilegedModeOverride: "environment.privilegedMode",
  registryCredentialOverride: "environment.registryCredential",
  secondaryArtifactsOverride: "secondaryArtifacts",
  secondarySourcesOverride: "secondarySources",
  serviceRoleOverride: "serviceRole",
  sourceAuthOverride: "source.auth",
  sourceLocationOverride: "source.location",
  sourceTypeOverride: "source.type",
};
/**
 * The keys that exist, of those that StartBuild can set; there is none for a source's type.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodebuild.html
 */
const EXISTING = new Set([
  ...["artifacts", "artifacts.bucketOwnerAccess", "artifacts.encryptionDisabled", "artifacts.location"],
  ...["autoRetryLimit", "cache", "cache.location", "cache.modes", "cache.type", "encryptionKey", "serviceRole"],
  ...["environment", "environment.certificate", "environment.computeType", "environment.environmentVariables"],
  ...["environment.environmentVariables.name", "environment.environmentVariables.value"],
  ...["environment.environmentVariables/*.value", "environment.fleet.fleetArn", "environment.image"],
  ...["environment.imagePullCredentialsType", "environment.privilegedMode", "environment.registryCredential"],
  ...["environment.registryCredential.credential", "environment.registryCredential.credentialProvider"],
  ...["environment.type", "logsConfig", "logsConfig.s3Logs", "logsConfig.s3Logs.bucketOwnerAccess"],
  ...["logsConfig.s3Logs.encryptionDisabled", "logsConfig.s3Logs.location", "logsConfig.s3Logs.status"],
  ...["secondaryArtifacts", "secondaryArtifacts.artifactIdentifier", "secondaryArtifacts.location"],
  ...["secondaryArtifacts/*.location", "secondarySources", "secondarySources.buildspec"],
  ...["secondarySources.location", "secondarySources.sourceIdentifier", "secondarySources/*.buildspec"],
  ...["secondarySources/*.location", "source", "source.auth.resource", "source.auth.type"],
  ...["source.buildStatusConfig.context", "source.buildStatusConfig.targetUrl", "source.buildspec"],
  ...["source.insecureSsl", "source.location"],
]);
/** What identifies an element of a list that has keys of its own (`environment.environmentVariables/JOB_ID.value`). */
const IDENTIFIERS: Readonly<Record<string, string>> = {
  "environment.environmentVariables": "name",
  secondaryArtifacts: "artifactIdentifier",
  secondarySources: "sourceIdentifier",
};
/** A buildspec's key says only that there is one. */
const PRESENCE_ONLY = /(^|\.)buildspec$/;

/**
 * The `codebuild:` condition keys of a StartBuild, in lower case. Objects and buildspecs have the key's value `true`,
 * which policies use with `Null`; time-outs, idempotency token and debug session have no key, on AWS too.
 */
export function conditionKeysOf(startBuild: Readonly<Record<string, unknown>>): Context {
  const context = new Map<string, string[]>();
  const add = (path: string, value: string) => {
    if (!EXISTING.has(path.replace(/\/[^.]+\./, "/*."))) return;
    const key = `codebuild:${path}`.toLowerCase();
    const values = context.get(key) ?? [];
    if (!values.includes(value)) context.set(key, [...values, value]);
  };
  const walk = (path: string, value: unknown): void => {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) for (const element of value) walkElement(path, element);
    else if (typeof value === "object") {
      add(path, "true");
      for (const [name, member] of Object.entries(value)) walk(`${path}.${name}`, member);
    } else add(path, PRESENCE_ONLY.test(path) ? "true" : String(value));
  };
  const walkElement = (path: string, element: unknown): void => {
    walk(path, element);
    const identifier = isRecord(element) ? element[IDENTIFIERS[path] ?? ""] : undefined;
    if (isRecord(element) && typeof identifier === "string")
      for (const [name, member] of Object.entries(element)) walk(`${path}/${identifier}.${name}`, member);
  };

  for (const [override, value] of Object.entries(startBuild)) {
    const place = PLACES[override];
    if (!place || value === null || value === undefined) continue;
    for (let end = place.indexOf("."); end > 0; end = place.indexOf(".", end + 1)) add(place.slice(0, end), "true");
    walk(place, value);
  }
  return context;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

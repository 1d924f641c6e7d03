import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { SessionCredentials } from "./credentials.ts";
import { listen } from "./listen.ts";

/** Where a build fetches its keys, as from the endpoint that CodeBuild gives its containers. */
export interface ContainerCredentials {
  /**
   * Values for `AWS_CONTAINER_CREDENTIALS_FULL_URI` and `AWS_CONTAINER_AUTHORIZATION_TOKEN`. The session is named
   * `AWSCodeBuild-<what follows the colon of the build's id>`, as on AWS. `seconds` is how long each session lasts.
   */
  register(buildId: string, roleArn: string, seconds?: number): { uri: string; token: string };
  /** From now on nobody gets keys of this build. Keys handed out work until they expire. */
  unregister(buildId: string): void;
  stop(): Promise<void>;
}

/** SDKs fetch again five minutes before the end, so a session is handed out only while it has clearly more. */
const FRESH_MS = 10 * 60_000;

interface Registered {
  token: string;
  fetch(): Promise<SessionCredentials>;
}

/** The session name of a build, by which its calls are found in the front's log. */
export function buildSessionName(buildId: string): string {
  return `AWSCodeBuild-${buildId.slice(buildId.indexOf(":") + 1)}`;
}

export async function startContainerCredentials(
  roleSession: (roleArn: string, name: string, seconds: number) => Promise<SessionCredentials>,
): Promise<ContainerCredentials> {
  const byPath = new Map<string, Registered>();
  const paths = new Map<string, string>();

  const server = createServer(async (request, response) => {
    const say = (status: number, value: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    const registered = byPath.get(request.url ?? "");
    if (!registered) return say(404, { code: "NotFound", message: "There is no such build" });
    if (request.headers.authorization !== registered.token)
      return say(401, { code: "Unauthorized", message: "The authorization token is wrong" });
    try {
      return say(200, inContainerShape(await registered.fetch()));
    } catch (cause) {
      return say(500, { code: "InternalServerException", message: String(cause) });
    }
  });
  const { url, close } = await listen(server);

  return {
    register(buildId, roleArn, seconds = 3600) {
      const path = `/${randomBytes(12).toString("hex")}`;
      const token = randomBytes(24).toString("base64url");
      let current: SessionCredentials | undefined;
      byPath.set(path, {
        token,
        async fetch() {
          if (!current || current.expiration.getTime() - Date.now() < FRESH_MS)
            current = await roleSession(roleArn, buildSessionName(buildId), seconds);
          return current;
        },
      });
      paths.set(buildId, path);
      return { uri: `${url}${path}`, token };
    },
    unregister(buildId) {
      byPath.delete(paths.get(buildId) ?? "");
      paths.delete(buildId);
    },
    stop: close,
  };
}

function inContainerShape({ accessKeyId, secretAccessKey, sessionToken, expiration }: SessionCredentials) {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: expiration.toISOString().replace(/\.\d+Z$/, "Z"),
  };
}

import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { listen } from "../front/listen.ts";

/**
 * CodeBuild's console on a free port of 127.0.0.1, as far as links lead into it: a build's page, which here is its log in plain text, as far as it got.
 * Answers only to its own host name, so that no other name can lead a browser here.
 *
 * @returns `projectsUrl`, to which AWS's console has `https://<region>.console.aws.amazon.com/codesuite/codebuild/<account>/projects`.
 */
export async function startConsole(
  account: string,
  logFileOf: (buildId: string) => string | undefined,
): Promise<{ projectsUrl: string; close(): Promise<void> }> {
  const server = createServer();
  const { url, close } = await listen(server);
  const projects = `/codesuite/codebuild/${account}/projects`;
  server.on("request", ({ headers, url: path = "" }, response) => {
    if (headers.host !== new URL(url).host) return answer(response, 421, "This is another host's page.");
    const [, project, build = ""] = new RegExp(`^${projects}/([^/]+)/build/([^/?]+)/?(?:\\?.*)?$`).exec(path) ?? [];
    const id = build.replaceAll(/%3A/gi, ":");
    const logFile = id.startsWith(`${project}:`) ? logFileOf(id) : undefined;
    if (!logFile) return answer(response, 404, "There is no such build here.");
    readFile(logFile, "utf8").then(
      (log) => answer(response, 200, log),
      (cause: NodeJS.ErrnoException) =>
        cause.code === "ENOENT"
          ? answer(response, 200, "The build has not begun, so there is no log yet.")
          : answer(response, 500, cause.message),
    );
  });
  return { projectsUrl: `${url}${projects}`, close };
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" });
  response.end(text);
}

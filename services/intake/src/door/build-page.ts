/** The page of a build in CodeBuild's console: it opens with the build's log. `build` is `<project>:<uuid>`. */
export function buildPage(projectsUrl: string, build: string): string {
  const [project = ""] = build.split(":");
  return `${projectsUrl}/${project}/build/${encodeURIComponent(build)}`;
}

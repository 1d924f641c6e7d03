import * as z from "zod";

/** Step kinds that are done by builds. */
export const JobKind = z.enum(["plan", "apply", "configuration", "scan"]);
export type JobKind = z.infer<typeof JobKind>;

const roleKinds = { plan: "plan", apply: "apply", configuration: "configure", scan: "check" } as const;

/** What a kind is called in names of roles and projects. */
export function roleKind(kind: JobKind): (typeof roleKinds)[JobKind] {
  return roleKinds[kind];
}

/** The CodeBuild project of a kind in an environment; its service role has the same name. */
export function projectName(stage: string, kind: JobKind, environment: string): string {
  return `sluice-${stage}-${roleKind(kind)}-${environment}`;
}

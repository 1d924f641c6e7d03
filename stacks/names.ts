import { type JobKind, roleKinds } from "./job-kinds.ts";

/** Every name that a policy, a rule or a person relies on is made here: `sluice-<stage>-<part>`. */
export const named = (...parts: string[]) => ["sluice", $app.stage, ...parts].join("-");

export const projectName = (kind: JobKind, environment: string) => named(roleKinds[kind], environment);

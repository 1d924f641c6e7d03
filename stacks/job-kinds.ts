/** Kinds of jobs that have builds, and what the roles and projects of each are called. */
export const roleKinds = { plan: "plan", apply: "apply", configuration: "configure", scan: "check" } as const;
export type JobKind = keyof typeof roleKinds;

export * from "./digest.ts";
export * from "./grant.ts";
export * from "./owed.ts";
export * from "./perform-step.ts";
export * from "./slip.ts";
export * from "./step-outcome.ts";

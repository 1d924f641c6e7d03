export * from "./counts.ts";
export * from "./outcome.ts";
export * from "./people.ts";
export * from "./people-in-directory.ts";
export * from "./refusals.ts";
export * from "./steps.ts";

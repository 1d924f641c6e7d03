export * from "./cut.ts";
export * from "./direction.ts";
export * from "./duration.ts";
export * from "./lists.ts";
export * from "./quoted.ts";
export * from "./visible.ts";

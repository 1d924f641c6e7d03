export * from "./fact.ts";
export * from "./known.ts";
export * from "./picture.ts";

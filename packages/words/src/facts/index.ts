export * from "./fact.ts";
export * from "./fact-of-event.ts";
export * from "./known.ts";
export * from "./picture.ts";
export * from "./stored-fact.ts";

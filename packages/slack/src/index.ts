export * from "./blocks.ts";
export * from "./client.ts";
export * from "./escape.ts";
export * from "./form.ts";
export * from "./limits.ts";
export * from "./payloads.ts";
export * from "./signature.ts";
export * from "./slash-arguments.ts";

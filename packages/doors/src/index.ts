export * from "./consume.ts";
export * from "./due-items.ts";
export * from "./http-door.ts";
export * from "./own-queue.ts";
export * from "./parking.ts";
export * from "./publisher.ts";
export * from "./subscription.ts";
export * from "./sweep.ts";

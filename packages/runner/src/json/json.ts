import type * as z from "zod";

/** A value of JSON in which numbers are doubles: of our own making. What a tool says is read as `Exact`. */
export type Json = z.infer<ReturnType<typeof z.json>>;

export * from "./directory.ts";
export * from "./directory-bucket.ts";
export * from "./problems.ts";

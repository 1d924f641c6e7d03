import { expect, it } from "vitest";
import { sweepOwnTable } from "../src/sweep-own-table.ts";

const told = { TABLE_NAME: "requests", QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/000000000000/own" };

it("is a function's handler once it is told its table and its queue", () => {
  expect(sweepOwnTable(() => undefined, told)).toBeTypeOf("function");
});

it.each([
  ["without a table", { QUEUE_URL: told.QUEUE_URL }, "TABLE_NAME"],
  ["with a table that has no name", { ...told, TABLE_NAME: "" }, "TABLE_NAME"],
  ["without a queue", { TABLE_NAME: told.TABLE_NAME }, "QUEUE_URL"],
  ["with a queue that is no address", { ...told, QUEUE_URL: "own" }, "QUEUE_URL"],
])("is not made %s, and says which variable it is", (_how, env, name) => {
  expect(() => sweepOwnTable(() => undefined, env)).toThrow(name);
});

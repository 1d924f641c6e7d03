import { expect, it } from "vitest";
import { httpAnswer } from "../http-answer.ts";
import { matchRoute } from "../match-route.ts";
import { failedMessages } from "../sqs-event.ts";

const failures = (...ids: unknown[]) =>
  JSON.stringify({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

it.each([
  ["null", []],
  ["{}", []],
  ['{"batchItemFailures":null}', []],
  [failures(), []],
  [failures("b"), ["b"]],
  [failures("b", "z"), ["a", "b"]],
  [failures(""), ["a", "b"]],
  [failures(null), ["a", "b"]],
  ['{"batchItemFailures":"b"}', ["a", "b"]],
])("takes the answer %s as failure of %j", (answer, failed) => {
  expect([...failedMessages(answer, ["a", "b"], true)]).toEqual(failed);
});

it("takes every answer as success where partial answers are not asked for", () => {
  expect(failedMessages(failures("a"), ["a"], false).size).toBe(0);
});

const route = (routeKey: string) => ({ routeKey, apiId: "a", functionArn: "f", timeoutMs: 1 });

it.each([
  ["GET", "/a/b", "GET /a/b"],
  ["GET", "/a/c", "GET /a/{x}"],
  ["POST", "/a/c", "ANY /a/{x}"],
  ["GET", "/a/c/d", "GET /a/{rest+}"],
  ["GET", "/b", "$default"],
])("leads %s %s to %s", (method, path, expected) => {
  const routes = ["$default", "GET /a/{rest+}", "ANY /a/{x}", "GET /a/{x}", "GET /a/b"].map(route);

  expect(matchRoute(routes, method, path)?.route.routeKey).toBe(expected);
});

it("leads a path with another last slash nowhere", () => {
  expect(matchRoute([route("GET /a")], "GET", "/a/")).toBeUndefined();
});

it.each([
  ['{"hello":1}', 200, '{"hello":1}'],
  ['"text"', 200, "text"],
  ['{"statusCode":"yes"}', 500, '{"message":"Internal Server Error"}'],
  ['{"statusCode":202,"body":{"a":1}}', 500, '{"message":"Internal Server Error"}'],
  ['{"statusCode":204}', 204, ""],
])("makes of a function's %s the status %i", (text, status, body) => {
  expect(httpAnswer(text)).toMatchObject({ status, body });
});

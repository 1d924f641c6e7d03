import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { httpEvent } from "../http-event.ts";
import { startFixtureCloud } from "./fixture-cloud.ts";

type HttpEvent = ReturnType<typeof httpEvent>;

let cloud: Awaited<ReturnType<typeof startFixtureCloud>>;
beforeAll(async () => {
  cloud = await startFixtureCloud();
});
afterAll(() => cloud.stop());

const ask = (path: string, init?: RequestInit) => fetch(cloud.host.url + path, init);

it("hands a form over in base64 with lower-case header names, as API Gateway does", async () => {
  const form = "payload=%7B%22a%22%3A1%7D&text=gr%C3%BC%C3%9Fe";

  const response = await ask("/slack?x=1&x=2", {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", "X-Slack-Signature": "v0=abc", Cookie: "a=1; b=2" },
    body: form,
  });

  const event = (await response.json()) as HttpEvent;
  expect(event).toMatchObject({
    version: "2.0",
    routeKey: "POST /slack",
    rawPath: "/slack",
    rawQueryString: "x=1&x=2",
    queryStringParameters: { x: "1,2" },
    cookies: ["a=1", "b=2"],
    isBase64Encoded: true,
    headers: { "x-slack-signature": "v0=abc" },
    requestContext: { apiId: "a1", stage: "$default", http: { method: "POST", path: "/slack" } },
  });
  expect(Buffer.from(event.body ?? "", "base64").toString()).toBe(form);
});

it("hands JSON over as text", async () => {
  const headers = { "content-type": "application/json; charset=utf-8" };
  const response = await ask("/slack", { method: "POST", headers, body: '{"a":"ü"}' });

  expect(await response.json()).toMatchObject({ isBase64Encoded: false, body: '{"a":"ü"}' });
});

it("gives back status, headers, cookies and bytes as the function says", async () => {
  const response = await ask("/bytes");

  expect(response.status).toBe(201);
  expect(response.headers.get("x-made")).toBe("yes");
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 1, 255]);
});

it.each([
  ["there is no route", "/nowhere", {}, 404, "Not Found"],
  ["the method is another", "/slack", {}, 404, "Not Found"],
  ["the function throws", "/throw", {}, 500, "Internal Server Error"],
  ["the function takes longer than the integration waits", "/slow", {}, 503, "Service Unavailable"],
  ["the path is not well encoded", "/things/%E0%A4%A", {}, 400, "Bad Request"],
  ["the body is too large", "/slack", { method: "POST", body: Buffer.alloc(11e6) }, 413, "Request Entity Too Large"],
])("answers in API Gateway's words when %s", async (_, path, init, status, message) => {
  const response = await ask(path, init);

  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({ message });
});

it("shows path parameters, and the moved clock's time", async () => {
  cloud.clock.advance(86_400_000);

  const event = (await (await ask("/things/a%20b")).json()) as HttpEvent;

  expect(event.pathParameters).toEqual({ id: "a b" });
  expect(Math.abs(event.requestContext.timeEpoch - cloud.clock.now())).toBeLessThan(5_000);
  expect(event.requestContext.time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
});

it("goes on serving when a caller hangs up in the middle of a request", async () => {
  const socket = connect(Number(new URL(cloud.host.url).port), "127.0.0.1");
  const half = "POST /slack HTTP/1.1\r\nhost: app\r\ncontent-length: 100\r\n\r\nhalf";
  socket.write(half, () => socket.destroy());

  await expect.poll(() => cloud.trace().some(({ unanswered }) => unanswered)).toBe(true);
  expect((await ask("/things/7")).status).toBe(200);
});

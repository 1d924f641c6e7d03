import { expect, it } from "vitest";
import { readHostPlan, type Synthesized } from "../host-plan.ts";
import { fixtureSynth } from "./fixture-synth.ts";

const synth = fixtureSynth();

/** The fixture with the inputs of one resource changed. */
const changed = (name: string, inputs: Record<string, unknown>): Synthesized => ({
  ...synth,
  resources: synth.resources.map((resource) =>
    resource.name === name ? { ...resource, inputs: { ...resource.inputs, ...inputs } } : resource,
  ),
});
const read = (from: Synthesized) => readHostPlan("/app", from, (value) => value);

it("gives a function that a route leads to one worker more", () => {
  expect(read(synth).functions.map(({ resource, maxWorkers }) => [resource, maxWorkers])).toEqual([
    ["ConsumerFunction", 2],
    ["DoorFunction", 3],
    ["ProbeFunction", 2],
  ]);
});

it.each([
  ["rate(1 minute)", 60_000],
  ["rate(5 minutes)", 300_000],
  ["rate(1 hour)", 3_600_000],
])("runs %s every %i ms", (scheduleExpression, everyMs) => {
  expect(read(changed("EachMinute", { scheduleExpression })).schedules[0]?.everyMs).toBe(everyMs);
});

it.each([
  ["a schedule that is no rate", "EachMinute", { scheduleExpression: "cron(0 12 * * ? *)" }, /only rate/],
  ["a pattern straight to a function", "EachMinute", { scheduleExpression: undefined }, /only queues are fed/],
  ["a filter on a mapping", "ConsumerMapping", { filterCriteria: { filters: [] } }, /filters are not evaluated/],
  ["a stream as source", "ConsumerMapping", { eventSourceArn: "arn:aws:dynamodb:x" }, /only SQS queues/],
  ["an older payload format", "DoorIntegration", { payloadFormatVersion: "1.0" }, /payloadFormatVersion/],
  ["a route that leads nowhere", "POST /slack", { target: "integrations/gone" }, /is not there/],
  ["the same route twice", "GET /throw", { routeKey: "POST /slack" }, /Two APIs have the route POST \/slack/],
])("refuses %s, which would run otherwise than on AWS", (_, name, inputs, message) => {
  expect(() => read(changed(name, inputs))).toThrow(message);
});

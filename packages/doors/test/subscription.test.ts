import { NonRetriableError, type PartnerProposal, RequestProposed } from "@sluice/events";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { type BuildChange, nameOf, onBuildChange, onMessage, onProposal, type PartnerEvent } from "../src/index.ts";
import { envelope } from "./factories.ts";

const BUILD = "sluice-dev-apply-staging:0a1b2c3d-0000-4000-8000-000000000000";
const stateChange = (change: { status?: string; id?: string; variables?: object[]; source?: string } = {}) => ({
  source: change.source ?? "aws.codebuild",
  account: "000000000000",
  "detail-type": "CodeBuild Build State Change",
  detail: {
    "build-status": change.status ?? "SUCCEEDED",
    "project-name": "sluice-dev-apply-staging",
    "build-id": change.id ?? `arn:aws:codebuild:eu-west-1:000000000000:build/${BUILD}`,
    "current-phase": "COMPLETED",
    "additional-information": {
      environment: {
        "environment-variables": change.variables ?? [
          { name: "OTHER", value: "x", type: "PLAINTEXT" },
          { name: "JOB_ID", value: "job_7k3m9qx2_apply_1", type: "PLAINTEXT" },
        ],
        image: "aws/codebuild/standard:8.0",
      },
      logs: "x".repeat(20_000),
    },
  },
});
async function changeOf(message: unknown): Promise<BuildChange | undefined> {
  let heard: BuildChange | undefined;
  await onBuildChange(async (change) => {
    heard = change;
  }).handle(message, () => undefined);
  return heard;
}
const refused = (code: string) => expect.objectContaining({ name: "NonRetriableError", code });

describe("a build's state change", () => {
  it("is heard with the build's id as StartBuild gave it, cut out of the ARN", async () => {
    expect(await changeOf(stateChange())).toEqual({
      project: "sluice-dev-apply-staging",
      build: BUILD,
      terminal: true,
      status: "SUCCEEDED",
      job: "job_7k3m9qx2_apply_1",
    });
  });

  it.each(["FAILED", "FAULT", "STOPPED", "TIMED_OUT"])("is an end when it is %s", async (status) => {
    expect((await changeOf(stateChange({ status })))?.terminal).toBe(true);
  });

  it("is none while the build goes on, and names no job for a build of somebody else's", async () => {
    expect(await changeOf(stateChange({ status: "IN_PROGRESS", variables: [] }))).toMatchObject({
      terminal: false,
      job: "",
    });
  });

  it("is refused from anybody but CodeBuild, with an unknown status, and without an ARN", async () => {
    await expect(changeOf(stateChange({ source: "partner.helpdesk" }))).rejects.toThrow(refused("source_not_allowed"));
    await expect(changeOf(stateChange({ status: "PROBABLY" }))).rejects.toThrow(refused("invalid"));
    await expect(changeOf(stateChange({ id: "no-arn" }))).rejects.toThrow(refused("invalid"));
  });
});

describe("a proposal", () => {
  const partnerData: PartnerProposal["data"] = {
    reference: "INC-17",
    blueprint: "probe",
    environment: "sandbox",
    parameters: { name: "smoke" },
  };
  const heard = () => {
    const seen = { people: [] as unknown[], partners: [] as PartnerEvent[] };
    const subscription = onProposal(
      RequestProposed,
      async (event) => void seen.people.push(event.data),
      async (event) => void seen.partners.push(event),
    );
    return { ...seen, hear: (message: unknown) => subscription.handle(message, () => undefined) };
  };
  const byPartner = (change = {}) =>
    envelope(RequestProposed, {
      source: "partner.helpdesk",
      account: "111111111111",
      detail: { data: partnerData },
      ...change,
    });

  it("of a person comes through our own door", async () => {
    const { hear, people, partners } = heard();

    await hear(envelope(RequestProposed));

    expect([people, partners]).toEqual([[RequestProposed.example], []]);
  });

  it("of a partner comes with the account and source that the bus stamped, and data alone", async () => {
    const { hear, people, partners } = heard();

    await hear(byPartner());

    expect(partners).toEqual([{ account: "111111111111", source: "partner.helpdesk", proposal: partnerData }]);
    expect(people).toEqual([]);
  });

  it.each([
    ["brings ids of its own", byPartner({ detail: { metadata: { id: "evt" }, data: partnerData } }), "invalid"],
    ["claims an actor", byPartner({ detail: { data: { ...partnerData, who: { team: "T", user: "U" } } } }), "invalid"],
    ["is replayed", byPartner({ "replay-name": "tuesday" }), "replayed"],
    ["comes from no source of ours", byPartner({ source: "sluice.notifier" }), "source_not_allowed"],
    ["is too big", byPartner({ detail: { data: partnerData, pad: "x".repeat(17_000) } }), "too_big"],
  ])("is refused when it %s", async (_case, message, code) => {
    const { hear, people, partners } = heard();

    await expect(hear(message)).rejects.toThrow(refused(code));
    expect([people, partners]).toEqual([[], []]);
  });
});

describe("an own message", () => {
  it("is heard without its name, and refused under another's", async () => {
    const seen: unknown[] = [];
    const subscription = onMessage("gate.due", z.strictObject({ gate: z.string() }), async (m) => void seen.push(m));

    await subscription.handle({ message: "gate.due", gate: "g" }, () => undefined);

    expect(seen).toEqual([{ gate: "g" }]);
    await expect(subscription.handle({ message: "other", gate: "g" }, () => undefined)).rejects.toThrow(
      NonRetriableError,
    );
  });

  it("calls itself by its name, an event by its type, anything else by no name", () => {
    expect([nameOf({ message: "gate.due" }), nameOf({ "detail-type": "x.v1" })]).toEqual(["gate.due", "x.v1"]);
    for (const odd of [undefined, 3, [], {}, { message: 7 }]) expect(nameOf(odd)).toBe("a message without a name");
  });
});

import { describe, expect, it } from "vitest";
import { proposeByPartner, proposeByPerson } from "../../src/core/propose.ts";
import { directory, proposed, request, slackUsers, world } from "../factories.ts";

describe("a person's proposal", () => {
  it("is accepted with its itinerary fixed, and the first step is asked for", async () => {
    const { ports, published } = world();

    await proposeByPerson(ports, proposed());

    expect(published).toMatchObject([
      {
        type: "request.accepted.v1",
        data: {
          itinerary: {
            requester: "person_ada",
            subject: "Probe smoke",
            workspace: "probe-smoke",
            environment: "staging",
          },
        },
      },
      { type: "plan.requested.v1", data: { step: "plan", attempt: 1 } },
    ]);
  });

  it("gets the same answer however often it comes, also after a deploy", async () => {
    const first = world();
    await proposeByPerson(first.ports, proposed());
    const answer = first.take();

    const ports = { ...first.ports, code: { ...first.ports.code, versionId: "v2" } };
    await proposeByPerson(ports, proposed());
    await proposeByPerson(ports, proposed({ signedAt: "2026-12-23T12:00:00.000Z" }));

    expect(first.published).toEqual([...answer, ...answer]);
  });

  it("with other content under the same id is refused to its sender, and the request is left as it is", async () => {
    const { ports, store, take } = world();
    await proposeByPerson(ports, proposed());
    take();
    const before = store.records.get(request);

    await proposeByPerson(ports, proposed({ parameters: { name: "other" } }));
    await proposeByPerson(ports, proposed({}, slackUsers.carol));

    expect(take()).toMatchObject([
      { type: "proposal.refused.v1", data: { code: "other_content", who: { user: slackUsers.ada } } },
      { type: "proposal.refused.v1", data: { code: "other_content", who: { user: slackUsers.carol } } },
    ]);
    expect(store.records.get(request)).toEqual(before);
  });

  it.each([
    ["unknown_person", {}, slackUsers.eve],
    ["unknown_person", {}, slackUsers.gone],
    ["may_not_ask", {}, slackUsers.bob],
    ["unknown_blueprint", { blueprint: "cluster" }, slackUsers.ada],
    ["environment_not_offered", { environment: "production" }, slackUsers.ada],
    ["environment_not_offered", { environment: "__proto__" }, slackUsers.ada],
    ["reason_missing", { reason: "  " }, slackUsers.ada],
    ["reason_missing", { reason: "\u2800 \u3164\u200b" }, slackUsers.ada],
    ["invalid_parameter", { parameters: { name: "Web 7" } }, slackUsers.ada],
    ["invalid_parameter", { parameters: { name: "smoke", image: "ami-9" } }, slackUsers.ada],
    [
      "too_big",
      { parameters: { name: "smoke", note: "\u0001".repeat(300) }, reason: `x${"\u0001".repeat(499)}` },
      slackUsers.ada,
    ],
  ] as const)("is refused as %s", async (code, given, who) => {
    const { ports, published } = world();

    await proposeByPerson(ports, proposed(given, who));

    expect(published).toMatchObject([{ type: "request.refused.v1", data: { code, who: { user: who } } }]);
  });

  it("refuses everybody when the directory cannot be read", async () => {
    const { ports, published } = world({ directory: async () => undefined });

    await proposeByPerson(ports, proposed());

    expect(published).toMatchObject([{ type: "request.refused.v1", data: { code: "unknown_person" } }]);
  });

  it("refused once stays refused, also when the person would be known now", async () => {
    let known: typeof directory | undefined;
    const { ports, types } = world({ directory: async () => known });
    await proposeByPerson(ports, proposed());

    known = directory;
    await proposeByPerson(ports, proposed());

    expect(types()).toEqual(["request.refused.v1", "request.refused.v1"]);
  });

  it("keeps hostile text in a note as text, and refuses it in a name", async () => {
    const hostile = [
      "$(id)",
      "{{ lookup('pipe','id') }}",
      `\${file("/etc/passwd")}`,
      "-destroy",
      "a\nb",
      "<!channel>",
      "a\u202eb",
      "x".repeat(10_000),
    ];
    for (const text of hostile) {
      const refused = world();
      await proposeByPerson(refused.ports, proposed({ parameters: { name: text.slice(0, 2_000) } }));
      expect(refused.types(), text.slice(0, 20)).toEqual(["request.refused.v1"]);
    }
    for (const text of hostile.slice(0, -1)) {
      const kept = world();
      await proposeByPerson(kept.ports, proposed({ parameters: { name: "smoke", note: text } }));
      expect(kept.published[0]).toMatchObject({ data: { itinerary: { parameters: { name: "smoke", note: text } } } });
    }
  });
});

describe("a partner's proposal", () => {
  const proposal = {
    reference: "build/17",
    blueprint: "probe",
    environment: "staging",
    reason: "nightly",
    parameters: { name: "nightly" },
    onBehalfOf: "person_ada",
  };
  const pipeline = { account: "333333333333", source: "partner.pipeline", proposal };

  it("is asked by the principal of the allow-list, and the same reference is the same request", async () => {
    const { ports, published, store } = world();

    await proposeByPartner(ports, pipeline);
    await proposeByPartner(ports, pipeline);

    expect(published[0]).toMatchObject({
      type: "request.accepted.v1",
      data: { itinerary: { requester: "system_pipeline" } },
    });
    expect(published.slice(2)).toEqual(published.slice(0, 2));
    expect(store.records.size).toBe(1);
  });

  it("names a person who counts as requester, if the directory knows them", async () => {
    const known = world();
    await proposeByPartner(known.ports, pipeline);
    expect(known.published[0]).toMatchObject({ data: { itinerary: { onBehalfOf: "person_ada" } } });
  });

  it.each(["person_nobody", "person_gone", "system_pipeline"])(
    "is refused when it names %s, who is no active person",
    async (onBehalfOf) => {
      const { ports, published } = world();

      await proposeByPartner(ports, { ...pipeline, proposal: { ...proposal, onBehalfOf } });

      expect(published).toMatchObject([
        { type: "request.refused.v1", data: { code: "unknown_person", field: "onBehalfOf" } },
      ]);
    },
  );

  it("that names nobody is refused where people approve, and says what to do", async () => {
    const { ports, published } = world();
    const { onBehalfOf: _, ...forNobody } = proposal;

    await proposeByPartner(ports, { ...pipeline, proposal: forNobody });

    expect(published).toMatchObject([
      {
        type: "request.refused.v1",
        data: {
          code: "person_missing",
          field: "onBehalfOf",
          sentence:
            "People approve this in staging, and nobody may approve their own. Send it under a new reference with the person whom it is for in onBehalfOf, such as person_ada.",
        },
      },
    ]);
  });

  it("may name nobody where nobody has to approve", async () => {
    const { ports, types } = world();
    const { onBehalfOf: _, ...forNobody } = proposal;

    await proposeByPartner(ports, { ...pipeline, proposal: { ...forNobody, environment: "sandbox" } });

    expect(types()).toEqual(["request.accepted.v1", "plan.requested.v1"]);
  });

  it.each([
    ["off the list", { ...pipeline, account: "444444444444" }],
    ["with another's source", { ...pipeline, source: "partner.other" }],
    [
      "for a blueprint that is not on its list",
      { ...pipeline, proposal: { ...proposal, blueprint: "virtual-machine" } },
    ],
  ])("%s is refused and kept for the record", async (_, from) => {
    const { ports, published, store } = world();

    await proposeByPartner(ports, from);

    expect(published).toMatchObject([
      { type: "proposal.refused.v1", data: { code: "partner_not_allowed", partner: from.source } },
    ]);
    expect(store.records.size).toBe(0);
    expect(store.kept.size).toBe(1);
  });

  it("cannot be disturbed by another account that uses its reference", async () => {
    const { ports, take } = world();
    await proposeByPartner(ports, pipeline);
    const [accepted] = take();

    await proposeByPartner(ports, { ...pipeline, account: "444444444444" });

    expect(take()[0]?.request).not.toBe(accepted?.request);
  });
});

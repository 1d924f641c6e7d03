import { ApprovalOpened, pauseReasons, pausingFor, plan, scan } from "@sluice/events";
import { PlanPage } from "@sluice/runner";
import { actionIdOf } from "@sluice/slack";
import { factOf } from "@sluice/words/facts";
import { describe, expect, it } from "vitest";
import { proposeByPerson } from "../../src/core/propose.ts";
import { noon, outcomes, proposed, request, slackUsers, step, team, told as toldEvent, world } from "../factories.ts";
import { click, command, doorWorld, interaction, reasonTyped, submission } from "./door-factories.ts";

const digest = "9f3a61c2".padEnd(64, "0");

/** The door beside a request of Ada's that was accepted. */
async function asked() {
  const door = doorWorld();
  const { ports, store } = world();
  await proposeByPerson(ports, proposed());
  for (const [id, record] of store.records) door.store.records.set(id, record);
  return door;
}

const page = PlanPage.parse({
  version: 1,
  change: {
    resources: [
      {
        address: "aws_ebs_volume.data",
        type: "aws_ebs_volume",
        action: "destroy",
        attributes: [],
        gone: [{ path: "size", before: { number: "10" } }],
      },
      {
        address: "aws_instance.this",
        type: "aws_instance",
        action: "replace",
        attributes: [
          { path: "tags.owner", before: { value: "<!channel>" }, after: { value: "ada`s" } },
          { path: "user_data", before: { hidden: "marked" }, after: { hidden: "equal" } },
          { path: "ami", before: { value: "ami-1" }, after: { hidden: "unknown" }, forcesReplacement: true },
          { path: "id", after: { hidden: "unknown" } },
        ],
      },
      ...Array.from({ length: 60 }, (_, n) => ({
        address: `terraform_data.many[${n}]`,
        type: "terraform_data",
        action: "create",
        attributes: [{ path: "input", after: { value: "x".repeat(500) } }],
      })),
    ],
    outputs: [{ name: "ip", action: "create", attributes: [{ path: "", after: { hidden: "unknown" } }] }],
  },
  seen: {
    terraform: "1.11.4",
    orphans: ["arn:aws:ec2:eu-west-1:1:instance/i-left"],
    drift: [],
    warnings: [],
    checks: [],
    before: [],
  },
});

async function planned(text = JSON.stringify(page)) {
  const door = await asked();
  const output = { ...plan.example, page: door.put("results/staging/plan/j/b/page.json", text), changeDigest: digest };
  await door.store.keep(factOf(toldEvent(plan.completed, { ...step("plan"), output, seconds: 1 })));
  return door;
}

/** Something pressed or chosen in Carol's window. */
const inWindow = (action: object) =>
  interaction({
    type: "block_actions",
    team: { id: team },
    user: { id: slackUsers.carol },
    trigger_id: "1.2.abc",
    container: { type: "view", view_id: "V1" },
    actions: [action],
    view: { id: "V1", hash: "h1", callback_id: "plan" },
  });

describe("Approve and Reject…", () => {
  it("publish what anybody decides, also somebody unknown: whether they may is judged by approvals", async () => {
    const { send, published } = await asked();

    await send(click("approve", `${request}.approve.1`, slackUsers.eve));

    expect(published).toMatchObject([
      { type: "decision.submitted.v1", data: { verdict: "approve", who: { team, user: slackUsers.eve } } },
    ]);
  });

  it.each([
    ["who asked for it", slackUsers.ada],
    ["who is in none of its groups", slackUsers.dan],
    ["whom nobody knows", slackUsers.eve],
  ])("asks %s for no reason: approvals refuses it, and says why", async (_, user) => {
    const { send, views, published, store } = await asked();
    const gate = { ...ApprovalOpened.example.gate, request };
    await store.keep(factOf(toldEvent(ApprovalOpened, { ...ApprovalOpened.example, gate })));

    await send(click("reject", `${request}.approve.1`, user));

    expect(views).toEqual([]);
    expect(published).toMatchObject([{ type: "decision.submitted.v1", data: { verdict: "reject", who: { user } } }]);
    await send(click("reject", `${request}.approve.1`, slackUsers.carol));
    expect(views, "who may is asked").toHaveLength(1);
  });

  it("asks for a reason before it rejects, and rejects nothing without one", async () => {
    const { send, views, published } = await asked();
    const gate = `${request}.approve.2`;

    await send(click("reject", gate, slackUsers.carol));
    expect(views).toMatchObject([{ call: "open", view: { callback_id: "reject", private_metadata: gate } }]);
    expect(published).toEqual([]);

    for (const nothing of ["  ", "\u2800\u3164\u200b"])
      expect(await send(submission("reject", reasonTyped(nothing), slackUsers.carol, gate))).toMatchObject({
        answer: { response_action: "errors", errors: { reason: expect.any(String) } },
      });
    expect(published).toEqual([]);

    await send(submission("reject", reasonTyped("use the shared cluster"), slackUsers.carol, gate));
    expect(published).toMatchObject([
      {
        type: "decision.submitted.v1",
        data: { verdict: "reject", reason: "use the shared cluster", gate: { attempt: 2 } },
      },
    ]);
  });

  it("says privately when the dialogue could not open", async () => {
    const { send, told } = doorWorld({ slack: "expired" });

    await send(click("reject", `${request}.approve.1`, slackUsers.carol));

    expect(told).toMatchObject([{ text: expect.stringContaining("Press the button again") }]);
  });
});

describe("See plan", () => {
  it("shows what takes away first, before and after, and masks what is sensitive", async () => {
    const { send, views } = await planned();

    await send(click("see_plan", `${request}.plan.1`, slackUsers.carol));

    const view = JSON.stringify(views[0]?.view);
    expect(views[0]?.view.title.text).toBe("Plan 9f3a61c2");
    expect(view.indexOf("i-left")).toBeLessThan(view.indexOf("aws_ebs_volume.data"));
    expect(view.indexOf("aws_ebs_volume.data")).toBeLessThan(view.indexOf("aws_instance.this"));
    expect(view).toContain("`tags.owner`: `&lt;!channel&gt;` → `adaˋs`");
    expect(view).toContain("`user_data`: _sensitive_ → _holds a sensitive value_");
    expect(view).toContain("`ami`: `ami-1` → _known after apply_ *(forces replacement)*");
    expect(view).toContain("_known after apply:_ `id`");
  });

  it("shows every resource, over as many pages as Slack's limits make of them", async () => {
    const { send, views } = await planned();
    await send(click("see_plan", `${request}.plan.1`, slackUsers.carol));

    for (let at = 2; at <= 20; at++) {
      const next = JSON.stringify(views.at(-1)?.view).match(/"action_id":"next_page","value":"([^"]+)"/)?.[1];
      if (!next) break;
      await send(inWindow({ type: "button", action_id: "next_page", block_id: "pages", value: next }));
    }

    const all = JSON.stringify(views);
    expect(views.length).toBeGreaterThan(2);
    for (const { address } of page.change.resources) expect(all).toContain(`\`${address}\``);
    expect(all).toContain("*+ adds* output `ip`");
    for (const { view } of views) expect(JSON.stringify(view).length).toBeLessThan(40_000);
  });

  it("goes to the page that is chosen, and nowhere else than it names", async () => {
    const { send, views, told } = await planned();
    await send(click("see_plan", `${request}.plan.1`, slackUsers.carol));
    const choose = (value: string) =>
      inWindow({ type: "static_select", action_id: "jump_to_page", block_id: "jump.1", selected_option: { value } });

    await send(choose(`${request}.plan.1.2.create`));
    expect(JSON.stringify(views.at(-1)?.view)).toContain("page 2 of");

    for (const wrong of [`${request}.plan.1.0.create`, `${request}.plan.1.2.create.create`, `${request}.plan`, "2"]) {
      const before = views.length;
      await send({ ...choose(wrong) });
      expect(views).toHaveLength(before);
    }
    expect(told).toEqual([]);
  });

  it.each([
    ["somebody who may not see it", slackUsers.bob, "may see"],
    ["somebody unknown", slackUsers.eve, "does not know you"],
    ["somebody deactivated", slackUsers.gone, "does not know you"],
  ])("is refused privately to %s", async (_, user, sentence) => {
    const { send, views, told } = await planned();

    await send(click("see_plan", `${request}.plan.1`, user));

    expect(views).toEqual([]);
    expect(told).toMatchObject([{ text: expect.stringContaining(sentence) }]);
  });

  it("shows nothing of a page that is not the one that was made", async () => {
    const door = await planned();
    door.put("results/staging/plan/j/b/page.json", JSON.stringify({ ...page, change: { resources: [], outputs: [] } }));

    await door.send(click("see_plan", `${request}.plan.1`, slackUsers.carol));

    expect(door.views).toEqual([]);
    expect(door.told).toMatchObject([{ text: expect.stringContaining("is not shown") }]);
  });

  it("says that there is nothing to see of a plan that was not made", async () => {
    const { send, told } = await asked();

    await send(click("see_plan", `${request}.plan.1`));

    expect(told).toMatchObject([{ text: "There is nothing to see of this step yet." }]);
  });
});

describe("See evidence", () => {
  it("shows each control, what was asked and what came back", async () => {
    const door = await asked();
    const evidence = {
      profile: "baseline",
      environment: "staging",
      workspace: "probe-smoke",
      controls: [
        {
          id: "imds",
          title: "IMDSv2 is required",
          verdict: "passed",
          asked: "ec2:DescribeInstances i-1",
          answered: { tokens: "required" },
        },
        { id: "ssh", title: "sshd refuses passwords", verdict: "skipped", because: "This installation has no hosts." },
      ],
    };
    const output = {
      ...scan.example,
      evidence: door.put(
        "results/staging/scan/j/b/evidence.json",
        JSON.stringify(evidence).replace('"required"', '"required","owner":9007199254740993'),
      ),
    };
    await door.store.keep(factOf(toldEvent(scan.completed, { ...step("check"), output, seconds: 1 })));

    await door.send(click("see_evidence", `${request}.check.1`));

    const view = JSON.stringify(door.views[0]?.view);
    expect(view).toContain("✓ passed");
    expect(view).toContain("ec2:DescribeInstances i-1");
    expect(view).toContain("9007199254740993");
    expect(view).toContain("– skipped");
  });
});

describe("Withdraw, Unlock… and the repeats", () => {
  it("asks who asked for it once more before it is taken back, who needs no reason", async () => {
    const door = await asked();

    await door.send(click("withdraw", request, slackUsers.ada));
    expect(door.published).toEqual([]);
    expect(JSON.stringify(door.views[0]?.view)).toContain("This ends your request.");
    await door.send(submission("withdraw", {}, slackUsers.ada, JSON.stringify({ request })));

    expect(door.published).toMatchObject([
      { type: "withdrawal.submitted.v1", actor: `slack:${team}/${slackUsers.ada}`, data: { request } },
    ]);
  });

  it("asks an operator why who did not ask for it, and takes no silence for a reason", async () => {
    const door = await asked();
    const about = JSON.stringify({ request });

    await door.send(click("withdraw", request, slackUsers.dan));
    expect(door.views).toMatchObject([{ view: { callback_id: "withdraw" } }]);
    const silent = await door.send(submission("withdraw", {}, slackUsers.dan, about));
    expect(silent).toMatchObject({ answer: { response_action: "errors" } });
    expect(door.published).toEqual([]);

    await door.send(submission("withdraw", reasonTyped("closing"), slackUsers.dan, about));
    expect(door.published).toMatchObject([{ type: "withdrawal.submitted.v1", data: { reason: "closing" } }]);
  });

  it("leaves the press of anybody else to the consumer, who says why it does not count", async () => {
    const door = await asked();

    await door.send(click("withdraw", request, slackUsers.bob));

    expect(door.views).toEqual([]);
    expect(door.published).toMatchObject([
      { type: "withdrawal.submitted.v1", actor: `slack:${team}/${slackUsers.bob}` },
    ]);
  });

  it("asks why before it unlocks, and names the workspace of the request", async () => {
    const { send, views, published } = await asked();

    await send(click("unlock", request, slackUsers.dan));
    expect(views).toMatchObject([{ view: { callback_id: "unlock" } }]);
    await send(submission("unlock", reasonTyped("looked at the account"), slackUsers.dan, JSON.stringify({ request })));

    expect(published).toMatchObject([
      {
        type: "unlock.submitted.v1",
        data: { environment: "staging", workspace: "probe-smoke", reason: "looked at the account" },
      },
    ]);
  });

  it.each([
    ["plan_again", "plan"],
    ["configure_again", "configure"],
    ["check_again", "check"],
  ])("%s asks for the step to be done again", async (verb, name) => {
    const { send, published } = await asked();

    await send(click(verb, `${request}.${name}.1`));

    expect(published).toMatchObject([{ type: "repetition.submitted.v1", data: { step: name, attempt: 1 } }]);
  });

  it.each(pauseReasons)("the button after the pause %s is known", async (reason) => {
    const { send, published } = await asked();

    await send(click(actionIdOf(pausingFor(reason).verb), `${request}.it.1`));

    expect(published).toMatchObject([{ type: "repetition.submitted.v1" }]);
  });

  it.each(["ask_again", "edit_and_ask_again"])("%s opens the form as it was sent, as a new request", async (verb) => {
    const { send, views, published } = await asked();

    await send(click(verb, request));

    const form = JSON.stringify(views[0]?.view);
    expect(form).toContain('"initial_value":"smoke"');
    expect(form).toContain('"initial_value":"load test"');
    expect(form).not.toContain(request);
    expect(published).toEqual([]);
  });
});

describe("something that stands", () => {
  async function standing() {
    const door = doorWorld();
    const { ports, store } = world();
    await proposeByPerson(ports, proposed({ parameters: { name: "smoke", note: "first" } }));
    for (const [id, record] of store.records) door.store.records.set(id, record);
    const made = store.records.get(request)?.itinerary;
    if (!made) throw new Error("The request was not accepted");
    const { environment, workspace, blueprint, subject, requester: owner } = made;
    const entry = { environment, workspace, blueprint: blueprint.id, subject, owner, since: noon, request };
    await door.store.keepInventory({ entry, epoch: 1, removed: false });
    return door;
  }
  const shown = (door: Awaited<ReturnType<typeof standing>>) => JSON.stringify(door.views.at(-1)?.view ?? "");

  it.each([
    ["its name", "probe name=smoke environment=staging", '"initial_value":"first"'],
    ["its name and a change", "probe name=smoke environment=staging note=second", '"initial_value":"second"'],
  ])("is shown as it is to who types %s, with what was typed before it", async (_, typed, value) => {
    const door = await standing();

    await door.send(command(typed));

    expect(shown(door)).toContain(value);
    expect(shown(door)).toContain("stands in staging since");
  });

  it.each([
    ["another name", "probe name=other environment=staging"],
    ["another environment", "probe name=smoke environment=sandbox"],
    ["an environment that is none", "probe name=smoke environment=__proto__"],
    ["no environment", "probe name=smoke"],
  ])("is not shown to who types %s", async (_, typed) => {
    const door = await standing();

    await door.send(command(typed));

    expect(shown(door)).not.toContain("first");
    expect(shown(door)).not.toContain("stands in");
  });

  it("is changed by a new request, with a reason of its own", async () => {
    const door = await standing();

    await door.send(click("change", request));

    expect(shown(door)).toContain('"initial_value":"first"');
    expect(shown(door)).not.toContain('"initial_value":"load test"');
    expect(shown(door)).not.toContain(request);
    expect(door.published).toEqual([]);
  });
});

describe("/sluice status", () => {
  it.each(["smoke", "probe-smoke"])("finds the newest request by what people call it: %s", async (name) => {
    const door = await asked();

    expect(JSON.stringify(await door.send(command(`status ${name}`)))).toContain(`${request} · workspace probe-smoke`);
  });

  it.each([
    ["that nobody uses", "web-7", slackUsers.ada],
    ["of what a person may not see", "smoke", slackUsers.dan],
  ])("finds nothing by a name %s, and says where to look", async (_, name, user) => {
    const door = await asked();

    expect(JSON.stringify(await door.send(command(`status ${name}`, user)))).toMatch(
      /No request of yours and nothing that stands is called `.*list\* what stands/,
    );
  });

  it.each([request, "smoke", "web-7"])(
    "of %s tells somebody whom nobody knows that nobody knows them",
    async (named) => {
      const door = await asked();

      expect(JSON.stringify(await door.send(command(`status ${named}`, slackUsers.eve)))).toContain(
        "does not know you",
      );
    },
  );

  it("is not told to who may not see it, nor whether it exists", async () => {
    const { send } = await asked();

    const hidden = await send(command(`status ${request}`, slackUsers.bob));
    const missing = await send(command("status req_00000000", slackUsers.bob));

    expect(hidden).toEqual(missing);
  });

  it("tells how it stands, each step, and everything that happened with time and who", async () => {
    const door = await asked();
    await door.store.keep(factOf(outcomes.plan()));

    const one = await door.send(command(`status ${request}`));
    const own = await door.send(command("status"));

    expect((one as { answer: { text: string } }).answer.text).toMatchInlineSnapshot(`
      "*Probe \`smoke\` in staging*: Approval is running
      Asked by Ada:
      > “load test”
      ✓ *Plan*   + 3 to add   ~ 0 to change   − 0 to destroy   2 outputs to change   _4 s_
      ◐ *Approval*   running
      ○ Apply
      ○ Configure
      ○ Check

      <!date^1795435200^{date_short_pretty} at {time}|2026-11-23 12:00 UTC>  Ada asked for it
      <!date^1795435260^{date_short_pretty} at {time}|2026-11-23 12:01 UTC>  Plan is done in 4 s: + 3 to add   ~ 0 to change   − 0 to destroy   2 outputs to change · <https://builds.example/sluice-test-plan-staging:6b0a2f0e-51c5-4f0a-8b8e-3a9a4b0c1d2e|log>
      req_7k3m9qx2 · workspace probe-smoke"
    `);
    expect(JSON.stringify((one as { answer: { blocks: unknown } }).answer.blocks)).toContain(
      '"action_id":"see_plan","value":"req_7k3m9qx2.plan.1"',
    );
    expect((own as { answer: { text: string } }).answer.text).toMatchInlineSnapshot(`
      "*Your latest requests*
      \`Probe smoke\` in staging: Approval is running · req_7k3m9qx2"
    `);
  });
});

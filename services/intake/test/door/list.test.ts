import { EnvironmentName, PrincipalId, RequestId, WorkspaceName } from "@sluice/events";
import { dayAndTime } from "@sluice/slack";
import { describe, expect, it } from "vitest";
import { noon, slackUsers } from "../factories.ts";
import { command, doorWorld } from "./door-factories.ts";

async function standing(...machines: [environment: string, name: string, subject?: string][]) {
  const door = doorWorld();
  for (const [environment, name, subject = `Virtual machine ${name}`] of machines)
    await door.store.keepInventory({
      entry: {
        environment: EnvironmentName.parse(environment),
        workspace: WorkspaceName.parse(`vm-${name}`),
        blueprint: "virtual-machine",
        subject,
        owner: PrincipalId.parse("person_ada"),
        since: noon,
        request: RequestId.parse("req_7k3m9qx2"),
      },
      epoch: 1,
      removed: false,
    });
  return door;
}
const said = async (door: Awaited<ReturnType<typeof standing>>, text: string, user = slackUsers.ada) =>
  String(((await door.send(command(text, user))) as { answer?: { text?: string } }).answer?.text);

describe("/sluice list", () => {
  it("says what stands where, whose it is, since when, and what changed it last", async () => {
    expect(await said(await standing(["sandbox", "db-1"], ["staging", "web-7"]), "list")).toBe(
      [
        "*sandbox*",
        `• \`Virtual machine db-1\`   Ada, since ${dayAndTime(noon)} · last changed by req_7k3m9qx2`,
        "*staging*",
        `• \`Virtual machine web-7\`   Ada, since ${dayAndTime(noon)} · last changed by req_7k3m9qx2`,
      ].join("\n"),
    );
  });

  it("says it of one environment, and names the others when there is none of that name", async () => {
    const door = await standing(["sandbox", "db-1"], ["staging", "web-7"]);

    expect(await said(door, "list staging")).not.toContain("db-1");
    expect(await said(door, "list nowhere")).toBe("There is no environment `nowhere`. There is sandbox, staging.");
  });

  it("shows nothing to those who may not see it, or whom nobody knows", async () => {
    const door = await standing(["staging", "web-7"]);

    expect(await said(door, "list", slackUsers.bob)).toBe("Nothing stands that you may see.");
    expect(await said(door, "list", slackUsers.eve)).not.toContain("web-7");
  });

  it("has a button to change it, for those who may ask for it", async () => {
    const door = await standing(["staging", "web-7"]);
    const blocks = async (user: string) =>
      JSON.stringify(((await door.send(command("list", user))) as { answer?: { blocks?: object[] } }).answer?.blocks);

    expect(await blocks(slackUsers.ada)).toContain('"action_id":"change","value":"req_7k3m9qx2"');
    expect(await blocks(slackUsers.carol)).toContain('"action_id":"change"');
    expect((await blocks(slackUsers.bob)) ?? "").not.toContain("change");
  });

  it("keeps names as text, and says how many more there are", async () => {
    const many = Array.from({ length: 42 }, (_, n) => ["staging", `m-${n}`] as [string, string]);
    const text = await said(await standing(["sandbox", "odd", "<!channel> `x`"], ...many), "list");

    expect(text).not.toContain("<!channel>");
    expect(text).toMatch(/and 3 more: name an environment to see fewer$/);
  });
});

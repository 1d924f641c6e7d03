import { DescribeInstancesCommand, DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { RunningHosts } from "../../local/hosts/start-hosts.ts";
import type { Conversation } from "./conversation.ts";
import { askHost } from "./host.ts";
import { buttonsOf, linesOf, wholeText } from "./message-text.ts";
import type { Person } from "./people.ts";
import type { World } from "./world.ts";

const REASON = "load test for the June release";
const HOUR_MS = 3_600_000;

/** What a scene needs. Whether instances have hosts, the world's cloud says: a scene that asks for one which nobody started does not compile. */
interface Stage {
  world: World;
  tell: Conversation;
}

/** Steps 1–5, 7 (what the account says) and 8 of the story: a virtual machine, from a form to a changed account and back. */
export async function virtualMachine({ world, tell }: Stage): Promise<void> {
  const { slack } = world;
  tell.scene("A virtual machine in staging");
  tell.waiting("the environment's roles and network, which the account's owner applies once");
  await world.cloud.targetsAreReady;

  tell.says("Ada", "/sluice virtual-machine name=Web-7 size=small environment=staging");
  const began = performance.now();
  const { view } = await world.openForm(
    "ada",
    "staging",
    'virtual-machine name="Web-7" size=small environment=staging',
  );
  tell.fact(view !== undefined, "a form opens within 3 s", `${Math.round(performance.now() - began)} ms`);
  if (!view) return;
  tell.shows("form", linesOf(view.content.blocks as unknown[]));

  const wrong = await slack.submit("ada", view.id, { reason: REASON });
  tell.says("Ada", "sends the form");
  tell.fact(
    Object.keys(wrong.errors).join() === "virtual-machine.name",
    "a wrong value is an error at its field",
    world.read(String(Object.values(wrong.errors)[0])),
  );
  tell.says("Ada", "corrects the name to web-7 and sends it again");
  const sent = await slack.submit("ada", view.id, { "virtual-machine.name": "web-7" });
  tell.fact(
    Object.keys(sent.errors).length === 0,
    "the corrected form is taken, with all else as it was",
    `HTTP ${sent.status}`,
  );

  const message = await slack.waitFor("the request's message", () => world.requestMessage("staging", "web-7"));
  const request = world.requestIdOf(message);
  tell.shows("#staging", world.lines(message));
  tell.fact(slack.messages("staging").length === 1, "one message stands in the environment's channel", request);

  const planned = await world.said(message, /to add/, 300_000);
  tell.shows("#staging", world.lines(planned));
  const [plan] = world.builds(request, "plan");
  const asked = world.cloud.front.calls.all(
    ({ account, session }) => account === world.account("staging") && session?.includes(request.slice(4)) === true,
  );
  const writes = asked.filter(({ action }) => !/^(Describe|Get|List|Head|BatchGet|AssumeRole)/.test(action));
  tell.fact(
    plan !== undefined && writes.length === 0,
    "planning only read the target account",
    `${asked.length} calls, ${writes.length} writes`,
  );

  await approve(world, tell, request);

  const done = await world.said(message, /ready in staging|Failed|Stopped/, 300_000);
  tell.shows("#staging", world.lines(done));
  tell.fact(
    /is ready in staging/.test(wholeText(done.blocks)),
    "the message tells the end",
    wholeText(done.blocks).match(/.*(?:ready|Failed|Stopped).*/)?.[0] ?? "",
  );
  await readTheAccount(world, tell, request);
  const { hosts } = world.cloud;
  if (hosts.kind === "none") tell.skipped("Configure, and the checks of the host", hosts.reason);
  else await readTheHost(world, hosts, tell, wholeText(done.blocks));

  // The thread is written after the message that it hangs under.
  const mention = `<@${slack.userId("ada")}>`;
  const told = await slack.waitFor("Ada to be told in the thread", () =>
    slack.thread("staging", message.ts).find(({ text }) => text.includes(mention)),
  );
  tell.fact(/is ready/.test(told.text), "Ada is told in the thread that it is done", world.read(told.text));
  const status = await slack.command("ada", "staging", `status ${request}`);
  tell.says("Ada", `/sluice status ${request}`);
  const answer = slack.ephemerals("ada").at(-1);
  tell.shows(
    "only Ada",
    answer ? (answer.blocks.length > 0 ? world.lines(answer) : world.read(answer.text).split("\n")) : ["nothing"],
  );
  tell.fact(
    status.status === 200 && /ready|completed|done/i.test(`${answer?.text} ${wholeText(answer?.blocks ?? [])}`),
    "status says the same",
    `HTTP ${status.status}`,
  );
  tell.says("Ada", "/sluice list staging");
  const list = await listOf(world, "staging");
  tell.fact(
    /Virtual machine web-7.*Ada, since/.test(list),
    "the list names the machine, whose it is, since when",
    list,
  );
}

/** What `/sluice list` answers Ada. */
async function listOf({ slack, read }: World, environment: string): Promise<string> {
  const { body } = await slack.command("ada", environment, `list ${environment}`);
  return read(String((JSON.parse(body) as { text?: string }).text));
}

/** Step 4: those who may not are refused privately, See plan shows what is signed, Carol decides. */
async function approve(world: World, tell: Conversation, request: string): Promise<void> {
  const { slack } = world;
  const approval = await world.approval(request, true);
  tell.shows("#approvals", world.lines(approval));
  tell.fact(
    wholeText(approval.blocks).includes("decides who may do what, in 1: module.virtual_machine.aws_instance.this"),
    "what must not be overlooked is named, as Terraform names it",
    "module.virtual_machine.aws_instance.this",
  );
  const digest = /plan ([0-9a-f]{8})/.exec(wholeText(approval.blocks))?.[1] ?? "";
  const running = world.cloud.codebuild.builds().filter(({ status }) => status === "IN_PROGRESS");
  tell.fact(running.length === 0, "nothing runs while it waits", `${running.length} builds`);

  tell.says("Carol", "presses See plan");
  await slack.click("carol", approval, "see_plan");
  const [page] = slack.views("carol");
  const lines = page ? linesOf(page.content.blocks as unknown[]) : [];
  tell.shows("only Carol", lines.slice(0, 16));
  tell.fact(
    digest !== "" && JSON.stringify(page?.content ?? {}).includes(digest),
    "the plan is shown under the digest that is approved",
    digest,
  );
  if (page) await slack.close("carol", page.id);

  const refusals: [Person, RegExp][] = [
    ["ada", /You asked for this, so someone else has to approve it/],
    ["bob", /Only members of @infrastructure can decide here/],
    ["eve", /Only members of @infrastructure can decide here/],
  ];
  for (const [person, sentence] of refusals) {
    tell.says(nameOf(person), "presses Approve");
    const before = slack.ephemerals(person).length;
    await slack.click(person, approval, "approve");
    const answer = await slack.waitFor(`${person}'s private answer`, () =>
      slack.ephemerals(person).slice(before).at(-1),
    );
    tell.fact(
      sentence.test(answer.text),
      `${nameOf(person)} is refused, privately`,
      answer.text.replace(/<@\w+>/g, "@…"),
    );
  }

  tell.says("Carol", "presses Approve");
  await slack.click("carol", approval, "approve");
  const decided = await world.approval(request, false);
  const words =
    world
      .lines(decided)
      .join("\n")
      .match(/.*Approved.*/)?.[0] ?? "";
  tell.fact(
    /Approved/.test(words) && !buttonsOf(decided.blocks).includes("reject"),
    "the buttons give way to who decided and when",
    words,
  );
}

/** Step 5 and the account's part of 7: read from Terraform's state, the target account, and Sluice's own builds. */
async function readTheAccount(world: World, tell: Conversation, request: string): Promise<void> {
  const applies = world.builds(request, "apply");
  tell.fact(applies.length === 1, "one build applied", `${applies.length}, ${applies[0]?.status}`);
  const state = await world.state("staging", "vm-web-7");
  const instance = state?.resources.find(({ type }) => type === "aws_instance")?.instances[0]?.attributes;
  tell.fact(
    instance !== undefined,
    "Terraform's state knows the machine",
    `${String(instance?.id)}, serial ${state?.serial}`,
  );

  const ec2 = ownersEc2(world);
  const machines = await machinesOf(ec2);
  const [machine] = machines;
  tell.fact(
    machines.length === 1 && machine?.InstanceId === instance?.id,
    "the account has exactly that machine",
    `${machine?.InstanceId} ${machine?.State?.Name}`,
  );
  tell.fact(
    machine?.MetadataOptions?.HttpTokens === "required",
    "its metadata service wants tokens",
    String(machine?.MetadataOptions?.HttpTokens),
  );
  const { Volumes } = await ec2.send(
    new DescribeVolumesCommand({ Filters: [{ Name: "attachment.instance-id", Values: [machine?.InstanceId ?? ""] }] }),
  );
  tell.fact(
    Volumes?.length === 1 && Volumes[0]?.Encrypted === true,
    "its disk is encrypted",
    `${Volumes?.[0]?.VolumeId} encrypted=${Volumes?.[0]?.Encrypted}`,
  );
  const tags = Object.fromEntries((machine?.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
  tell.fact(
    tags.workspace === "vm-web-7" && !JSON.stringify(tags).includes(request),
    "its tags name the workspace and no request",
    `workspace=${tags.workspace}`,
  );
}

/** Step 6 and the host's part of 7: what the host itself says, asked over SSH as its owner. */
async function readTheHost(world: World, hosts: RunningHosts, tell: Conversation, message: string): Promise<void> {
  tell.fact(
    /changed on 1 host/.test(message),
    "the message says what Ansible changed",
    message.match(/.*on 1 host.*/)?.[0] ?? "",
  );
  const state = await world.state("staging", "vm-web-7");
  const instance = String(state?.resources.find(({ type }) => type === "aws_instance")?.instances[0]?.attributes.id);
  const sshd = await askHost(world, hosts, "staging", instance, "sudo sshd -T");
  const says = (line: string) => new RegExp(`^${line}$`, "m").test(sshd);
  tell.fact(
    says("passwordauthentication no") && says("permitrootlogin no"),
    "the host's sshd refuses passwords and root",
    sshd.match(/^(passwordauthentication|permitrootlogin) .*$/gm)?.join(", ") ?? "",
  );
  tell.fact(
    /all 9 checks passed/.test(message),
    "every check was asked, the host's too",
    message.match(/.*checks.*/)?.[0] ?? "",
  );
}

/** The same asked again finds nothing to do, in the account and on the host. */
export async function again({ world, tell }: Stage): Promise<void> {
  tell.scene("The same virtual machine, asked for again");
  const { slack, cloud } = world;
  const { hosts } = cloud;
  if (hosts.kind === "none") return tell.skipped("A second configuration, which changes nothing", hosts.reason);
  const { view } = await world.openForm("ada", "staging", "virtual-machine name=web-7 size=small environment=staging");
  if (!view) throw new Error("No form opened");
  tell.says("Ada", "/sluice virtual-machine name=web-7 size=small environment=staging, and sends the form");
  const before = slack.messages("staging").length;
  await slack.submit("ada", view.id, { reason: REASON });
  const message = await slack.waitFor("the request's message", () => slack.messages("staging")[before]);
  const request = world.requestIdOf(message);
  const approval = await world.approval(request, true);
  tell.fact(
    /No changes to infrastructure/.test(wholeText(approval.blocks)),
    "the second plan is empty, and still somebody is asked, because a playbook runs",
    world.lines(approval).find((line) => /No changes/.test(line)) ?? "",
  );
  tell.says("Carol", "presses Approve");
  await slack.click("carol", approval, "approve");
  const done = await world.said(message, /ready in staging|Failed|Stopped/, 300_000);
  tell.shows("#staging", world.lines(done));
  const configured = wholeText(done.blocks).match(/.*on 1 host.*/)?.[0] ?? "";
  tell.fact(/ 0 changed on 1 host/.test(configured), "Ansible changes nothing the second time", configured);
}

/** A change: the same name once more, the form shows what is, and one value is another. */
export async function resize({ world, tell }: Stage): Promise<void> {
  const { slack } = world;
  tell.scene("The virtual machine becomes a larger one");
  tell.says("Ada", "/sluice virtual-machine name=web-7 environment=staging");
  const { view } = await world.openForm("ada", "staging", "virtual-machine name=web-7 environment=staging");
  if (!view) throw new Error("No form opened");
  const form = linesOf(view.content.blocks as unknown[]).map(world.read);
  tell.shows("form", form);
  tell.fact(
    form.some((line) => /web-7.*stands in staging since/.test(line)) &&
      /"initial_option":\{[^}]*\}?[^}]*"value":"small"/.test(JSON.stringify(view.content)),
    "the form says that it stands, and shows it as it is",
    form.find((line) => /stands in/.test(line)) ?? "",
  );
  tell.says("Ada", "chooses medium and sends the form");
  const before = slack.messages("staging").length;
  await slack.submit("ada", view.id, { reason: REASON, "virtual-machine.size": "medium" });
  const message = await slack.waitFor("the request's message", () => slack.messages("staging")[before]);
  const approval = await world.approval(world.requestIdOf(message), true);
  const words = wholeText(approval.blocks);
  tell.fact(
    /~ changes 1/.test(words) && !/destroys|replaces/.test(words),
    "the plan changes one thing and destroys none",
    world.lines(approval).find((line) => /changes/.test(line)) ?? "",
  );
  const [machine] = await machinesOf(ownersEc2(world));
  tell.says("Carol", "presses Approve");
  await slack.click("carol", approval, "approve");
  const done = await world.said(message, /ready in staging|Failed|Stopped/, 300_000);
  tell.shows("#staging", world.lines(done));
  const [larger] = await machinesOf(ownersEc2(world));
  tell.fact(
    larger?.InstanceType === "t3.medium" && larger.InstanceId === machine?.InstanceId,
    "the same machine is larger now",
    `${machine?.InstanceId} ${machine?.InstanceType} → ${larger?.InstanceId} ${larger?.InstanceType}`,
  );
}

const ownersEc2 = ({ cloud, account }: World) => new EC2Client(cloud.asOwner(account("staging")));

/** The machines of that name, as the target account has them. */
async function machinesOf(ec2: EC2Client) {
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: "tag:Name", Values: ["web-7"] }] }),
  );
  return Reservations.flatMap(({ Instances }) => Instances ?? []);
}

/** What was made goes again: its name is typed, and one person more has to agree. */
export async function removal({ world, tell }: Stage): Promise<void> {
  const { slack } = world;
  tell.scene("The virtual machine is removed");
  tell.says("Ada", "/sluice virtual-machine-removal name=web-7 environment=staging");
  const { view } = await world.openForm("ada", "staging", "virtual-machine-removal name=web-7 environment=staging");
  if (!view) throw new Error("No form opened");
  tell.shows("form", linesOf(view.content.blocks as unknown[]));
  const empty = await slack.submit("ada", view.id, { reason: "the load test is over" });
  tell.fact(
    Object.keys(empty.errors).join() === "virtual-machine-removal.name",
    "the name is not filled in: it has to be typed",
    world.read(String(Object.values(empty.errors)[0])),
  );
  tell.says("Ada", "types web-7 and sends the form");
  await slack.submit("ada", view.id, { "virtual-machine-removal.name": "web-7" });
  const message = await slack.waitFor("the request's message", () => world.requestMessage("staging", "Removal"));
  const request = world.requestIdOf(message);

  const approval = await world.approval(request, true);
  tell.shows("#approvals", world.lines(approval));
  tell.says("Carol", "presses Approve");
  await slack.click("carol", approval, "approve");
  const half = await world.said(approval, /one more/i);
  tell.fact(
    buttonsOf(half.blocks).includes("approve") && world.builds(request, "apply").length === 0,
    "one approval is not enough to remove something",
    `${world.builds(request, "apply").length} apply builds`,
  );
  tell.says("Dan", "presses Approve");
  await slack.click("dan", approval, "approve");

  const done = await world.said(message, /is done in staging|Failed|Stopped/, 300_000);
  tell.shows("#staging", world.lines(done));
  tell.fact(
    /is done in staging/.test(wholeText(done.blocks)),
    "the message tells the end",
    wholeText(done.blocks).match(/.*(?:is done|Failed|Stopped).*/)?.[0] ?? "",
  );
  const states = (await machinesOf(ownersEc2(world))).map(({ State }) => State?.Name);
  tell.fact(
    states.every((state) => state === "terminated"),
    "the account has no such machine any more",
    states.join() || "none",
  );
  const state = await world.state("staging", "vm-web-7");
  tell.fact(state?.resources.length === 0, "Terraform's state is empty", `${state?.resources.length} resources`);
  const list = await listOf(world, "staging");
  tell.fact(!list.includes("web-7"), "the list has forgotten it", list);
}

/** Another end: an approver says no, with a reason. Nothing is applied. */
export async function rejection({ world, tell }: Stage): Promise<void> {
  const { slack } = world;
  tell.scene("A probe that Carol rejects");
  tell.says("Ada", "/sluice probe name=nope environment=staging, and sends the form");
  const message = await world.ask("ada", {
    blueprint: "probe",
    environment: "staging",
    reason: REASON,
    parameters: { name: "nope" },
  });
  const request = world.requestIdOf(message);
  const approval = await world.approval(request, true);

  tell.says("Carol", "presses Reject… and gives a reason");
  await slack.click("carol", approval, "reject");
  const form = await slack.waitFor("the form for the reason", () => slack.views("carol")[0]);
  const sent = await slack.submit("carol", form.id, { reason: "use the shared cluster" });
  tell.fact(Object.keys(sent.errors).length === 0, "the rejection is taken", `HTTP ${sent.status}`);
  const ended = await world.said(message, /Rejected/);
  tell.shows("#staging", world.lines(ended));
  tell.fact(
    /use the shared cluster/.test(wholeText(ended.blocks)),
    "the message says who said no, and why",
    world
      .lines(ended)
      .join("\n")
      .match(/.*Rejected.*/)?.[0] ?? "",
  );
  tell.fact(
    world.builds(request, "apply").length === 0,
    "nothing was applied",
    `${world.builds(request, "apply").length} apply builds`,
  );
  tell.fact((await world.state("staging", "probe-nope")) === undefined, "and there is no state", "none");
}

/** Another end: nobody decides. Silence is a refusal. */
export async function expiry({ world, tell }: Stage): Promise<void> {
  tell.scene("A probe that nobody decides on");
  tell.says("Ada", "/sluice probe name=late environment=staging, and sends the form");
  const message = await world.ask("ada", {
    blueprint: "probe",
    environment: "staging",
    reason: REASON,
    parameters: { name: "late" },
  });
  const request = world.requestIdOf(message);
  await world.approval(request, true);

  tell.waiting("four hours, by the local cloud's clock");
  world.clock.advance(4 * HOUR_MS + 60_000);
  const ended = await world.said(message, /nobody decided.*Nothing was changed/is);
  tell.shows("#staging", world.lines(ended));
  tell.fact(
    /Nothing was changed/.test(wholeText(ended.blocks)),
    "it is refused, and nothing was changed",
    wholeText(ended.blocks).match(/.*obody decided by.*/)?.[0] ?? "",
  );
  const buttons = world.buttons(ended);
  tell.fact(buttons.includes("ask_again"), "Ada can ask again with one click", buttons.join(", "));
  tell.fact(
    world.builds(request, "apply").length === 0,
    "nothing was applied",
    `${world.builds(request, "apply").length} apply builds`,
  );
}

const nameOf = (person: Person) => person.charAt(0).toUpperCase() + person.slice(1);

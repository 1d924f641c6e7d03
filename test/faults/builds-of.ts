import type { Build } from "../../local/codebuild/start-codebuild.ts";
import type { Call } from "../../local/front/front.ts";
import { STUCK_AFTER_MS } from "../story/heard.ts";
import { wholeText } from "../story/message-text.ts";
import type { Person } from "../story/people.ts";
import { eventually, type Flow } from "./harness.ts";

export type Kind = "plan" | "apply" | "configure" | "check";

const jobOf = ({ variables }: Build) => variables.find(({ name }) => name === "JOB_ID")?.value ?? "";
const uuidOf = ({ id }: Build) => id.slice(id.indexOf(":") + 1);

/** Whether a build does this step of this request, in whatever attempt. */
export const isBuildOf = (request: string, kind: Kind) => (build: Build) =>
  jobOf(build).startsWith(`${request.replace("req_", "job_")}_${kind}_`);

/** The builds of a request's step, oldest first. */
export function buildsOf({ cloud }: Flow, request: string, kind: Kind): Build[] {
  return cloud.codebuild.builds().filter(isBuildOf(request, kind));
}

/** The build that makes this call itself, not in a role that it assumed, if it does this step of this request. */
export function callerOf(flow: Flow, request: string, kind: Kind, { session }: Call): Build | undefined {
  return buildsOf(flow, request, kind).find((build) => session === `AWSCodeBuild-${uuidOf(build)}`);
}

/** What a build writes to the builds' table: the lease, the start, the report, in this order. */
export const isWrite = ({ service, action }: Call) =>
  service === "dynamodb" && /^(UpdateItem|TransactWriteItems)$/.test(action);

/** The one write of a build that puts a grant's item. */
export const isStart = (call: Call) => isWrite(call) && JSON.stringify(call.body).includes("#grant#");

/** How often Terraform was told to plan or to apply by builds of a request's step. */
export function runsOf(flow: Flow, request: string, kind: "plan" | "apply"): number {
  const uuids = buildsOf(flow, request, kind).map(uuidOf);
  return flow.runs().filter(({ command, build }) => command === kind && uuids.includes(build)).length;
}

export const appliesOf = (flow: Flow, request: string) => runsOf(flow, request, "apply");

/** The request's first apply is killed as the probe's resource begins to sleep for so many seconds. */
export function killApplyAt({ cloud }: Flow, request: string, sleep: number): void {
  cloud.codebuild.buildFaults.add({
    name: "killed in the middle of the apply",
    matches: isBuildOf(request, "apply"),
    kill: { atProcess: (commandLine) => commandLine === `sleep ${sleep}` },
    times: 1,
  });
}

/** Builds that spent a grant of the request. */
export async function spendersOf(flow: Flow, request: string): Promise<string[]> {
  return (await flow.spentGrants()).filter((grant) => grant.request === request).map(({ build }) => build);
}

/** The request's message in its channel, as a person reads it, once it says this. */
export function said({ cloud: { slack } }: Flow, channel: string, request: string, what: RegExp): Promise<string> {
  const texts = () => slack.messages(channel).map(({ blocks }) => wholeText(blocks));
  return slack.waitFor(
    `the message of ${request} to say ${what}`,
    () => texts().find((text) => text.includes(request) && what.test(text)),
    STUCK_AFTER_MS,
  );
}

/** What `/sluice status` answers one person alone. */
export async function statusOf({ cloud: { slack } }: Flow, person: Person, channel: string, request: string) {
  const before = slack.ephemerals(person).length;
  // On a busy machine the app may miss Slack's three seconds; whoever is told so asks again.
  const ask = async () => (await slack.command(person, channel, `status ${request}`)).trouble;
  await eventually("the app to answer in time", ask, (trouble) => trouble === undefined);
  const isAnswer = ({ text, blocks }: { text: string; blocks: readonly unknown[] }) =>
    `${text}\n${wholeText(blocks)}`.includes(request);
  const answer = await slack.waitFor(`${person}'s answer`, () => slack.ephemerals(person).slice(before).find(isAnswer));
  return `${answer.text}\n${wholeText(answer.blocks)}`;
}

import type { Build } from "../../local/codebuild/start-codebuild.ts";
import type { Call } from "../../local/front/front.ts";
import { wholeText } from "../story/message-text.ts";
import type { Person } from "../story/people.ts";
import type { Flow } from "./harness.ts";

export type Kind = "plan" | "apply" | "check";

/** Which job a build was started for, such as `job_1f…_apply_1`. */
export const jobOf = ({ variables }: Build) => variables.find(({ name }) => name === "JOB_ID")?.value ?? "";

/** Whether a build does this step of this request, in any attempt unless one is named. */
export const isBuildOf = (request: string, kind: Kind, attempt?: number) => (build: Build) =>
  jobOf(build).startsWith(`${request.replace("req_", "job_")}_${kind}_${attempt ?? ""}`);

/** A call that a build makes itself, not in a role that it assumed. */
export const isCallOf =
  (build: Build) =>
  ({ session }: Call) =>
    session === `AWSCodeBuild-${uuidOf(build)}`;

export const uuidOf = ({ id }: Build) => id.slice(id.indexOf(":") + 1);

/** What a build writes to its owner's table: the lease, the start, the report, in this order. */
export const isWrite = ({ service, action }: Call) => service === "dynamodb" && action === "TransactWriteItems";

/** The start transaction is the one write of a build that puts a grant's item. */
export const isStart = (call: Call) => isWrite(call) && JSON.stringify(call.body).includes("#grant#");

/** The builds of a request's step, oldest first. */
export function buildsOf({ cloud }: Flow, request: string, kind: Kind): Build[] {
  return cloud.codebuild.builds().filter(isBuildOf(request, kind));
}

/** How often Terraform was told to apply by builds of a request. */
export function appliesOf(flow: Flow, request: string): number {
  const uuids = buildsOf(flow, request, "apply").map(uuidOf);
  return flow.runs().filter(({ command, build }) => command === "apply" && uuids.includes(build)).length;
}

/** The request's message in its channel, as a person reads it, once it says this. */
export async function said(flow: Flow, environment: string, request: string, what: RegExp): Promise<string> {
  const { slack } = flow.cloud;
  return slack.waitFor(
    `the message of ${request} to say ${what}`,
    () =>
      slack
        .messages(environment)
        .map(({ blocks }) => wholeText(blocks))
        .find((text) => text.includes(request) && what.test(text)),
    75_000,
  );
}

/** What `/sluice status` answers one person alone. */
export async function statusOf({ cloud: { slack } }: Flow, person: Person, environment: string, request: string) {
  const before = slack.ephemerals(person).length;
  await slack.command(person, environment, `status ${request}`);
  const answer = await slack.waitFor(`${person}'s answer`, () => slack.ephemerals(person).slice(before)[0]);
  return `${answer.text}\n${wholeText(answer.blocks)}`;
}

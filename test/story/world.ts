import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Cloud } from "../../local/cloud/start-cloud.ts";
import type { Message } from "../../local/slack/start-slack.ts";
import { environments } from "../../stacks/environments.ts";
import { STUCK_AFTER_MS } from "./heard.ts";
import { buttonsOf, linesOf, readable, wholeText } from "./message-text.ts";
import { type Person, people } from "./people.ts";

/** What the story plays in: people who act in Slack, and eyes that read the world, never our own claims. */
export type World = ReturnType<typeof worldOf>;

export interface Asked {
  blueprint: string;
  environment: string;
  reason?: string;
  parameters: Record<string, string | number | boolean>;
}

/** A world on the local cloud. */
export function worldOf(cloud: Cloud) {
  const { slack, front, codebuild, clock } = cloud;
  const s3 = new S3Client(cloud.asRoot);
  const names = new Map(people.map(({ name, displayName }) => [slack.userId(name), displayName]));

  /** Opens the form by a command, prefilled, and gives its view. */
  async function openForm(person: Person, channel: string, text: string) {
    const before = new Set(slack.views(person).map(({ id }) => id));
    const reply = await slack.command(person, channel, text);
    const view = slack.views(person).find(({ id }) => !before.has(id));
    return { reply, view };
  }

  /** The request's message in its channel that is about this name, the newest. */
  const requestMessage = (channel: string, name: string): Message | undefined =>
    slack.messages(channel).findLast(({ blocks }) => wholeText(blocks).includes(name));

  const requestIdOf = ({ blocks }: Message) => /req_[0-9a-z]+/.exec(wholeText(blocks))?.[0] ?? "";

  return {
    cloud,
    slack,
    clock,
    openForm,
    requestMessage,
    requestIdOf,

    /** Asks for something as a person would: command, form, send. Gives the request's message as soon as it stands in the channel. */
    async ask(person: Person, { blueprint, environment, reason, parameters }: Asked) {
      const prefilled = Object.entries({ environment, ...parameters })
        .map(([name, value]) => `${name}=${JSON.stringify(String(value))}`)
        .join(" ");
      const { reply, view } = await openForm(person, environment, `${blueprint} ${prefilled}`);
      if (!view) throw new Error(`No form opened: ${reply.status} ${reply.body}`);
      const sent = await slack.submit(person, view.id, reason ? { reason } : {});
      if (Object.keys(sent.errors).length > 0)
        throw new Error(`The form was not taken: ${JSON.stringify(sent.errors)}`);
      return slack.waitFor(`the message of ${parameters.name}`, () =>
        requestMessage(environment, String(parameters.name)),
      );
    },

    /** Waits until a message says this. The message is Slack's own, so it changes as it is updated. */
    said: (message: Message, what: RegExp, deadlineMs = STUCK_AFTER_MS) =>
      slack.waitFor(`the message to say ${what}`, () => what.test(wholeText(message.blocks)) && message, deadlineMs),

    /** The approvers' message about a request that shows these buttons or none. */
    approval: (request: string, open: boolean, deadlineMs = STUCK_AFTER_MS) =>
      slack.waitFor(
        `the approval of ${request} to be ${open ? "asked for" : "decided"}`,
        () => {
          const found = slack.messages("approvals").findLast(({ blocks }) => wholeText(blocks).includes(request));
          return found && buttonsOf(found.blocks).includes("approve") === open ? found : undefined;
        },
        deadlineMs,
      ),

    lines: ({ blocks }: { blocks: readonly unknown[] }) => linesOf(blocks, names),
    /** A text as a person reads it. */
    read: (text: string) => readable(text, names),
    buttons: (message: Message) => buttonsOf(message.blocks),

    /** Terraform's state of a workspace, or nothing. */
    async state(environment: string, workspace: string): Promise<TerraformState | undefined> {
      try {
        const { Body } = await s3.send(
          new GetObjectCommand({ Bucket: String(cloud.outputs().statesBucket), Key: `${environment}/${workspace}` }),
        );
        return JSON.parse((await Body?.transformToString()) ?? "null") ?? undefined;
      } catch (cause) {
        if (cause instanceof Error && cause.name === "NoSuchKey") return undefined;
        throw cause;
      }
    },

    /** Builds of a request, by kind. */
    builds: (request: string, kind: "plan" | "apply" | "configure" | "check") =>
      codebuild
        .builds()
        .filter(
          ({ project, variables }) =>
            project.name.includes(`-${kind}-`) &&
            variables.some(
              ({ name, value }) => name === "JOB_ID" && value.startsWith(`${request.replace("req_", "job_")}_`),
            ),
        ),

    account: (environment: string) => environments[environment]?.account ?? "",
    calls: front.calls,
  };
}

export interface TerraformState {
  serial: number;
  lineage: string;
  resources: { type: string; name: string; instances: { attributes: Record<string, unknown> }[] }[];
}

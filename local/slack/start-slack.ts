import { createWriteStream } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../clock/clock.ts";
import { startDesk } from "./desk/desk.ts";
import type { PlainValue } from "./elements.ts";
import { type SlackFaults, slackFaults } from "./faults.ts";
import { click, closeView, command, type Submitted, submit } from "./gestures.ts";
import type { GestureParts, Place } from "./place.ts";
import { type Ephemeral, type Exchange, type Message, type OpenView, SlackRecord } from "./record.ts";
import { responseUrls } from "./response-urls.ts";
import { serveSlack } from "./serve.ts";
import { doorToApp, type Reply } from "./to-app.ts";
import { triggerDesk } from "./triggers.ts";
import { webApi } from "./web-api.ts";
import { startWorkplace } from "./workplace.ts";

export type { PlainValue } from "./elements.ts";
export type { SlackFault, SlackFaults } from "./faults.ts";
export type { Submitted } from "./gestures.ts";
export type { Place } from "./place.ts";
export type { Ephemeral, Exchange, Message, OpenView } from "./record.ts";
export type { Reply } from "./to-app.ts";

/** A whole Slack on this machine, with people to act as. People and channels are called by their short names. */
export interface Slack {
  /** For the app's client; ends with `/api/`. */
  readonly apiUrl: string;
  /** Where `response_url`s lie. */
  readonly hooksUrl: string;
  /** The page on which people read, click and type. */
  readonly deskUrl: string;
  readonly team: Readonly<{ id: string; name: string }>;
  userId(person: string): string;
  channelId(channel: string): string;
  /** `text` begins with the slash; without one, `world.command` is put before it. */
  command(person: string, channel: string, text: string): Promise<Reply>;
  /** `value` tells buttons with the same action id apart, or is the option to choose. */
  click(person: string, place: Place, actionId: string, value?: PlainValue): Promise<Reply>;
  submit(person: string, viewId: string, values: Readonly<Record<string, PlainValue>>): Promise<Submitted>;
  close(person: string, viewId: string): Promise<Reply | undefined>;
  /** What is open before this person, the top one last. */
  views(person: string): readonly OpenView[];
  /** Without replies in threads, oldest first. */
  messages(channel: string): readonly Message[];
  /** The replies, oldest first. */
  thread(channel: string, ts: string): readonly Message[];
  /** The private answers to this person, oldest first. */
  ephemerals(person: string): readonly Ephemeral[];
  /** Resolves with what `look` finds, asked at each change. @throws after the deadline (15 s), naming `what` and the last words. */
  waitFor<T>(what: string, look: () => T | undefined | null | false, deadlineMs?: number): Promise<T>;
  /** Every call that the app made and every request that it got. */
  history(): readonly Exchange[];
  /** Slack's signature headers, for requests that a test makes itself; `at` is by the local cloud's clock. */
  sign(body: string, at?: number): Readonly<Record<string, string>>;
  readonly faults: SlackFaults;
  stop(): Promise<void>;
}

/** Starts the emulated Slack, the recording proxy before it, and the desk. All on one free port of 127.0.0.1. */
export async function startSlack(given: {
  directory: string;
  clock: Pick<Clock, "now">;
  /** The app's address, asked at each request, since it may restart elsewhere. */
  app: () => string;
  signingSecret: string;
  botToken: string;
  paths: Readonly<{ commands: string; interactions: string }>;
  world: Readonly<{
    team: string;
    /** The app's display name. */
    app?: string;
    /** The slash command that people use. */
    command?: string;
    people: readonly { name: string; displayName: string }[];
    /** Without `members`, everybody is in it. */
    channels: readonly { name: string; members?: readonly string[] }[];
  }>;
  logFile?: string;
}): Promise<Slack> {
  const now = () => given.clock.now();
  const slashCommand = given.world.command ?? "/sluice";
  const record = new SlackRecord();
  const log = createWriteStream(given.logFile ?? join(given.directory, "slack.log"), { flags: "a" });
  const stopLogging = logExchanges(record, (line) => log.write(`${line}\n`));
  const workplace = await startWorkplace({ ...given.world, app: given.world.app ?? "Sluice" });
  const faults = slackFaults(now);
  const api = { workplace, record, triggers: triggerDesk(now), faults, botToken: given.botToken, now };
  const door = doorToApp({ app: given.app, signingSecret: given.signingSecret, record, now });
  const urls = responseUrls(api);
  const parts: GestureParts = { ...api, door, urls, paths: given.paths };
  const desk = startDesk(parts, slashCommand);
  const server = await serveSlack(
    (baseUrl) => {
      urls.standAt(baseUrl);
      return { answerApi: webApi(api), urls, desk };
    },
    (line) => log.write(`${line}\n`),
  );

  const personOf = (name: string) => named(workplace.people, name, "person");
  const channelOf = (name: string) => named(workplace.channels, name, "channel");
  return {
    apiUrl: `${server.baseUrl}/api/`,
    hooksUrl: `${server.baseUrl}/response/`,
    deskUrl: `${server.baseUrl}/`,
    team: workplace.team,
    userId: (person) => personOf(person).id,
    channelId: (channel) => channelOf(channel).id,
    command: (person, channel, text) =>
      command(parts, personOf(person), channelOf(channel), text.startsWith("/") ? text : `${slashCommand} ${text}`),
    click: (person, place, actionId, value) => click(parts, personOf(person), place, actionId, value),
    submit: (person, viewId, values) => submit(parts, personOf(person), viewId, values),
    close: (person, viewId) => closeView(parts, personOf(person), viewId),
    views: (person) => record.views.filter((view) => view.user === personOf(person).id),
    messages: (channel) => record.messages.filter((one) => one.channel === channelOf(channel).id && !one.threadTs),
    thread: (channel, ts) =>
      record.messages.filter((one) => one.channel === channelOf(channel).id && one.threadTs === ts),
    ephemerals: (person) => record.ephemerals.filter((one) => one.user === personOf(person).id),
    waitFor: (what, look, deadlineMs = 240_000) => record.waitFor(what, look, deadlineMs),
    history: () => record.exchanges,
    sign: (body, at) => door.sign(body, at),
    faults,
    async stop() {
      faults.clear();
      desk.stop();
      server.stop();
      await workplace.stop();
      stopLogging();
      await new Promise<void>((resolve) => log.end(resolve));
    },
  };
}

/** One line of JSON for each exchange, as soon as something is told about it. */
function logExchanges(record: SlackRecord, write: (line: string) => void): () => void {
  let written = 0;
  return record.onChange(() => {
    for (const exchange of record.exchanges.slice(written)) write(JSON.stringify(exchange));
    written = record.exchanges.length;
  });
}

function named<T extends { name: string }>(all: readonly T[], name: string, what: string): T {
  const found = all.find((one) => one.name === name);
  if (!found) throw new Error(`There is no ${what} "${name}", only ${all.map((one) => one.name).join(", ")}`);
  return found;
}

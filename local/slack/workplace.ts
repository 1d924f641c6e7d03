import { randomUUID } from "node:crypto";
import { createEmulator } from "emulate";
import { freePort } from "../process/start-process.ts";
import type { Json } from "./json.ts";

export interface Person {
  /** The short name by which tests and the desk call them. */
  readonly name: string;
  readonly displayName: string;
  readonly id: string;
}

export interface Channel {
  readonly name: string;
  readonly id: string;
  /** User ids. Others see the channel, but no private answer reaches them there. */
  readonly members: ReadonlySet<string>;
}

/** Who and what exists: people, channels, our app. */
export interface Workplace {
  readonly team: Readonly<{ id: string; name: string; domain: string }>;
  readonly app: Readonly<{ id: string; name: string; botId: string; botUserId: string }>;
  readonly people: readonly Person[];
  readonly channels: readonly Channel[];
  /** One call of the emulator's Web API, as our app. */
  call(method: string, body: Json): Promise<Json>;
  stop(): Promise<void>;
}

/** The emulator answers 403 after 5,000 calls an hour with one token; we change to the next one in time. */
const CALLS_PER_TOKEN = 4_000;
const TOKENS = 50;

/**
 * Starts the emulator of Slack with this team. Ids of people and channels are random, as in Slack; the app is in every channel.
 * Channels are made by the app and not seeded, because seeded ones have everybody in them but the app.
 */
export async function startWorkplace(world: {
  team: string;
  app: string;
  people: readonly { name: string; displayName: string }[];
  channels: readonly { name: string; members?: readonly string[] }[];
}): Promise<Workplace> {
  const port = await freePort();
  const domain = world.team.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const app = { id: "A0LOCAL001", name: world.app, botId: "B0LOCAL001", botUserId: "U0LOCAL001" };
  const tokens = Array.from({ length: TOKENS }, () => `xoxb-${randomUUID()}`);
  const emulator = await createEmulator({
    service: "slack",
    port,
    hostname: "127.0.0.1",
    baseUrl: `http://127.0.0.1:${port}`,
    seed: {
      slack: {
        team: { name: world.team, domain },
        users: world.people.map(({ name, displayName }) => ({
          name,
          real_name: displayName,
          profile: { display_name: displayName },
        })),
        oauth_apps: [
          {
            app_id: app.id,
            client_id: "local",
            client_secret: randomUUID(),
            name: app.name,
            redirect_uris: [],
            bot_id: app.botId,
            bot_user_id: app.botUserId,
            bot_name: app.name.toLowerCase(),
          },
        ],
        tokens: tokens.map((token) => ({
          token,
          type: "bot",
          user_id: app.botUserId,
          app_id: app.id,
          bot_id: app.botId,
        })),
      },
    },
  });

  let calls = 0;
  const call = async (method: string, body: Json): Promise<Json> => {
    const token = tokens[Math.floor(calls++ / CALLS_PER_TOKEN) % TOKENS];
    const response = await fetch(`${emulator.url}/api/${method}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Json;
  };

  const team = asked(await call("auth.test", {}), "auth.test");
  const people = peopleIn(asked(await call("users.list", { limit: 1_000 }), "users.list"), world.people);
  const channels: Channel[] = [];
  for (const channel of world.channels) channels.push(await makeChannel(call, channel, people));
  return {
    team: { id: String(team.team_id), name: world.team, domain },
    app,
    people,
    channels,
    call,
    stop: () => emulator.close(),
  };
}

function peopleIn(list: Json, wanted: readonly { name: string; displayName: string }[]): Person[] {
  const members = Array.isArray(list.members) ? (list.members as Json[]) : [];
  return wanted.map(({ name, displayName }) => {
    const found = members.find((member) => member.name === name);
    if (!found) throw new Error(`The Slack emulator has no person "${name}"`);
    return { name, displayName, id: String(found.id) };
  });
}

async function makeChannel(
  call: Workplace["call"],
  channel: { name: string; members?: readonly string[] },
  people: readonly Person[],
): Promise<Channel> {
  const made = asked(await call("conversations.create", { name: channel.name }), "conversations.create");
  const id = String((made.channel as Json).id);
  const members = people.filter(({ name }) => !channel.members || channel.members.includes(name));
  if (members.length > 0) {
    const users = members.map((person) => person.id).join(",");
    asked(await call("conversations.invite", { channel: id, users }), "conversations.invite");
  }
  return { name: channel.name, id, members: new Set(members.map((person) => person.id)) };
}

function asked(answer: Json, method: string): Json {
  if (answer.ok !== true) throw new Error(`The Slack emulator refused ${method}: ${String(answer.error)}`);
  return answer;
}

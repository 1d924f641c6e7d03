import { flawOf, type Sha256 } from "@sluice/events";
import {
  type Interaction,
  isSslCheck,
  type Read,
  readInteraction,
  readSlashCommand,
  type SlashCommand,
  verifySlackSignature,
} from "@sluice/slack";
import { sha256Of } from "@sluice/steps";
import { answerClick } from "./click.ts";
import { answerCommand } from "./command.ts";
import type { Caller, DoorAnswer, DoorPorts } from "./ports.ts";
import { STRANGER, strangerTo } from "./stranger.ts";
import { answerSubmission } from "./submission.ts";

/** A command is a line of text; interactions carry whole messages and have a limit of their own (packages/slack). */
const MAX_COMMAND_BYTES = 64 * 1_024;

/** What Slack signs with, what we call it with, and the one workspace that may come in. */
export type SlackSecrets = Readonly<{ signingSecret: string; botToken: string; team: string }>;

export type SlackDoor = Readonly<{
  /** Nothing while the Slack app is not installed. */
  secrets(): Promise<SlackSecrets | undefined>;
  /** Says false when this signature was used before. */
  claimSignature(signature: Sha256): Promise<boolean>;
  ports(secrets: SlackSecrets): DoorPorts;
  now(): number;
}>;

/** One HTTP request to the Slack door, with the bytes that were signed. */
export type SlackCall = Readonly<{
  at: "commands" | "interactions";
  rawBody: Buffer;
  timestamp: string | undefined;
  signature: string | undefined;
}>;

/** What the HTTP caller hears. `why` is for our log alone: a stranger learns nothing about which check it was. */
export type Outcome =
  | Readonly<{ status: 200; answer: DoorAnswer }>
  | Readonly<{ status: 400 | 401 | 403 | 409 | 413 | 503; why: string }>;

/**
 * Lets in what Slack signed for people of our workspace, once, and does what it says. Nothing of the body is looked at before the signature was verified;
 * nothing is written but that the signature was used. Others are told why not, where Slack gives an address for it.
 */
export async function answerSlack(door: SlackDoor, call: SlackCall): Promise<Outcome> {
  if (isSslCheck(call.rawBody)) return { status: 200, answer: undefined }; // Not signed, and nothing follows.
  const secrets = await door.secrets();
  if (!secrets) return { status: 503, why: "not_configured" };

  const { rawBody, timestamp, signature } = call;
  const verdict = verifySlackSignature({
    secret: secrets.signingSecret,
    rawBody,
    timestamp,
    signature,
    now: door.now(),
  });
  if (verdict !== "ok" || !signature) return { status: 401, why: verdict };

  const read = readCall(call);
  if (!read.ok) return { status: read.reason === "too-big" ? 413 : 400, why: `${read.reason}: ${read.where}` };
  const come = read.value;

  const used = sha256Of(signature);
  if (!(await door.claimSignature(used))) return { status: 409, why: "replayed" };
  const ports = door.ports(secrets);
  const stranger = strangerTo(secrets.team, come);
  if (stranger) {
    if ("response_url" in come && come.response_url) await ports.tell(come.response_url, { text: STRANGER[stranger] });
    return { status: 403, why: stranger };
  }
  const who = { team: secrets.team, user: "command" in come ? come.user_id : come.user.id };
  const signedAt = new Date(Number(timestamp) * 1_000).toISOString();
  return { status: 200, answer: await answer(ports, { who, signedAt, signature: used }, come) };
}

function readCall({ at, rawBody }: SlackCall): Read<SlashCommand | Interaction> {
  if (at === "interactions") return sound(readInteraction(rawBody));
  if (rawBody.length > MAX_COMMAND_BYTES) return { ok: false, reason: "too-big", where: `${rawBody.length} bytes` };
  return sound(readSlashCommand(rawBody));
}

async function answer(ports: DoorPorts, caller: Caller, come: SlashCommand | Interaction): Promise<DoorAnswer> {
  if ("command" in come) return answerCommand(ports, caller, come);
  if (come.type === "view_submission") return answerSubmission(ports, caller, come);
  if (come.type === "block_actions") await answerClick(ports, caller, come);
  return undefined; // A closed form is nothing to act on.
}

/** Every queue would park what was published of it. What we do not read of a body may be as it likes. */
function sound<T>(read: Read<T>): Read<T> {
  const flaw = read.ok ? flawOf(read.value) : undefined;
  return flaw ? { ok: false, reason: "malformed", where: flaw.sentence } : read;
}

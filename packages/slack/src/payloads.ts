import * as z from "zod"; // As a namespace: a bundle then has 190 KB of zod instead of 760 KB.

/** The largest body that we read. A click carries the whole message it was in: up to 50 blocks, and form-encoded. */
export const MAX_BODY_BYTES = 512 * 1_024;

/** Slack leaves out what is not there, or says null; both are nothing here. */
const maybe = <S extends z.ZodType>(schema: S) => schema.nullish().transform((value) => value ?? undefined);
/** A text that is empty when it is not there. */
const text = (longest: number) => maybe(z.string().max(longest)).transform((value) => value ?? "");

const Id = z.string().regex(/^[A-Z][A-Z0-9]{1,30}$/);
const Token = z.string().min(1).max(255);
const ResponseUrl = z.url({ protocol: /^https?$/ }).max(500);
/** Of a workspace (T), an Enterprise organisation (E) or a person (U, W): what is published names them, and takes so many characters. */
const Identity = z.string().regex(/^[A-Z][A-Z0-9]{1,19}$/);
/** Null where the app is installed for a whole organisation. */
const Team = maybe(z.object({ id: Identity, enterprise_id: maybe(Identity) }));
/** `team_id` is the person's own workspace, or organisation; in a shared channel it may be another than the one they press in. */
const User = z.object({ id: Identity, team_id: maybe(Identity) });
/** A JSON boolean in interactions, a word in commands. */
const IsEnterpriseInstall = maybe(z.union([z.boolean(), z.string().max(10)]));

/** What a person typed after a slash command. Slack has more fields; these are the ones that we use. */
export const SlashCommand = z.object({
  command: z.string().regex(/^\/[a-z0-9_-]{1,31}$/),
  text: text(10_000),
  team_id: Identity,
  user_id: Identity,
  channel_id: Id,
  trigger_id: Token,
  response_url: maybe(ResponseUrl),
  is_enterprise_install: IsEnterpriseInstall,
});

const Option = z.object({ value: z.string().max(150) });

/** One input's state. Which fields it has depends on the element's type. */
export const InputState = z.object({
  type: z.string().max(40),
  value: maybe(z.string().max(3_000)),
  selected_option: maybe(Option),
  selected_options: maybe(z.array(Option).max(100)),
});

/** `state.values` of a view: by block id, then by action id. */
export const StateValues = z.record(z.string().max(255), z.record(z.string().max(255), InputState));

const View = z.object({
  id: Id,
  hash: maybe(z.string().max(100)),
  callback_id: text(255),
  private_metadata: text(3_000),
  state: maybe(z.object({ values: maybe(StateValues) })).transform((state) => ({ values: state?.values ?? {} })),
});

const Action = z.object({
  type: z.string().max(40),
  action_id: z.string().max(255),
  block_id: text(255),
  value: maybe(z.string().max(2_000)),
  selected_option: maybe(Option),
});

/** A click on a button or another element, in a message, a private answer or a view. */
export const BlockActions = z.object({
  type: z.literal("block_actions"),
  team: Team,
  user: User,
  trigger_id: Token,
  response_url: maybe(ResponseUrl),
  actions: z.array(Action).min(1).max(25),
  view: maybe(View),
  is_enterprise_install: IsEnterpriseInstall,
});

/** A form was sent. */
export const ViewSubmission = z.object({
  type: z.literal("view_submission"),
  team: Team,
  user: User,
  view: View,
  is_enterprise_install: IsEnterpriseInstall,
});

/** A form was closed without being sent. */
export const ViewClosed = z.object({
  type: z.literal("view_closed"),
  team: Team,
  user: User,
  view: View,
  is_enterprise_install: IsEnterpriseInstall,
});

/** Everything that comes to the interactivity address. */
export const Interaction = z.discriminatedUnion("type", [BlockActions, ViewSubmission, ViewClosed]);

export type SlashCommand = z.infer<typeof SlashCommand>;
export type BlockActions = z.infer<typeof BlockActions>;
export type ViewSubmission = z.infer<typeof ViewSubmission>;
export type ViewClosed = z.infer<typeof ViewClosed>;
export type Interaction = z.infer<typeof Interaction>;
export type StateValues = z.infer<typeof StateValues>;

/** More than Slack sends when it looks at a certificate; anybody may send it, so longer bodies are not even read. */
const MAX_SSL_CHECK_BYTES = 1_024;

/**
 * Whether Slack only looks at our certificate: `ssl_check=1&token=…`, now and then, and *without* a signature. It is answered with 200; nothing may follow from it.
 *
 * Source: https://docs.slack.dev/interactivity/implementing-slash-commands
 */
export function isSslCheck(rawBody: Buffer): boolean {
  if (rawBody.length > MAX_SSL_CHECK_BYTES) return false;
  return new URLSearchParams(rawBody.toString("utf8")).get("ssl_check") === "1";
}

/** A body that was understood, or why not, in words for our log (never with the body's content). */
export type Read<T> =
  | Readonly<{ ok: true; value: T }>
  | Readonly<{ ok: false; reason: "too-big" | "malformed"; where: string }>;

/** Whether the app is installed for a whole Enterprise organisation: then an interaction does not say in which workspace it was. */
export function isOrgWide(come: SlashCommand | Interaction): boolean {
  return [true, "true"].includes(come.is_enterprise_install ?? false) || ("user" in come && !come.team);
}

/** Reads a slash command's form body. Call it only after the signature was verified. */
export function readSlashCommand(rawBody: Buffer): Read<SlashCommand> {
  if (rawBody.length > MAX_BODY_BYTES) return { ok: false, reason: "too-big", where: `${rawBody.length} bytes` };
  return judged(SlashCommand, Object.fromEntries(new URLSearchParams(rawBody.toString("utf8"))));
}

/** Reads the `payload` of an interaction's form body. Call it only after the signature was verified. */
export function readInteraction(rawBody: Buffer): Read<Interaction> {
  if (rawBody.length > MAX_BODY_BYTES) return { ok: false, reason: "too-big", where: `${rawBody.length} bytes` };
  const payload = new URLSearchParams(rawBody.toString("utf8")).get("payload");
  if (payload === null) return { ok: false, reason: "malformed", where: "payload" };
  try {
    return judged(Interaction, JSON.parse(payload));
  } catch (cause) {
    if (cause instanceof SyntaxError) return { ok: false, reason: "malformed", where: "payload is not JSON" };
    throw cause;
  }
}

function judged<T>(schema: z.ZodType<T>, value: unknown): Read<T> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const where = result.error.issues.map((issue) => `${issue.path.join(".") || "body"}: ${issue.code}`);
  return { ok: false, reason: "malformed", where: where.slice(0, 5).join(", ") };
}

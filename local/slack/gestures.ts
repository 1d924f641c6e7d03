import { clientErrors, elementsIn, type Placed, type PlainValue, stateFor } from "./elements.ts";
import { isJson, type Json, objectsIn, textIn } from "./json.ts";
import { find, type GestureParts, type Place, targetOf, viewOf } from "./place.ts";
import type { OpenView } from "./record.ts";
import { answerPrivately, type Origin } from "./response-urls.ts";
import { jsonOf, type Reply } from "./to-app.ts";
import { replaceView, showView, viewPayload } from "./views.ts";
import { postMessage } from "./web-api.ts";
import type { Channel, Person } from "./workplace.ts";

/** What became of a form that a person sent. `status` is absent when Slack itself held it back. */
export type Submitted = Readonly<{
  status?: number;
  errors: Readonly<Record<string, string>>;
  /** Slack's sentence when the app did not answer well. */
  trouble?: string;
  reply?: Reply;
}>;

/** A person types a slash command, for example `/sluice help`. */
export async function command(parts: GestureParts, person: Person, channel: Channel, line: string): Promise<Reply> {
  const [, name = "", text = ""] = /^(\/[a-z0-9_-]+)\s*([\s\S]*)$/i.exec(line.trim()) ?? [];
  if (!name) throw new Error(`A command begins with a slash: ${line.slice(0, 80)}`);
  const origin: Origin = { user: person.id, channel: channel.id };
  const fields = {
    token: "deprecated",
    team_id: parts.workplace.team.id,
    team_domain: parts.workplace.team.domain,
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: person.id,
    user_name: person.name,
    command: name,
    text: text.trim(),
    api_app_id: parts.workplace.app.id,
    is_enterprise_install: "false",
    response_url: parts.urls.issue(origin),
    trigger_id: parts.triggers.issue({ user: person.id }),
  };
  const reply = await parts.door.send(parts.paths.commands, name, fields, { user: person.name, text: fields.text });
  await hearCommandAnswer(parts, origin, name, reply);
  parts.record.changed();
  return reply;
}

async function hearCommandAnswer(parts: GestureParts, origin: Origin, name: string, reply: Reply): Promise<void> {
  if (reply.trouble) {
    answerPrivately(parts, origin, { text: `\`${name}\` failed. ${reply.trouble}` }, "Slack");
    return;
  }
  const body = jsonOf(reply);
  if (body.response_type === "in_channel") await postMessage(parts, { ...body, channel: origin.channel });
  else if (body.text !== undefined || body.blocks !== undefined) answerPrivately(parts, origin, body);
  else if (reply.body.trim() && !reply.body.trim().startsWith("{"))
    answerPrivately(parts, origin, { text: reply.body });
}

/** A person presses a button or chooses an option. @throws when they could not: there is no such element to see. */
export async function click(
  parts: GestureParts,
  person: Person,
  place: Place,
  actionId: string,
  value?: PlainValue,
): Promise<Reply> {
  const target = targetOf(parts, person, place);
  const placed = find(target.blocks, actionId, value, `${person.displayName}, in ${target.name}`);
  const { view } = target;
  if (view && placed.element.type !== "button") put(view, placed, value ?? null);
  const payload = {
    ...common(parts, person, "block_actions"),
    trigger_id: parts.triggers.issue({ user: person.id, ...(view && { viewId: view.id }) }),
    ...target.payload(),
    actions: [actionOf(placed, value, parts.now())],
  };
  const reply = await parts.door.send(
    parts.paths.interactions,
    `block_actions ${actionId}`,
    { payload: JSON.stringify(payload) },
    { user: person.name, actions: payload.actions },
  );
  if (reply.trouble && view) view.trouble = reply.trouble;
  else if (reply.trouble)
    answerPrivately(parts, target.origin, { text: `That did not work. ${reply.trouble}` }, "Slack");
  parts.record.changed();
  return reply;
}

/** A person fills in a view and sends it. Values not given stay as they stand in the form. */
export async function submit(
  parts: GestureParts,
  person: Person,
  viewId: string,
  values: Readonly<Record<string, PlainValue>>,
): Promise<Submitted> {
  const view = viewOf(parts, person, viewId);
  fillIn(view, values);
  const held = clientErrors(objectsIn(view.content.blocks), view.state);
  view.errors = held;
  delete view.trouble;
  parts.record.changed();
  if (Object.keys(held).length > 0) return { errors: held };

  const payload = {
    ...common(parts, person, "view_submission"),
    trigger_id: parts.triggers.issue({ user: person.id, viewId }),
    view: viewPayload(parts.workplace, view),
    response_urls: [],
  };
  const callback = textIn(view.content.callback_id) ?? "";
  const reply = await parts.door.send(
    parts.paths.interactions,
    `view_submission ${callback}`,
    { payload: JSON.stringify(payload) },
    { user: person.name, values: view.state },
  );
  const trouble = await hearFormAnswer(parts, view, reply);
  if (trouble) view.trouble = trouble;
  parts.record.changed();
  return { status: reply.status, errors: view.errors, reply, ...(trouble && { trouble }) };
}

/** Does what the app says about its form; the sentence is what the person sees when that is not possible. */
async function hearFormAnswer(parts: GestureParts, view: OpenView, reply: Reply): Promise<string | undefined> {
  if (reply.trouble) return `${reply.trouble} Nothing was lost: you can send it again.`;
  const body = jsonOf(reply);
  if (body.response_action === "errors") return showErrors(view, body.errors);
  if (body.response_action === "clear") closeAll(parts, view);
  else if (body.response_action === "update") return problemIn(await replaceView(parts, view, body.view));
  else if (body.response_action === "push") return problemIn(await showView(parts, view.user, body.view, view));
  else parts.record.views = parts.record.views.filter((one) => one !== view);
  return undefined;
}

function showErrors(view: OpenView, errors: unknown): string | undefined {
  const inputs = new Set(
    objectsIn(view.content.blocks).flatMap((block) => (block.type === "input" ? [block.block_id] : [])),
  );
  const given = Object.entries(isJson(errors) ? errors : {});
  if (given.length === 0 || given.some(([block]) => !inputs.has(block)))
    return `The app named fields that this form does not have: ${given.map(([block]) => block).join(", ") || "none"}.`;
  view.errors = Object.fromEntries(given.map(([block, sentence]) => [block, String(sentence)]));
  return undefined;
}

function problemIn(answer: Json): string | undefined {
  if (answer.ok === true) return undefined;
  return `The app answered with a view that Slack refuses: ${String(answer.error)} ${JSON.stringify(answer.response_metadata ?? "")}`;
}

/** A person closes a view; the app hears it if it asked to. */
export async function closeView(parts: GestureParts, person: Person, viewId: string): Promise<Reply | undefined> {
  const view = viewOf(parts, person, viewId);
  const cleared = view.content.clear_on_close === true;
  const payload = {
    ...common(parts, person, "view_closed"),
    view: viewPayload(parts.workplace, view),
    is_cleared: cleared,
  };
  if (cleared) closeAll(parts, view);
  else parts.record.views = parts.record.views.filter((one) => one !== view);
  parts.record.changed();
  if (view.content.notify_on_close !== true) return undefined;
  const fields = { payload: JSON.stringify(payload) };
  return parts.door.send(parts.paths.interactions, "view_closed", fields, { user: person.name });
}

/** Puts values into a view's inputs, by block id. @throws when the view has no such input. */
function fillIn(view: OpenView, values: Readonly<Record<string, PlainValue>>): void {
  const inputs = elementsIn(objectsIn(view.content.blocks));
  for (const [blockId, value] of Object.entries(values)) {
    const placed = inputs.find(({ block, element }) => block.block_id === blockId && element.type !== "button");
    const known = inputs.map(({ block }) => String(block.block_id)).join(", ");
    if (!placed) throw new Error(`The form has no field "${blockId}", only ${known}`);
    put(view, placed, value);
  }
}

function put(view: OpenView, { block, element }: Placed, value: PlainValue): void {
  const blockId = String(block.block_id);
  view.state[blockId] = { ...view.state[blockId], [String(element.action_id)]: stateFor(element, value) };
}

function closeAll(parts: GestureParts, view: OpenView): void {
  parts.record.views = parts.record.views.filter((one) => one.rootId !== view.rootId);
}

function actionOf({ block, element }: Placed, value: PlainValue | undefined, now: number): Json {
  const base = {
    type: element.type,
    action_id: element.action_id,
    block_id: block.block_id,
    action_ts: (now / 1_000).toFixed(6),
  };
  if (element.type !== "button") return { ...stateFor(element, value ?? null), ...base };
  return {
    ...base,
    text: element.text,
    ...(element.value !== undefined && { value: element.value }),
    ...(element.style !== undefined && { style: element.style }),
  };
}

function common(parts: GestureParts, person: Person, type: string): Json {
  const { team, app } = parts.workplace;
  return {
    type,
    team: { id: team.id, domain: team.domain },
    user: { id: person.id, username: person.name, name: person.name, team_id: team.id },
    api_app_id: app.id,
    token: "deprecated",
    enterprise: null,
    is_enterprise_install: false,
  };
}

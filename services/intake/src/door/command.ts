import { blueprints } from "@sluice/blueprints";
import { code, escapeMrkdwn, type SlashCommand } from "@sluice/slack";
import { openForm } from "./open-form.ts";
import { type Caller, type DoorAnswer, type DoorPorts, privately } from "./ports.ts";
import { prefillOf } from "./prefill.ts";
import { showList } from "./show-list.ts";
import { showStatus } from "./show-status.ts";

/** Answers `/sluice`: opens the form, or tells help or status privately. Nothing is asked for by the command itself. */
export async function answerCommand(ports: DoorPorts, caller: Caller, command: SlashCommand): Promise<DoorAnswer> {
  const typed = command.text.trim();
  const [first = "", argument, more] = typed.split(/\s+/);
  const word = first.toLowerCase();
  if (word === "help") return privately(helpText(command.command));
  if (word === "list" && more === undefined) return showList(ports, caller, argument);
  if (word === "status" && more === undefined) return showStatus(ports, caller, argument);

  const prefill = prefillOf(typed);
  if (typeof prefill === "string") return privately(`${prefill} ${helpHint(command.command)}`);
  const refused = await openForm(ports, caller, command.trigger_id, prefill, typed);
  return refused && privately(refused.text, refused.blocks);
}

function helpText(command: string): string {
  return [
    `*${command}*  opens the form to ask for infrastructure.`,
    `*${command} ${blueprints[0]?.id ?? "blueprint"} name=web-7 environment=staging*  opens it filled in. Quote values that have spaces.`,
    `*${command} status*  shows your latest requests, *${command} status web-7* one with all that happened, by name or id.`,
    `*${command} list*  shows what stands and whose it is, *${command} list staging* of one environment.`,
    "",
    ...blueprints.map(({ id, title, purpose }) => `*${escapeMrkdwn(title)}*  ${purpose}  ${code(id, 40)}`),
  ].join("\n");
}

function helpHint(command: string): string {
  return `${command} help shows how to write it.`;
}

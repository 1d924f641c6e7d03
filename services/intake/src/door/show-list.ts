import { mayAsk, maySee } from "@sluice/directory";
import { button, code, dayAndTime, escapeMrkdwn, section } from "@sluice/slack";
import { cut } from "@sluice/text";
import { named, peopleIn } from "@sluice/words";
import type { Entry } from "../core/inventory.ts";
import { personAtDoor, UNKNOWN_PERSON } from "./people.ts";
import { type Caller, type DoorAnswer, type DoorPorts, privately } from "./ports.ts";

/** People stop reading long before Slack cuts. */
const LISTED = 40;
/** Slack refuses a message of more; a list of so many environments comes without buttons. */
const MAX_BLOCKS = 50;
const MAX_TEXT = 12_000;

/** Tells privately what stands, whose it is, since when, and which request changed it last: of one environment, or of all that the person may see. */
export async function showList(ports: DoorPorts, caller: Caller, environment: string | undefined): Promise<DoorAnswer> {
  const known = await personAtDoor(ports, caller);
  if (!known) return privately(UNKNOWN_PERSON);
  const there = Object.keys(ports.environments);
  if (environment !== undefined && !there.includes(environment))
    return privately(`There is no environment ${code(environment, 40)}. There is ${there.join(", ")}.`);

  const { directory, person } = known;
  const names = environment === undefined ? there : [environment];
  const found = (await Promise.all(names.map((name) => ports.requests.inventory(name)))).flat();
  const shown = found.filter((entry) => maySee(directory, person.id, entry.blueprint, entry.environment));
  if (shown.length === 0)
    return privately(`Nothing stands${environment ? ` in ${environment}` : ""} that you may see.`);

  const people = peopleIn(directory);
  const more = shown.length > LISTED ? [`and ${shown.length - LISTED} more: name an environment to see fewer`] : [];
  const lines = shown.slice(0, LISTED).flatMap((entry, index, all): Line[] => {
    const { subject, owner, since, request } = entry;
    const head =
      all[index - 1]?.environment === entry.environment ? [] : [{ text: `*${escapeMrkdwn(entry.environment)}*` }];
    const text = `• ${code(subject, 120)}   ${named(people, owner)}, since ${dayAndTime(since)} · last changed by ${request}`;
    return [
      ...head,
      { text, ...(mayAsk(directory, person.id, entry.blueprint, entry.environment) && { change: entry }) },
    ];
  });
  lines.push(...more.map((text) => ({ text })));
  return privately(
    cut(lines.map(({ text }) => text).join("\n"), MAX_TEXT),
    lines.length <= MAX_BLOCKS ? lines.map(blockOf) : undefined,
  );
}

type Line = Readonly<{ text: string; change?: Entry }>;

/** Who may ask for it may change it: the form opens with what is. */
function blockOf({ text, change }: Line): object {
  return section(text, change && button("Change…", { actionId: "change", value: change.request }));
}

import { actions, button, section } from "@sluice/slack";
import { personAtDoor, UNKNOWN_PERSON } from "./people.ts";
import type { Caller, DoorPorts, PrivateMessage } from "./ports.ts";
import type { Prefill } from "./prefill.ts";
import { offerTo, requestForm } from "./request-form.ts";
import { withWhatStands } from "./what-stands.ts";

/** Slack's longest button value. */
const MAX_VALUE = 2_000;

/**
 * Opens the form for whoever is at the door, or says privately why not. When Slack says that the trigger is too old, the same form is one button away.
 *
 * @param typed what was typed after the command, so that the button opens the same form
 */
export async function openForm(
  ports: DoorPorts,
  caller: Caller,
  triggerId: string,
  prefill: Prefill,
  typed = "",
): Promise<PrivateMessage | undefined> {
  const known = await personAtDoor(ports, caller);
  if (!known) return { text: UNKNOWN_PERSON };
  const offer = offerTo(known.directory, known.person.id, ports.environments);
  const filledIn = await withWhatStands(ports, known, prefill);
  const form = requestForm(ports.newRequest(), offer, filledIn, ports.environments);
  if (!form)
    return { text: "You may not ask for anything here. The platform team's directory says who may ask for what." };

  const opened = await ports.slack.openView(triggerId, form);
  if (opened.outcome === "done") return undefined;
  const text =
    opened.outcome === "refused"
      ? "The form could not open in time. Nothing was sent."
      : "Slack did not answer, so the form may not have opened. Nothing was sent.";
  // Slack refuses a value that is empty; what was typed is no authority, the form asks it all again.
  const value = typed.slice(0, MAX_VALUE) || "form";
  return { text, blocks: [section(text), actions("open", button("Open form", { actionId: "open_form", value }))] };
}

import type {
  ActionsBlock,
  Button,
  ContextBlock,
  DividerBlock,
  HeaderBlock,
  MrkdwnElement,
  PlainTextElement,
  SectionBlock,
} from "@slack/types";

/** Text with Slack's format, of which every untrusted part has gone through `escape.ts`. Links are not previewed or guessed. */
export function mrkdwn(text: string): MrkdwnElement {
  return { type: "mrkdwn", text, verbatim: true };
}

/** Text without format. Slack shows it as it is, except for `:emoji:`, which is off. */
export function plain(text: string): PlainTextElement {
  return { type: "plain_text", text, emoji: false };
}

/** A paragraph; at most 3,000 characters. `accessory` is a button at its right. */
export function section(text: string, accessory?: Button): SectionBlock {
  return { type: "section", text: mrkdwn(text), ...(accessory && { accessory }) };
}

/** Up to ten short texts in two columns; 2,000 characters each. */
export function fields(texts: readonly string[]): SectionBlock {
  return { type: "section", fields: texts.map(mrkdwn) };
}

/** Small print: ids, digests, times. Up to ten elements. */
export function context(...texts: readonly string[]): ContextBlock {
  return { type: "context", elements: texts.map(mrkdwn) };
}

/** A heading; plain text of at most 150 characters. */
export function header(text: string): HeaderBlock {
  return { type: "header", text: plain(text) };
}

/** A line across. */
export function divider(): DividerBlock {
  return { type: "divider" };
}

/** A row of buttons. */
export function actions(blockId: string, ...buttons: readonly Button[]): ActionsBlock {
  return { type: "actions", block_id: blockId, elements: [...buttons] };
}

/** The action id of a button that is known by its verb alone: `Plan again` is `plan_again`. */
export function actionIdOf(verb: string): string {
  return verb.toLowerCase().replaceAll(" ", "_");
}

/**
 * A verb to press. `value` is an opaque id and never data (2,000 characters). `danger` is for what destroys something, `primary` for the one thing that a message
 * is there for; `asks` has Slack ask once more before it is pressed.
 */
export function button(
  verb: string,
  given: {
    actionId: string;
    value: string;
    style?: "primary" | "danger";
    /** A title of at most 100 characters, and what it means in at most 300, both of ours. */
    asks?: Readonly<{ title: string; says: string }> | undefined;
  },
): Button {
  const { actionId, value, style, asks } = given;
  return {
    type: "button",
    text: plain(verb),
    action_id: actionId,
    value,
    ...(style && { style }),
    ...(asks && {
      confirm: {
        title: plain(asks.title),
        text: plain(asks.says),
        confirm: plain(verb),
        deny: plain("Cancel"),
        ...(style && { style }),
      },
    }),
  };
}

/** Slack's limit of a section is 3,000. */
const MAX_PARAGRAPH = 2_900;

/** Lines in as few sections as they fit in. */
export function paragraphs(lines: readonly string[]): string[] {
  const all: string[] = [];
  for (const line of lines) {
    const last = all.pop();
    const fits = last !== undefined && last.length + 1 + line.length <= MAX_PARAGRAPH;
    all.push(...(fits ? [`${last}\n${line}`] : last === undefined ? [line] : [last, line]));
  }
  return all;
}

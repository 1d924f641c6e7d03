import { optionsOf } from "../elements.ts";
import { isJson, type Json, objectsIn, textIn } from "../json.ts";
import { type Html, html } from "./html.ts";
import { mrkdwn, type Names, plainText } from "./mrkdwn.ts";

/** How an element that acts sends what was done: in a message each is a form of its own, in a view it is part of the form. */
export type Acting = (element: Json, block: Json) => Html;

/** A message's blocks. What this desk cannot show is marked, never left out. */
export function renderBlocks(blocks: readonly Json[], names: Names, acting: Acting): Html {
  return html`${blocks.map((block) => renderBlock(block, names, acting))}`;
}

/** One block that is not an input. */
export function renderBlock(block: Json, names: Names, acting: Acting): Html {
  switch (block.type) {
    case "section":
      return section(block, names, acting);
    case "context":
      return html`<div class="block context">${objectsIn(block.elements).map((element) => contextElement(element, names))}</div>`;
    case "header":
      return html`<h3 class="block header">${renderText(block.text, names)}</h3>`;
    case "divider":
      return html`<hr class="block">`;
    case "actions":
      return html`<div class="block actions">${objectsIn(block.elements).map((element) => acting(element, block))}</div>`;
    default:
      return unsupported(`block ${String(block.type)}`, block);
  }
}

/** A text object. */
export function renderText(value: unknown, names: Names): Html {
  if (!isJson(value)) return html``;
  const source = textIn(value.text) ?? "";
  return value.type === "mrkdwn" ? mrkdwn(source, names) : plainText(source);
}

/** What a button shows, with the confirmation that it asks for. */
export function buttonStyle(element: Json): string {
  if (element.style === "primary") return "button primary";
  return element.style === "danger" ? "button danger" : "button";
}

/** A mark for what this desk does not show, with what it is. */
export function unsupported(what: string, source: Json): Html {
  return html`<details class="block unsupported"><summary>This desk cannot show: ${what}</summary><pre><code>${JSON.stringify(source, null, 2).slice(0, 4_000)}</code></pre></details>`;
}

/** The options of a select in a message or view. */
export function renderOptions(element: Json, chosen: readonly unknown[], names: Names): Html {
  return html`${optionsOf(element).map(
    (option) =>
      html`<option value="${String(option.value)}"${chosen.includes(option.value) ? html` selected` : ""}>${renderText(option.text, names)}</option>`,
  )}`;
}

function section(block: Json, names: Names, acting: Acting): Html {
  const fields = objectsIn(block.fields);
  const accessory = isJson(block.accessory) ? acting(block.accessory, block) : undefined;
  return html`<div class="block section">
    <div class="said">
      ${block.text !== undefined && html`<div class="text">${renderText(block.text, names)}</div>`}
      ${fields.length > 0 && html`<div class="fields">${fields.map((field) => html`<div>${renderText(field, names)}</div>`)}</div>`}
    </div>
    ${accessory}
  </div>`;
}

function contextElement(element: Json, names: Names): Html {
  if (element.type === "image") return unsupported("image", element);
  return html`<span>${renderText(element, names)}</span>`;
}

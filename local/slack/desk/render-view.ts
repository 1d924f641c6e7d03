import { isJson, type Json, objectsIn, textIn } from "../json.ts";
import type { OpenView } from "../record.ts";
import { type Html, html } from "./html.ts";
import type { Names } from "./mrkdwn.ts";
import { type Acting, buttonStyle, renderBlock, renderOptions, renderText, unsupported } from "./render-blocks.ts";

/**
 * The top view of a person's stack as a dialog, or nothing. `base` is the address of the page that it lies on. The form's first
 * button is the one that Enter presses in a text field; it cannot be seen, and sends.
 */
export function renderView(stack: readonly OpenView[], base: string, names: Names): Html {
  const view = stack.at(-1);
  if (!view) return html``;
  const { content } = view;
  const address = `${base}/view/${view.id}`;
  const acting = actingIn(view, address, names);
  const blocks = objectsIn(content.blocks);
  return html`<div class="overlay"><section class="dialog" role="dialog" aria-modal="true" aria-labelledby="view-title">
    <form method="post" action="${address}" novalidate>
      ${isJson(content.submit) && html`<button class="default" tabindex="-1" aria-hidden="true">Send</button>`}
      <header>
        <h2 id="view-title">${renderText(content.title, names)}</h2>
        ${stack.length > 1 && html`<p class="depth">${stack.length} of 3 views, the last one on top</p>`}
        <button class="close" formaction="${address}/close" aria-label="Close">✕</button>
      </header>
      <div class="content">
        ${view.trouble && html`<p class="trouble" role="alert">${view.trouble}</p>`}
        ${blocks.map((block) => (block.type === "input" ? renderInput(block, view, address, names) : renderBlock(block, names, acting)))}
      </div>
      <footer>
        <button class="button" formaction="${address}/close">${isJson(content.close) ? renderText(content.close, names) : "Close"}</button>
        ${isJson(content.submit) && html`<button class="button primary" data-submit>${renderText(content.submit, names)}</button>`}
      </footer>
    </form>
  </section></div>`;
}

/** A view's buttons are part of its form, so that what was typed is not lost by pressing one. */
function actingIn(view: OpenView, address: string, names: Names): Acting {
  return (element, block) => {
    const action = `${address}/click?action=${encodeURIComponent(String(element.action_id))}&value=${encodeURIComponent(textIn(element.value) ?? "")}`;
    if (element.type === "button")
      return html`<button class="${buttonStyle(element)}" formaction="${action}">${renderText(element.text, names)}</button>`;
    const control = controlOf(element, { id: idOf(block), block, view, names, described: "" });
    if (!control) return unsupported(`element ${String(element.type)}`, element);
    return html`<span class="choice">${control}<button class="button apply" formaction="${address}/click?action=${encodeURIComponent(String(element.action_id))}&block=${encodeURIComponent(String(block.block_id))}">Apply</button></span>`;
  };
}

function renderInput(block: Json, view: OpenView, address: string, names: Names): Html {
  const element = isJson(block.element) ? block.element : {};
  const id = idOf(block);
  const error = view.errors[String(block.block_id)];
  const hint = isJson(block.hint) ? block.hint : undefined;
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const control = controlOf(element, { id, block, view, names, described, invalid: error !== undefined });
  if (!control) return unsupported(`input ${String(element.type)}`, block);

  const isGroup = element.type === "checkboxes" || element.type === "radio_buttons";
  const label = html`${renderText(block.label, names)}${block.optional === true && !isSingleTick(element) && html` <span class="optional">(optional)</span>`}`;
  const dispatch = block.dispatch_action === true;
  const action = `${address}/click?action=${encodeURIComponent(String(element.action_id))}&block=${encodeURIComponent(String(block.block_id))}`;
  const body = html`${control}
    ${dispatch && html`<button class="button apply" formaction="${action}">Apply</button>`}
    ${error && html`<p class="error" id="${id}-error" role="alert">${error}</p>`}
    ${hint && html`<p class="hint" id="${id}-hint">${renderText(hint, names)}</p>`}`;
  if (isGroup)
    return html`<fieldset class="block field${error ? " wrong" : ""}"${described && html` aria-describedby="${described}"`}><legend>${label}</legend>${body}</fieldset>`;
  return html`<div class="block field${error ? " wrong" : ""}"><label for="${id}">${label}</label>${body}</div>`;
}

type Control = Readonly<{
  id: string;
  block: Json;
  view: OpenView;
  names: Names;
  described: string;
  invalid?: boolean;
}>;

function controlOf(element: Json, control: Control): Html | undefined {
  const { id, block, view, names, described, invalid } = control;
  const state = view.state[String(block.block_id)]?.[String(element.action_id)] ?? {};
  const name = String(block.block_id);
  const common = html` id="${id}" name="${name}"${described && html` aria-describedby="${described}"`}${invalid && html` aria-invalid="true"`}`;
  const value = textIn(state.value) ?? "";
  const hint = isJson(element.placeholder) ? textIn(element.placeholder.text) : undefined;
  const placeholder = hint && html` placeholder="${hint}"`;
  switch (element.type) {
    case "plain_text_input":
      return element.multiline === true
        ? html`<textarea rows="3"${common}${placeholder}>${value}</textarea>`
        : html`<input type="text" autocomplete="off" spellcheck="false" value="${value}"${common}${placeholder}>`;
    case "number_input":
      return html`<input type="text" inputmode="numeric" autocomplete="off" value="${value}"${common}${placeholder}>`;
    case "email_text_input":
    case "url_text_input":
      return html`<input type="text" autocomplete="off" value="${value}"${common}${placeholder}>`;
    case "datepicker":
      return html`<input type="date" value="${textIn(state.selected_date) ?? ""}"${common}>`;
    case "timepicker":
      return html`<input type="time" value="${textIn(state.selected_time) ?? ""}"${common}>`;
    case "static_select": {
      const chosen = isJson(state.selected_option) ? [state.selected_option.value] : [];
      const dispatches = block.dispatch_action === true || block.type !== "input";
      return html`<select${common}${dispatches && html` data-dispatch`}>${chosen.length === 0 && html`<option value="">${hint ?? "Choose"}</option>`}${renderOptions(element, chosen, names)}</select>`;
    }
    case "multi_static_select":
      return html`<select multiple${common}>${renderOptions(element, chosenIn(state), names)}</select>`;
    case "checkboxes":
      return ticks(element, "checkbox", chosenIn(state), control);
    case "radio_buttons":
      return ticks(element, "radio", isJson(state.selected_option) ? [state.selected_option.value] : [], control);
    default:
      return undefined;
  }
}

function ticks(element: Json, kind: "checkbox" | "radio", chosen: readonly unknown[], control: Control): Html {
  const name = String(control.block.block_id);
  return html`${objectsIn(element.options).map(
    (option, index) => html`<div class="tick">
      <input type="${kind}" id="${control.id}-${index}" name="${name}" value="${String(option.value)}"${chosen.includes(option.value) && html` checked`}${control.invalid && html` aria-invalid="true"`}>
      <label for="${control.id}-${index}">${renderText(option.text, control.names)}${isJson(option.description) && html`<small>${renderText(option.description, control.names)}</small>`}</label>
    </div>`,
  )}`;
}

/** A single box is a yes or no, which "optional" would only confuse. */
function isSingleTick(element: Json): boolean {
  return element.type === "checkboxes" && objectsIn(element.options).length === 1;
}

function chosenIn(state: Json): unknown[] {
  return objectsIn(state.selected_options).map((option) => option.value);
}

function idOf(block: Json): string {
  return `field-${String(block.block_id).replace(/[^\w-]/g, "_")}`;
}

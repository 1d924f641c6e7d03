// Keeps the page true without reloading it, and sends its forms without leaving it. Everything also works without this script.
const SLACK_TO_BOTTOM = 160;

document.documentElement.classList.add("js");
scrollTo(0, document.body.scrollHeight);
if (document.querySelector("[role=dialog]")) focusView();

let isFetching = false;
let isBehind = false;

/** Takes over every part of the fresh page whose version differs; parts that people type in keep their version meanwhile. */
function takeOver(source) {
  const fresh = new DOMParser().parseFromString(source, "text/html");
  const isAtBottom = innerHeight + scrollY > document.body.scrollHeight - SLACK_TO_BOTTOM;
  const focused = document.activeElement?.id;
  document.getElementById("shell").inert = fresh.getElementById("shell").inert;
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (!next || next.dataset.version === part.dataset.version) continue;
    part.replaceWith(document.importNode(next, true));
    if (part.id === "modal") focusView();
  }
  document.title = fresh.title;
  if (focused && document.activeElement === document.body)
    document.getElementById(focused)?.focus({ preventScroll: true });
  if (isAtBottom) scrollTo(0, document.body.scrollHeight);
}

/** In a new view the first wrong field has the focus, else the first field. When it is gone, the command line has it. */
function focusView() {
  const dialog = document.querySelector("[role=dialog]");
  const fields = "input:not([type=hidden]), select, textarea";
  const target =
    dialog?.querySelector("[aria-invalid=true]") ?? dialog?.querySelector(fields) ?? dialog?.querySelector(".close");
  (target ?? document.getElementById("command"))?.focus({ preventScroll: true });
}

async function refresh() {
  if (isFetching) {
    isBehind = true;
    return;
  }
  isFetching = true;
  try {
    const response = await fetch(location.href);
    if (response.ok) takeOver(await response.text());
  } finally {
    isFetching = false;
  }
  if (isBehind) {
    isBehind = false;
    refresh();
  }
}

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  event.preventDefault();
  submitter?.setAttribute("aria-busy", "true");
  try {
    const address = submitter?.hasAttribute("formaction") ? submitter.formAction : form.action;
    const response = await fetch(address, { method: "POST", body: new URLSearchParams(new FormData(form, submitter)) });
    if (response.ok && form.id === "composer") form.reset();
    await refresh();
  } finally {
    submitter?.removeAttribute("aria-busy");
  }
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-dispatch]")) return;
  event.target.parentElement.querySelector(".apply")?.click();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelector("[role=dialog] .close, .thread .close")?.click();
  const isSend = event.key === "Enter" && (event.metaKey || event.ctrlKey);
  if (isSend && event.target.matches("textarea")) document.querySelector("[data-submit]")?.click();
});

new EventSource("/events").addEventListener("message", refresh);

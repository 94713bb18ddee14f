// Follows a running diagnosis, and after a remedy the ones that look whether it helped.

const PATIENCE_MS = 2_000;
const SAY_EVERY_MS = 5_000;

const said = document.querySelector("[data-said]");
let lastSaid = Date.now();
let shown = "";

function say(text, always) {
  if (!always && Date.now() - lastSaid < SAY_EVERY_MS) return;
  lastSaid = Date.now();
  if (said.textContent !== text) said.textContent = text;
}

function asElement(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.firstElementChild;
}

function count(whole) {
  const rows = [...whole.querySelectorAll("[data-check]")];
  const done = rows.filter((row) => row.dataset.outcome !== "waiting").length;
  const words = `${done} of ${rows.length} checks`;
  const place = whole.querySelector("[data-count]");
  if (place) place.textContent = words;
  const bar = whole.querySelector("#verdict progress");
  if (bar) bar.value = done;
  say(words, false);
}

function found(whole, html) {
  const row = asElement(html);
  const old = whole.querySelector(`[data-check="${CSS.escape(row.dataset.check)}"]`);
  if (!old || old.dataset.outcome === row.dataset.outcome) return;
  const wasOpen = old.querySelector("details")?.open;
  old.replaceWith(row);
  const details = row.querySelector("details");
  if (wasOpen && details) details.open = true;
  count(whole);
}

// What somebody opened stays open, what has the focus keeps it; a page that only grew older stays as it is.
function put(whole, html) {
  const ageless = html.replace(/<time.*?<\/time>/g, "");
  if (ageless === shown) return;
  shown = ageless;
  const open = [...whole.querySelectorAll("[data-check]:has(details[open])")].map((row) => row.id);
  const focused = whole.contains(document.activeElement) ? document.activeElement.closest("[id]")?.id : null;
  whole.innerHTML = html;
  for (const id of open) {
    const details = document.getElementById(id)?.querySelector("details");
    if (details) details.open = true;
  }
  if (focused) document.getElementById(focused)?.querySelector("summary, a, button")?.focus({ preventScroll: true });
  document.dispatchEvent(new Event("diagnosis"));
}

// Asks for the page as it is now. After a remedy that may be the page of a newer diagnosis.
async function settle(whole) {
  const answer = await fetch(location.href, { headers: { "X-Fragment": "whole" }, credentials: "same-origin" });
  const { pathname } = new URL(answer.url);
  if (!answer.ok || !pathname.startsWith("/diagnoses/")) return location.reload();
  if (answer.redirected) history.replaceState(null, "", answer.url);
  put(whole, await answer.text());
  document.title = `${whole.querySelector("[data-title]").dataset.title} · Sidetone`;
  const parts = ["#mending p", "#h-verdict", "#aloud"].map((part) => whole.querySelector(part)?.textContent.trim());
  say(parts.filter(Boolean).join(" ").replace(/\s+/g, " "), true);
  return follow(whole);
}

const orReload = (settling) => settling.catch(() => location.reload());

function events(whole, id) {
  const source = new EventSource(`/diagnoses/${id}/events`);
  source.addEventListener("finding", (event) => found(whole, event.data));
  source.addEventListener("done", () => {
    source.close();
    orReload(settle(whole));
  });
  // A browser tries again by itself unless the server said no; then the page as it is now is better than none.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), PATIENCE_MS);
  });
  addEventListener("pagehide", () => source.close(), { once: true });
}

export function follow(whole) {
  const { dataset } = whole.querySelector("[data-diagnosis]");
  if (dataset.running !== undefined) events(whole, dataset.diagnosis);
  else if (dataset.goesOn !== undefined) setTimeout(() => orReload(settle(whole)), PATIENCE_MS);
}

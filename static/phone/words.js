// What the phone says of its screen, in words: a panel, and for screen readers only what changed.

import { element, find } from "./page.js";

const LINE_STATES = { ONHOOK: "free", OFFHOOK: "off hook", RINGING: "rings", CONNECTED: "connected", ONHOLD: "on hold" };
let before = null;

function inWords(event) {
  const said = [];
  if (event.title) said.push(event.title);
  for (const row of event.rows ?? []) said.push([row.name, row.value].filter(Boolean).join(": "));
  for (const part of ["prompt", "notify", "status"]) if (event[part]) said.push(event[part]);
  for (const call of event.calls ?? []) said.push(`Line ${call.line}: ${callInWords(call)}`);
  return said.filter(Boolean);
}

function callInWords(call) {
  const who = [call.name, call.number].filter(Boolean).join(" ");
  return [call.state?.toLowerCase(), call.direction === "INBOUND" ? "from" : call.direction ? "to" : "", who].filter(Boolean).join(" ");
}

function list(rows) {
  return element("dl", { class: "facts" }, ...rows.map(([label, value]) => element("div", value ? {} : { class: "alone" }, element("dt", { text: label }), element("dd", { text: value }))));
}

function render(event) {
  const parts = [];
  if (event.title) parts.push(element("h3", { text: event.title }));
  const rows = (event.rows ?? []).map((row, index) => [row.name || String(index + 1), row.value ?? ""]);
  if (rows.length > 0) parts.push(list(rows));
  const rest = [];
  if (event.prompt) rest.push(["Prompt", event.prompt]);
  if (event.notify) rest.push(["Notice", event.notify]);
  if (event.status) rest.push(["Status", event.status]);
  const softkeys = (event.softkeys ?? []).map((key) => `${key.position} ${key.label}`).join(", ");
  if (softkeys) rest.push(["Softkeys", softkeys]);
  for (const line of event.lines ?? []) {
    const words = [line.label && line.label !== line.number ? line.label : "", LINE_STATES[line.state] ?? line.state, line.message_waiting ? "message waiting" : ""];
    rest.push([`Line ${line.position}`, [line.number, ...words].filter(Boolean).join(" · ")]);
  }
  for (const call of event.calls ?? []) rest.push([`Call, line ${call.line}`, callInWords(call)]);
  if (rest.length > 0) parts.push(list(rest));
  return parts;
}

// The event `text`.
export function tell(event) {
  const place = find("[data-words]");
  if (!place) return;
  if (!event.available) {
    place.replaceChildren(element("p", { class: "muted", text: "This model does not tell its screen in words." }));
    before = null;
    return;
  }
  const now = inWords(event);
  place.replaceChildren(...render(event));
  // The first words are there to be read; only what changes later is said aloud.
  if (before) {
    const news = now.filter((words) => !before.includes(words));
    if (news.length > 0) find("[data-words-said]").textContent = news.join(". ");
  }
  before = now;
}

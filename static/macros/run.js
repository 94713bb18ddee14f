// A macro while it is played: the live picture, the steps as they go, and the person who answers.

import { Faceplate } from "../faceplate.js";
import { Live } from "../live.js";
import * as picture from "../phone/picture.js";
import { NO_LINK } from "../phone/trouble.js";

const PATIENCE_MS = 2_000;
const page = document.querySelector("[data-run]");
const id = page.dataset.run;
const panel = page.querySelector("[data-state-panel]");
const plan = page.querySelector("[data-plan]");
const log = page.querySelector("[data-log]");
const aloud = page.querySelector("[data-aloud]");
const title = document.title;
let commanding = false;
// States that came by themselves.
let states = 0;

const asElement = (html) => {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.firstElementChild;
};
const standing = () => panel.querySelector("[data-standing]");

function say(text) {
  if (text && aloud.textContent !== text) aloud.textContent = text;
}

// The panel changes under the hands of whoever uses it: a focus in it stays in it, and what is typed or ticked stays.
function takeState(html) {
  const before = standing();
  const next = asElement(html);
  if (before.outerHTML === next.outerHTML) return;
  const focused = before.contains(document.activeElement) ? document.activeElement : null;
  const same = before.dataset.standing === next.dataset.standing;
  // Another question in the same words is about another picture.
  const number = (state) => state.querySelector("[name=question]")?.value;
  const unchanged = before.dataset.said === next.dataset.said && number(before) === number(next);
  if (same && before.dataset.standing === "asking" && unchanged) return;
  before.replaceWith(next);
  if (focused) {
    const twin = focused.value && next.querySelector(`button[value="${CSS.escape(focused.value)}"]`);
    (twin || next.querySelector("[data-first]") || next.querySelector("h2")).focus({ preventScroll: true });
  }
  say(next.dataset.said);
  const asks = next.dataset.standing === "asking";
  document.title = asks ? `? ${title}` : title;
  if (asks && !same) next.scrollIntoView({ block: "nearest" });
}

function takeRow(html) {
  const row = asElement(html);
  // Where a block's other half begins nothing is done.
  const old = row.id && document.getElementById(row.id);
  if (!old) return;
  old.replaceWith(row);
  if (row.getAttribute("aria-current") !== "step") return;
  const inside = plan.scrollHeight > plan.clientHeight;
  if (inside) plan.scrollTop = row.offsetTop - plan.clientHeight / 2;
}

function takeLog(html) {
  const line = asElement(html);
  const old = log.querySelector(`[data-n="${line.dataset.n}"]`);
  if (old) old.replaceWith(line);
  else log.append(line);
  page.querySelector("[data-log-count]").textContent = String(log.children.length);
}

async function command(form, submitter) {
  if (commanding) return;
  commanding = true;
  const fields = new URLSearchParams(new FormData(form, submitter));
  const before = states;
  try {
    const answer = await fetch(form.action, { method: "POST", headers: { "X-Fragment": "state" }, body: fields, credentials: "same-origin" });
    if (answer.redirected) return location.reload();
    const html = await answer.text();
    if (!answer.ok) say("That was not done: the run has gone on meanwhile.");
    // The answer may be older than a state that came while it was on its way.
    else if (states === before) takeState(html);
  } catch {
    say("Not sent: the server does not answer.");
  } finally {
    commanding = false;
  }
}

function follow() {
  const source = new EventSource(`/macro-runs/${id}/events`);
  source.addEventListener("state", (event) => {
    states += 1;
    takeState(event.data);
  });
  source.addEventListener("row", (event) => takeRow(event.data));
  source.addEventListener("log", (event) => takeLog(event.data));
  // The page as it ended has its pictures and the log opened.
  source.addEventListener("done", () => {
    source.close();
    const focused = panel.contains(document.activeElement);
    sessionStorage.setItem(`sidetone:run:${id}`, focused ? "focus" : "");
    location.reload();
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), PATIENCE_MS);
  });
  addEventListener("pagehide", () => source.close(), { once: true });
}

function usePicture() {
  const phone = Number(page.dataset.phone);
  const faceplate = new Faceplate(page.querySelector(".faceplate"), {});
  page.querySelector("canvas.shot").hidden = true;
  const live = new Live({
    opened: () => {
      picture.forget();
      picture.showState("connecting");
    },
    signedOut: () => location.reload(),
    closed: () => picture.showState("lost", NO_LINK),
    picture: (header, blob) => {
      if (header.phone === phone) picture.draw(header, blob, faceplate).catch(() => {});
    },
    phone: (event) => {
      if (event.phone !== phone) return;
      if (typeof event.age_ms === "number") picture.noteAge(event.age_ms);
      picture.showState(event.state, event);
      picture.tellAge();
    },
  });
  live.watch([phone]);
  setInterval(picture.tellAge, 500);
}

panel.addEventListener("submit", (event) => {
  event.preventDefault();
  command(event.target, event.submitter);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  const stop = panel.querySelector("[data-stop]");
  if (!stop) return;
  event.preventDefault();
  stop.form.requestSubmit(stop);
});

if (page.dataset.pictures !== undefined) usePicture();
if (page.dataset.running !== undefined) follow();
else {
  const ended = sessionStorage.getItem(`sidetone:run:${id}`);
  sessionStorage.removeItem(`sidetone:run:${id}`);
  if (ended !== null) say(standing().dataset.said);
  if (ended === "focus") standing().querySelector("h2").focus({ preventScroll: true });
}

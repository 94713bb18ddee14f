// The page of one phone: its live picture, its keys, the keyboard. The protocol is in docs/live.md.

import { Faceplate } from "./faceplate.js";
import { Live } from "./live.js";

const page = document.querySelector("[data-phone]");
const id = Number(page.dataset.phone);
const name = page.dataset.name;
const hasPictures = page.hasAttribute("data-pictures");
const find = (selector) => page.querySelector(selector);
const frame = find("[data-screen]");
const canvas = find("canvas.shot");
const panel = find("[data-panel]");

const WORDS = { connecting: "Connecting", live: "Live", slow: "Slow", stale: "Stale", lost: "Lost" };
const NO_LINK = {
  cause_title: "The connection to Sidetone is lost",
  next_step: "It is being made again. Nothing pressed meanwhile reaches the phone.",
};

let capturedAt = null;
let version = 0;
let paused = false;

// Words about the picture

function troublePanel(trouble) {
  const box = document.createElement("div");
  box.className = "trouble";
  const title = document.createElement("p");
  title.className = "title";
  title.textContent = `⚠ ${trouble.cause_title ?? ""}`;
  box.append(title);
  if (trouble.evidence) {
    const evidence = document.createElement("p");
    evidence.className = "evidence";
    evidence.textContent = trouble.evidence;
    box.append(evidence);
  }
  if (trouble.next_step) {
    const step = document.createElement("p");
    step.textContent = trouble.next_step;
    box.append(step);
  }
  return box;
}

function showState(state, trouble) {
  page.dataset.state = state;
  const word = find("[data-live-state]");
  word.className = `state l-${state}`;
  if (word.textContent !== WORDS[state]) word.textContent = WORDS[state] ?? state;
  if (!hasPictures) return;
  const show = Boolean(trouble?.cause_title) && (state === "lost" || canvas.hidden);
  if (show) panel.replaceChildren(troublePanel(trouble));
  panel.hidden = !show;
}

function tellAge() {
  if (!capturedAt) return;
  const seconds = Math.max(0, (Date.now() - capturedAt) / 1000);
  const text = seconds < 10 ? `${seconds.toFixed(1)} s` : seconds < 120 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min`;
  find("[data-live-age]").textContent = paused ? `paused, ${text} old` : `${text} old`;
  canvas.setAttribute("aria-label", `Screen of ${name}, ${Math.round(seconds)} s old`);
}

// The picture

async function draw(header, blob) {
  if (paused || header.version < version) return;
  const bitmap = await createImageBitmap(blob);
  if (header.version < version) return bitmap.close();
  version = header.version;
  capturedAt = Date.parse(header.captured_at);
  faceplate.resize(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  canvas.hidden = false;
  if (page.dataset.state !== "lost") panel.hidden = true;
  tellAge();
}

// Presses: shown at once, sent at once, in order; never sent again by themselves

const chips = find("[data-chips]");
const CHIPS_KEPT = 24;
const pending = new Map();
let lastRef = 0;

function labelOf(button) {
  return button.querySelector(".cap").textContent;
}

function flashKey(button) {
  button.classList.add("down");
  setTimeout(() => button.classList.remove("down"), 140);
}

function settle(chip, outcome, note) {
  chip.className = `chip ${outcome}`;
  const small = document.createElement("small");
  small.textContent = note;
  chip.append(" ", small);
}

function press(button) {
  flashKey(button);
  const chip = document.createElement("li");
  chip.className = "chip";
  chip.textContent = labelOf(button);
  chips.prepend(chip);
  while (chips.children.length > CHIPS_KEPT) chips.lastElementChild.remove();
  find("[data-chips-empty]").hidden = true;
  const ref = `c${(lastRef += 1)}`;
  if (live.send({ press: { phone: id, key: button.value, ref } })) {
    pending.set(ref, { chip, label: labelOf(button) });
  } else {
    settle(chip, "failed", "not sent");
    tellTrouble({ ...NO_LINK, evidence: `${labelOf(button)} was not sent.` });
  }
}

function tellTrouble(trouble) {
  find("[data-press-trouble]").replaceChildren(troublePanel(trouble));
}

function settlePress(event) {
  const waiting = pending.get(event.ref);
  if (!waiting) return;
  pending.delete(event.ref);
  if (event.outcome === "sent") {
    settle(waiting.chip, "sent", `${event.duration_ms} ms`);
    find("[data-press-trouble]").replaceChildren();
    return;
  }
  settle(waiting.chip, "failed", event.cause_title ?? event.outcome);
  tellTrouble({ ...event, cause_title: `${waiting.label}: ${event.cause_title ?? event.outcome}` });
}

// After a broken connection nobody knows whether the last presses arrived: they are reported, not repeated.
function doubtPresses() {
  for (const { chip } of pending.values()) settle(chip, "failed", "outcome not known");
  pending.clear();
}

// The keyboard: only while the screen has the focus; Tab and Escape always leave

const byShortcut = new Map();
for (const button of page.querySelectorAll("[data-shortcut]")) byShortcut.set(button.dataset.shortcut, button);
if (!byShortcut.has("Enter") && byShortcut.has("F1")) byShortcut.set("Enter", byShortcut.get("F1"));

function onKey(event) {
  if (event.key === "Escape") {
    frame.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Tab") return;
  const button = byShortcut.get(event.key);
  if (!button) return;
  event.preventDefault();
  press(button);
}

function useKeyboard() {
  const sign = find("[data-keyboard-sign]");
  frame.addEventListener("focus", () => {
    sign.hidden = false;
  });
  frame.addEventListener("blur", () => {
    sign.hidden = true;
  });
  frame.addEventListener("keydown", onKey);
  frame.addEventListener("click", () => frame.focus());
  const button = find("[data-keyboard]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => frame.focus());
  }
}

// Pause

function usePause(button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.setAttribute("aria-pressed", String(paused));
    button.querySelector("span").textContent = paused ? "Resume" : "Pause";
    live.watch(paused ? [] : [id]);
    if (!paused) version = 0;
    tellAge();
  });
}

const live = new Live({
  opened: () => {
    version = 0;
    if (!paused && hasPictures) showState("connecting");
  },
  signedOut: () => location.reload(),
  broken: doubtPresses,
  closed: () => showState("lost", NO_LINK),
  picture: (header, blob) => {
    if (header.phone === id) draw(header, blob).catch(() => {});
  },
  press: settlePress,
  phone: (event) => {
    if (event.phone !== id) return;
    if (typeof event.age_ms === "number") capturedAt = Date.now() - event.age_ms;
    showState(event.state, event);
    tellAge();
  },
  viewers: (event) => {
    if (event.phone !== id) return;
    const others = Math.max(0, (event.count ?? event.viewers?.length ?? 1) - 1);
    find("[data-others]").textContent = others === 0 ? "" : `${others} other${others > 1 ? "s" : ""} looking`;
  },
});

if (page.hasAttribute("data-press")) {
  page.addEventListener("submit", (event) => {
    if (!event.submitter?.classList.contains("key")) return;
    event.preventDefault();
    press(event.submitter);
  });
  if (byShortcut.size > 0) useKeyboard();
}
const faceplate = new Faceplate(find(".faceplate"), page.hasAttribute("data-press") ? { press } : {});
if (hasPictures) {
  canvas.hidden = true;
  usePause(find("[data-pause]"));
  setInterval(tellAge, 500);
}
live.watch(hasPictures ? [id] : []);

// What the phone tells of itself comes a moment after the page

const FACTS_AFTER_MS = [700, 2000, 5000];

async function fetchFacts(card) {
  for (const wait of FACTS_AFTER_MS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const answer = await fetch(location.pathname, { headers: { "X-Fragment": "facts" } });
    // Somebody may be on the button; it must not be taken from under them.
    if (!answer.ok || card.contains(document.activeElement)) return;
    card.innerHTML = await answer.text();
  }
}

const facts = find("[data-facts-pending]");
if (facts) fetchFacts(facts).catch(() => {});

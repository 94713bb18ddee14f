// Honest numbers: how old, how fast, how often, and who sets the pace. The last two minutes as a chart.

import { draw } from "./chart.js";
import { find } from "./page.js";
import { ageInSeconds, inWords } from "./picture.js";

const KEPT_MS = 120_000;
const PACES = {
  budget: "CUCM's budget sets the pace",
  phone: "The phone's own time sets the pace",
  settings: "The settings set the pace",
};

const answers = [];
const keys = [];
// When the finger went down, for the last key that the phone took and whose picture is awaited.
let awaited = null;

function keep(series, value) {
  const now = performance.now();
  series.push({ at: now, value });
  while (series.length > 0 && now - series[0].at > KEPT_MS) series.shift();
}

function set(part, text) {
  const place = find(`[data-number="${part}"]`);
  if (place && place.textContent !== text) place.textContent = text;
}

export function keyTaken(at) {
  awaited = at;
}

// A changed picture was drawn. One that left the phone before the key did cannot come after the key's outcome.
export function pictureDrawn() {
  if (awaited === null) return;
  const took = Math.round(performance.now() - awaited);
  awaited = null;
  keep(keys, took);
  set("key", `${took} ms`);
}

export function told(event) {
  if (typeof event.answer_ms === "number") {
    keep(answers, event.answer_ms);
    set("answer", `${event.answer_ms} ms`);
  }
  if (typeof event.polls_per_s === "number") set("polls", `${event.polls_per_s.toFixed(1)} a second`);
  if (event.paced_by) set("pace", PACES[event.paced_by] ?? event.paced_by);
  find("[data-budget]").hidden = event.paced_by !== "budget";
}

export function useNumbers() {
  const panel = find("[data-numbers]");
  if (!panel) return;
  panel.hidden = false;
  const show = () => {
    const age = ageInSeconds();
    if (age !== null) set("age", inWords(age));
    if (panel.open && !document.hidden) draw(find("[data-chart]"), { answers, keys, now: performance.now(), span: KEPT_MS });
  };
  panel.addEventListener("toggle", show);
  setInterval(show, 1000);
}

// Text by multi-tap: the server says which key how often, the page presses and shows how far it is.

import { element, find, post } from "./page.js";

// A phone that takes longer than this between two taps of one letter has begun another letter.
const TAPS_WITHIN_MS = 1000;

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

// Sends the taps of one letter at once, in order; the words of what stopped it, or null.
async function letter(tap, press) {
  let before = 0;
  let slow = false;
  const taps = Array.from({ length: tap.times }, async () => {
    const outcome = await press(tap.key);
    const now = performance.now();
    slow ||= before > 0 && now - before > TAPS_WITHIN_MS;
    before = now;
    return outcome;
  });
  const failed = (await Promise.all(taps)).find((outcome) => outcome.outcome !== "sent");
  if (failed) return failed.cause_title ?? failed.evidence ?? "the key was not sent";
  return slow ? "the phone took too long between two taps, so this letter may be another" : null;
}

export function useTyping(press) {
  const form = find("[data-type-form]");
  if (!form) return;
  const text = form.elements.namedItem("text");
  const stop = form.querySelector("[data-stop]");
  const start = form.querySelector("[data-start]");
  const shown = form.querySelector("[data-typed]");
  const status = form.querySelector("[data-type-status]");
  let running = null;

  const letters = (plan) => {
    shown.replaceChildren(...plan.map((tap) => element("span", { text: tap.character === " " ? "␣" : tap.character })));
    return [...shown.children];
  };

  const type = async (plan, wait, signal) => {
    const spans = letters(plan);
    for (const [index, tap] of plan.entries()) {
      if (tap.wait) await pause(wait, signal);
      if (signal.aborted) return `Stopped after ${index} of ${plan.length} characters.`;
      spans[index].className = "now";
      const trouble = await letter(tap, press);
      spans[index].className = trouble ? "wrong" : "done";
      if (trouble) return `Stopped at “${tap.character}”, character ${index + 1} of ${plan.length}: ${trouble}.`;
    }
    return `Typed ${plan.length} character${plan.length === 1 ? "" : "s"}.`;
  };

  const busy = (now) => {
    stop.hidden = !now;
    start.hidden = now;
    text.readOnly = now;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (running) return;
    running = new AbortController();
    busy(true);
    shown.replaceChildren();
    status.textContent = "";
    try {
      const answer = await post("taps", "taps", { text: text.value });
      status.textContent = answer.taps ? "Typing." : answer.message;
      if (answer.taps) status.textContent = await type(answer.taps, Number(form.elements.namedItem("pause").value) * 1000, running.signal);
    } catch {
      status.textContent = "Not typed: the server did not answer as it should. Nothing was sent.";
    }
    running = null;
    busy(false);
  });
  stop.addEventListener("click", () => running?.abort());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") running?.abort();
  });
  form.hidden = false;
}

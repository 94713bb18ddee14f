// Presses: shown at once, sent at once, in order; never sent again by themselves.

import { Digits } from "../emergency.js";
import { element, find, id, page } from "./page.js";
import { askEmergency } from "./question.js";
import { NO_LINK, clearTrouble, tellTrouble } from "./trouble.js";

const CHIPS_KEPT = 24;
const DOWN_MS = 140;
const chips = find("[data-chips]");
const digits = new Digits((page.dataset.emergency ?? "").split(" ").filter(Boolean));

export function buttonOf(key) {
  return page.querySelector(`button.key[value="${CSS.escape(key)}"]`);
}

export function labelOf(key) {
  return buttonOf(key)?.querySelector(".cap")?.textContent || key;
}

function addChip(text, kind = "") {
  if (!chips) return null;
  const chip = element("li", { class: `chip ${kind}`.trim(), text });
  chips.prepend(chip);
  while (chips.children.length > CHIPS_KEPT) chips.lastElementChild.remove();
  find("[data-chips-empty]").hidden = true;
  return chip;
}

function settle(chip, outcome, note) {
  if (!chip) return;
  chip.classList.add(outcome);
  chip.append(" ", element("small", { text: note }));
}

// A key of somebody else, with their name.
export function showForeign(event) {
  const chip = addChip(`${event.by}: ${labelOf(event.key)}`, "foreign");
  if (event.outcome === "sent") digits.note(event.key);
  if (event.outcome === "sent") settle(chip, "sent", `${event.duration_ms} ms`);
  else settle(chip, "failed", event.cause_title ?? event.outcome);
}

export class Keys {
  #send;
  #off;
  #sent;
  #pending = new Map();
  #question = null;
  #last = 0;

  // send(message) says whether it went out; off() whether keys are switched off; sent(at) is told when a key was taken.
  constructor({ send, off, sent }) {
    this.#send = send;
    this.#off = off;
    this.#sent = sent;
  }

  // Presses a key of this phone; the answer comes when its outcome is known. `at` is when the finger went down.
  async press(key, at = performance.now()) {
    if (this.#question && !(await this.#question)) return { outcome: "not-sent" };
    if (this.#off()) return this.#blocked(key);
    this.#flash(key);
    const emergency = digits.wouldDial(key);
    if (emergency && !(await this.#confirmed(emergency))) {
      settle(addChip(labelOf(key)), "failed", "not dialled");
      return { outcome: "not-sent", cause_title: `${emergency} was not dialled` };
    }
    return this.#out(key, at);
  }

  async #confirmed(number) {
    this.#question = askEmergency(number);
    try {
      return await this.#question;
    } finally {
      this.#question = null;
    }
  }

  #out(key, at) {
    const label = labelOf(key);
    const chip = addChip(label);
    const ref = `c${(this.#last += 1)}`;
    if (!this.#send({ press: { phone: id, key, ref } })) {
      settle(chip, "failed", "not sent");
      tellTrouble({ ...NO_LINK, evidence: `${label} was not sent.` });
      return { outcome: "not-sent", cause_title: NO_LINK.cause_title };
    }
    digits.note(key);
    return new Promise((resolve) => this.#pending.set(ref, { chip, label, at, resolve }));
  }

  #blocked(key) {
    settle(addChip(labelOf(key)), "failed", "not sent");
    tellTrouble({
      calm: true,
      cause_title: "View only: your keys are not sent",
      next_step: "To press again, switch off “Do not send my keys” beside who drives.",
    });
    return { outcome: "not-sent", cause_title: "Your keys are switched off" };
  }

  #flash(key) {
    const button = buttonOf(key);
    if (!button) return;
    button.classList.add("down");
    setTimeout(() => button.classList.remove("down"), DOWN_MS);
  }

  // The event `press` of the live channel.
  settled(event) {
    const waiting = this.#pending.get(event.ref);
    if (!waiting) return;
    this.#pending.delete(event.ref);
    if (event.outcome === "sent") {
      settle(waiting.chip, "sent", `${event.duration_ms} ms`);
      clearTrouble();
      this.#sent(waiting.at);
    } else {
      const words = event.cause_title ?? event.outcome.replace("-", " ");
      settle(waiting.chip, "failed", words);
      const driven = find("[data-wheel]").dataset.wheel === "other";
      const next_step = event.next_step ?? (driven ? "Ask for the wheel, or take over." : undefined);
      tellTrouble({ ...event, next_step, cause_title: `${waiting.label}: ${words}` });
    }
    waiting.resolve(event);
  }

  // After a broken connection nobody knows whether the last presses arrived: they are reported, not repeated.
  doubt() {
    for (const { chip, resolve } of this.#pending.values()) {
      settle(chip, "failed", "outcome not known");
      resolve({ outcome: "unknown", cause_title: "The outcome of the last key is not known" });
    }
    this.#pending.clear();
  }
}

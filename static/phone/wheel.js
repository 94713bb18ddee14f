// Who drives, who looks, and how the wheel goes from hand to hand.

import { element, find, id, me } from "./page.js";

const ANSWER_MS = 10_000;
const SAID_MS = 8_000;
const OFF = "sidetone:keys-off";
const IDLE_WORDS = {
  released: "The wheel is free.",
  idle: "The wheel is free: no key for a while.",
  left: "The wheel is free: who drove is gone.",
};

export function keysAreOff() {
  return sessionStorage.getItem(OFF) === "yes";
}

function seconds(until) {
  return Math.max(0, Math.ceil((until - performance.now()) / 1000));
}

export class Wheel {
  #send;
  // Only those who may drive have it.
  #form = find("[data-wheel-form]");
  #driver = null;
  #you = false;
  #until = 0;
  #timer = 0;
  #said = 0;

  constructor(send) {
    this.#send = send;
    if (!this.#form) return;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const message = event.submitter.value === "take" ? "drive" : event.submitter.value;
      if (!this.#send({ [message]: { phone: id } })) this.#say("Not sent: the connection to Sidetone is lost.");
    });
    find("[data-give]").addEventListener("click", () => this.#answer(true));
    find("[data-keep]").addEventListener("click", () => this.#answer(false));
    this.#useSwitch();
  }

  // The event `driver`.
  driven(event) {
    const before = { driver: this.#driver, you: this.#you };
    this.#driver = event.driver?.user ?? null;
    this.#you = Boolean(event.you);
    find("[data-driver]").textContent = this.#you ? "You drive" : this.#driver === null ? "Nobody drives" : `${this.#driver} drives`;
    find("[data-wheel]").dataset.wheel = this.#you ? "you" : this.#driver === null ? "free" : "other";
    this.#askedBy(event.asking);
    this.#tell(event.reason, before);
    this.#buttons(event.asking);
  }

  // The event `viewers`: names, roles, and who records.
  seen(event) {
    const viewers = event.viewers ?? [];
    const others = viewers.filter((viewer) => viewer.user !== me || viewer.recording);
    const names = others.map((viewer) => (viewer.recording ? `${viewer.user} (recording)` : viewer.user));
    find("[data-others]").textContent = names.length === 0 ? "" : `${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""} also look${names.length === 1 ? "s" : ""}`;
    find("[data-viewers]").replaceChildren(
      ...viewers.map((viewer) =>
        element("li", {}, element("b", { text: viewer.user === me ? `${viewer.user} (you)` : viewer.user }), " ", element("small", { class: "muted", text: viewer.recording ? `${viewer.role}, recording` : viewer.role })),
      ),
    );
  }

  #tell(reason, before) {
    if (reason === "now" || reason === "asked") return;
    if (reason === "refused") this.#say(this.#you ? "You keep the wheel." : `${this.#driver} keeps the wheel.`);
    else if (reason === "withdrawn") this.#say("The wheel is no longer asked for.");
    else if (IDLE_WORDS[reason]) this.#say(IDLE_WORDS[reason]);
    else if (this.#you && !before.you) this.#say("You drive now.");
    else if (before.you && this.#driver !== null) this.#say(`${this.#driver} has the wheel now.`);
    else if (this.#driver !== before.driver && this.#driver !== null) this.#say(`${this.#driver} drives now.`);
  }

  #say(text) {
    const place = find("[data-wheel-said]");
    place.textContent = text;
    clearTimeout(this.#said);
    this.#said = setTimeout(() => (place.textContent = ""), SAID_MS);
  }

  #buttons(asking) {
    if (!this.#form) return;
    const other = this.#driver !== null && !this.#you;
    const take = find("[data-take]");
    const release = find("[data-release]");
    // The button that was used goes; the focus goes to the one in its place.
    const focused = [take, release].includes(document.activeElement);
    take.hidden = this.#you;
    take.textContent = other ? "Take over" : "Take the wheel";
    release.hidden = !this.#you;
    if (focused) (this.#you ? release : take).focus();
    const ask = find("[data-ask]");
    const asked = asking?.you && other;
    ask.hidden = !other;
    ask.disabled = Boolean(asking);
    if (!asked) ask.querySelector("span").textContent = asking ? `${asking.user} asks` : "Ask for the wheel";
    this.#count(asking);
  }

  // Who is asked has ten seconds; both see them go by.
  #count(asking) {
    clearInterval(this.#timer);
    if (!asking) return;
    const left = Date.parse(asking.until) - Date.now();
    this.#until = performance.now() + (left > 0 && left < ANSWER_MS ? left : ANSWER_MS);
    const tick = () => {
      const now = seconds(this.#until);
      const keep = find("[data-keep]");
      if (keep.textContent !== `Keep (${now} s)`) keep.textContent = `Keep (${now} s)`;
      if (asking.you) find("[data-ask] span").textContent = `Asked (${now} s)`;
      if (now === 0) clearInterval(this.#timer);
    };
    tick();
    this.#timer = setInterval(tick, 250);
  }

  #askedBy(asking) {
    if (!this.#form) return;
    const bar = find("[data-request]");
    const mine = this.#you && asking && !asking.you;
    bar.hidden = !mine;
    const words = mine ? `${asking.user} asks for the wheel. Without an answer it is theirs.` : "";
    // The words are told once; the button beside them counts the seconds in silence.
    for (const place of [find("[data-request-words]"), find("[data-request-said]")]) {
      if (place.textContent !== words) place.textContent = words;
    }
  }

  #answer(allow) {
    if (!this.#send({ answer: { phone: id, allow } })) this.#say("Not sent: the connection to Sidetone is lost.");
    find("[data-screen]").focus();
  }

  #useSwitch() {
    const box = find("[data-keys-off]");
    const show = () => {
      box.checked = keysAreOff();
      find("[data-view-only]").hidden = !box.checked;
      find("[data-wheel]").classList.toggle("view-only", box.checked);
    };
    box.closest("label").hidden = false;
    box.addEventListener("change", () => {
      sessionStorage.setItem(OFF, box.checked ? "yes" : "no");
      show();
      this.#say(box.checked ? "View only: your keys are not sent." : "Your keys are sent again.");
    });
    show();
  }
}

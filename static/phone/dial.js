// Dialling a whole number, with the last ones kept in this browser only.

import { element, find, post } from "./page.js";
import { askEmergency } from "./question.js";
import { clearTrouble, tellTrouble } from "./trouble.js";

const KEPT = "sidetone:dialled";
const MOST = 10;

function dialled() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(kept) ? kept.filter((number) => typeof number === "string").slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export class Dial {
  #form = find("[data-dial-form]");
  #off;
  #busy = false;

  // off() says whether keys are switched off.
  constructor(off) {
    this.#off = off;
    if (!this.#form) return;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      // A double click is one call.
      if (this.#busy) return;
      this.#busy = true;
      this.#dial(this.#number.value).finally(() => (this.#busy = false));
    });
    this.#form.querySelector("[data-forget]").addEventListener("click", () => {
      localStorage.removeItem(KEPT);
      this.#list();
      this.#say("The numbers are forgotten.");
    });
    this.#list();
  }

  // Fills the box and asks to dial; it never dials by itself.
  pasted(text) {
    if (!this.#form) return;
    this.#number.value = text.trim().slice(0, 64);
    this.#form.closest("details")?.setAttribute("open", "");
    this.#form.querySelector("[data-dial]").focus();
    this.#say("Pasted. Nothing is dialled until you press Dial.");
  }

  get #number() {
    return this.#form.elements.namedItem("number");
  }

  #say(text, wrong = false) {
    const place = this.#form.querySelector("[data-dial-status]");
    place.textContent = text;
    place.classList.toggle("error", wrong);
    this.#number.setAttribute("aria-invalid", String(wrong));
  }

  async #dial(number, emergency) {
    if (this.#off()) {
      this.#say("View only: your keys are switched off. Nothing was sent.", true);
      return;
    }
    this.#say("Dialling.");
    let answer;
    try {
      answer = await post("dial", "dial", emergency ? { number, emergency } : { number });
    } catch {
      this.#say("The server did not answer as it should. Look at the screen: it is not known whether the phone dials.", true);
      return;
    }
    if (answer.outcome === "emergency") {
      this.#say("");
      if (await askEmergency(answer.number)) await this.#dial(number, answer.number);
      else this.#say(`${answer.number} was not dialled.`);
      return;
    }
    if (answer.outcome !== "dialled") {
      this.#say(answer.message ?? `${answer.cause_title}. ${answer.next_step ?? ""}`, true);
      if (answer.cause_title) tellTrouble({ ...answer, cause_title: `Dial: ${answer.cause_title}` });
      return;
    }
    clearTrouble();
    this.#say(`The phone was told to dial ${answer.number}.`);
    localStorage.setItem(KEPT, JSON.stringify([answer.number, ...dialled().filter((kept) => kept !== answer.number)].slice(0, MOST)));
    this.#list();
  }

  #list() {
    const numbers = dialled();
    const list = this.#form.querySelector("[data-dialled]");
    const items = numbers.map((number) => {
      const button = element("button", { type: "button", class: "small", text: number });
      button.addEventListener("click", () => {
        this.#number.value = number;
        this.#number.focus();
      });
      return element("li", {}, button);
    });
    list.replaceChildren(...items);
    this.#form.querySelector("[data-history]").hidden = numbers.length === 0;
  }
}

// A question that stops everything else: answered by a button, never by Enter alone.

import { element } from "./page.js";

let open = false;

// True only when the person says so; Escape and the other button say no.
export function ask({ title, text, yes, no }) {
  if (open) return Promise.resolve(false);
  open = true;
  const stay = element("button", { type: "button", text: no });
  const go = element("button", { type: "button", class: "destructive", text: yes });
  const heading = element("h2", { id: "question-title", text: title });
  const dialog = element("dialog", { class: "sheet question", "aria-labelledby": heading.id }, heading, element("p", { text }), element("div", { class: "row" }, stay, go));
  const before = document.activeElement;
  document.body.append(dialog);
  return new Promise((resolve) => {
    go.addEventListener("click", () => dialog.close("yes"));
    stay.addEventListener("click", () => dialog.close("no"));
    dialog.addEventListener("close", () => {
      open = false;
      dialog.remove();
      before?.focus?.();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
    stay.focus();
  });
}

export function askEmergency(number) {
  return ask({
    title: `${number} is an emergency number. Dial it?`,
    text: "The call is made from this phone, and with its address. Nothing has been sent yet.",
    yes: `Dial ${number}`,
    no: "Do not dial",
  });
}

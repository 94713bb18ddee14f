// Words about what went wrong, in the one form they have everywhere.

import { element, find } from "./page.js";

export const NO_LINK = {
  cause_title: "The connection to Sidetone is lost",
  next_step: "It is being made again. Nothing pressed meanwhile reaches the phone.",
};

export function troublePanel(trouble) {
  const box = element("div", { class: trouble.calm ? "trouble calm" : "trouble" });
  box.append(element("p", { class: "title", text: `${trouble.calm ? "" : "⚠ "}${trouble.cause_title ?? ""}` }));
  if (trouble.evidence) box.append(element("p", { class: "evidence", text: trouble.evidence }));
  if (trouble.next_step) box.append(element("p", { text: trouble.next_step }));
  return box;
}

const place = () => find("[data-press-trouble]");

export function tellTrouble(trouble) {
  place()?.replaceChildren(troublePanel(trouble));
}

export function clearTrouble() {
  place()?.replaceChildren();
}

// The keyboard: only while the screen has the focus; Tab and Escape always leave.

import { element, find, page } from "./page.js";
import { labelOf } from "./keys.js";

const frame = find("[data-screen]");
const NAMES = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };

const byShortcut = new Map();
for (const button of page.querySelectorAll("[data-shortcut]")) byShortcut.set(button.dataset.shortcut, button.value);
if (!byShortcut.has("Enter") && byShortcut.has("F1")) byShortcut.set("Enter", byShortcut.get("F1"));

function openHelp() {
  const sheet = find("[data-help-sheet]");
  const rows = [...byShortcut].map(([shortcut, key]) => element("div", {}, element("dt", {}, element("kbd", { text: NAMES[shortcut] ?? shortcut })), element("dd", { text: labelOf(key) })));
  sheet.querySelector("[data-shortcuts]").replaceChildren(...rows);
  sheet.showModal();
}

function onKey(event, press) {
  if (event.key === "Escape") {
    frame.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Tab") return;
  if (event.key === "?") {
    event.preventDefault();
    openHelp();
    return;
  }
  const key = byShortcut.get(event.key);
  if (!key) return;
  event.preventDefault();
  // A finger that rests on a key is one press; only a list is gone through by holding an arrow.
  if (event.repeat && !event.key.startsWith("Arrow")) return;
  press(key, event.timeStamp);
}

// press(key, at) sends a key; paste(text) gets what is pasted onto the screen.
export function useKeyboard(press, paste) {
  if (byShortcut.size === 0) return;
  const sign = find("[data-keyboard-sign]");
  frame.addEventListener("focus", () => (sign.hidden = false));
  frame.addEventListener("blur", () => (sign.hidden = true));
  frame.addEventListener("keydown", (event) => onKey(event, press));
  frame.addEventListener("click", () => frame.focus());
  frame.addEventListener("paste", (event) => {
    event.preventDefault();
    paste(event.clipboardData.getData("text/plain"));
  });
  for (const button of page.querySelectorAll("[data-keyboard]")) {
    button.hidden = false;
    button.addEventListener("click", () => frame.focus());
  }
  for (const button of page.querySelectorAll("[data-help]")) {
    button.hidden = false;
    button.addEventListener("click", openHelp);
  }
}

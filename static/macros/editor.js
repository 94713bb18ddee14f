// The editor of macros: line numbers, the steps beside the text, the way to a mistake, and a text that is never lost.

import { Kept } from "./kept.js";

const WAIT_MS = 350;
const form = document.querySelector("[data-editor]");
const text = form.elements.namedItem("text");
const numbers = form.querySelector("[data-numbers]");
const preview = form.querySelector("[data-preview]");
const where = form.querySelector("[data-where]");
const asWritten = text.value;
let timer = 0;
let asked = null;
let leaving = false;

const lines = () => text.value.split("\n");
const wrong = () => new Set([...preview.querySelectorAll("[data-line]")].map((one) => Number(one.dataset.line)));

// Numbers stand in a column of their own; the text area is as tall as its text, so that both scroll as one.
function count() {
  const all = lines();
  const bad = wrong();
  text.rows = all.length + 4;
  numbers.replaceChildren(
    ...all.map((_, index) => {
      const number = document.createElement("span");
      number.textContent = String(index + 1);
      if (bad.has(index + 1)) number.className = "bad";
      return number;
    }),
  );
}

function place() {
  const before = text.value.slice(0, text.selectionStart).split("\n");
  return { line: before.length, column: before.at(-1).length + 1 };
}

function tellPlace() {
  const { line, column } = place();
  where.textContent = `Line ${line}, column ${column}.`;
  for (const step of preview.querySelectorAll("[data-at]")) step.classList.toggle("here", Number(step.dataset.at) === line);
}

// Columns count characters; a text area counts UTF-16 units.
function jump(line, column) {
  const all = lines();
  const start = all.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const into = [...(all[line - 1] ?? "")].slice(0, column - 1).join("").length;
  text.focus();
  text.setSelectionRange(start + into, start + (all[line - 1] ?? "").length);
  const height = parseFloat(getComputedStyle(text).lineHeight);
  const top = text.getBoundingClientRect().top + scrollY + (line - 1) * height;
  if (top < scrollY + 80 || top > scrollY + innerHeight - 80) scrollTo({ top: top - innerHeight / 3 });
  tellPlace();
}

async function show() {
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await fetch("/macros/preview", {
      method: "POST",
      headers: { "X-CSRF-Token": form.elements.namedItem("csrf").value },
      body: new URLSearchParams({ text: text.value }),
      signal: asked.signal,
      credentials: "same-origin",
    });
    if (answer.redirected || !answer.ok) throw new Error(`answer ${answer.status}`);
    preview.innerHTML = await answer.text();
    preview.classList.remove("old");
    text.toggleAttribute("aria-invalid", preview.querySelector(".mistakes") !== null);
  } catch (error) {
    if (error.name === "AbortError") return;
    const said = preview.querySelector("[data-said] span");
    if (said) said.textContent = "The preview is not of this text: the server did not answer. Your text is kept in this browser.";
  }
  count();
  tellPlace();
}

const kept = new Kept(`sidetone:macro:${form.getAttribute("action")}`, form, {
  base: form.elements.namedItem("base_version").value,
  asWritten,
  use(old) {
    text.value = old;
    changed();
    text.focus();
  },
});

function changed() {
  count();
  preview.classList.add("old");
  clearTimeout(timer);
  timer = setTimeout(show, WAIT_MS);
  kept.keep(text.value);
}

// A new line begins as far in as the one before.
function indent(event) {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const line = text.value.slice(0, text.selectionStart).split("\n").at(-1);
  const blanks = /^[ \t]*/.exec(line)[0];
  if (!blanks) return;
  event.preventDefault();
  document.execCommand("insertText", false, `\n${blanks}`);
}

text.addEventListener("input", changed);
text.addEventListener("keydown", indent);
for (const name of ["keyup", "click", "focus"]) text.addEventListener(name, tellPlace);
preview.addEventListener("click", (event) => {
  const mistake = event.target.closest("[data-line]");
  if (!mistake) return;
  event.preventDefault();
  jump(Number(mistake.dataset.line), Number(mistake.dataset.column));
});
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[value=save]"));
});
form.querySelector("[data-check]").addEventListener("click", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  show();
});
form.addEventListener("submit", () => {
  leaving = true;
  kept.keep(text.value);
});
addEventListener("pageshow", () => {
  leaving = false;
});
addEventListener("beforeunload", (event) => {
  if (!leaving && text.value !== asWritten) event.preventDefault();
});

for (const part of form.querySelectorAll("[data-scripted]")) part.hidden = false;
form.classList.add("with-numbers");
count();
tellPlace();
const first = preview.querySelector(".mistake");
if (first) jump(Number(first.dataset.line), Number(first.dataset.column));

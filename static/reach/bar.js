// The forms below a phone answer in place: the live picture goes on.

import { countLetters } from "./counters.js";

const bar = document.querySelector("[data-reach-bar]");

function say(target, words) {
  const line = document.createElement("p");
  line.className = "notice failed";
  line.textContent = words;
  target.replaceChildren(line);
}

async function send(form, submitter) {
  // Disabled for who uses it, but not for the browser: that would take the focus away.
  if (submitter.ariaDisabled) return;
  const said = form.querySelector("[data-said]");
  const label = submitter.lastChild;
  const words = label.textContent;
  submitter.ariaDisabled = "true";
  if (submitter.dataset.wait) label.textContent = submitter.dataset.wait;
  said.replaceChildren();
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", headers: { "X-Fragment": "said" }, body, credentials: "same-origin" });
    if (answer.redirected) return location.reload();
    if (!answer.ok) return say(said, "That was not done. Reload the page and try again.");
    // Made by our own server of escaped text.
    said.innerHTML = await answer.text();
  } catch {
    say(said, "The server does not answer. Whether it was done is not known.");
  } finally {
    submitter.ariaDisabled = null;
    label.textContent = words;
  }
}

for (const field of bar.querySelectorAll("[data-most]")) countLetters(field);
bar.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target, event.submitter);
});

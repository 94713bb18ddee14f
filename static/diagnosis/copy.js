// Copies of the report and of values. Where a page is not served securely a browser has no clipboard: then the buttons stay away.

function say(button, text) {
  const place = button.closest("[data-ticket]")?.querySelector("[data-copied]") ?? button.parentElement.querySelector("[data-copied]");
  if (place) place.textContent = text;
}

async function textOf(button) {
  const { copyReport, copyLink, copyValue } = button.dataset;
  if (copyLink) return new URL(copyLink, location.href).href;
  if (copyValue) return document.getElementById(copyValue).textContent;
  const answer = await fetch(copyReport, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) throw new Error(`status ${answer.status}`);
  return answer.text();
}

async function copy(event) {
  const button = event.target.closest("[data-copy-report], [data-copy-link], [data-copy-value]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(await textOf(button));
    say(button, button.dataset.done ?? "Copied.");
  } catch {
    say(button, "It could not be copied. Save it as HTML instead, or mark the text by hand.");
  }
}

function show(root) {
  for (const part of root.querySelectorAll("[data-copies], [data-copy-value]")) part.hidden = false;
}

// What is sent to somebody else needs the whole address.
function nameWhole(root) {
  for (const link of root.querySelectorAll("a[data-absolute]")) link.textContent = link.href;
}

export function copyFrom(root) {
  nameWhole(root);
  if (!navigator.clipboard) return;
  show(root);
  root.addEventListener("click", copy);
  root.addEventListener("diagnosis", () => show(root));
}

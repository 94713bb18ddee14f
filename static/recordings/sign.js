// The sign on a phone's page that says who records it, as people begin and end.

const sign = document.querySelector("[data-recording-sign]");

function recordedBy(name) {
  const word = document.createElement("span");
  word.className = "recording-by";
  const dot = document.createElement("span");
  dot.className = "recording-dot";
  dot.setAttribute("aria-hidden", "true");
  word.append(dot, `${name} records`);
  return word;
}

document.addEventListener("live", ({ detail }) => {
  if (detail.event !== "viewers") return;
  const names = detail.viewers.filter((viewer) => viewer.recording).map((viewer) => viewer.user);
  const shown = [...sign.children].map((word) => word.textContent);
  if (names.map((name) => `${name} records`).join("\n") === shown.join("\n")) return;
  sign.replaceChildren(...names.map(recordedBy));
});

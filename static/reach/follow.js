// An announcement while it is played: its state as it goes.

const PATIENCE_MS = 2_000;

export function follow(part) {
  const source = new EventSource(`/announcements/${part.dataset.announcement}/events`);
  const aloud = document.querySelector("[data-aloud]");
  source.addEventListener("state", (event) => {
    const next = document.createElement("template");
    next.innerHTML = event.data;
    const state = next.content.firstElementChild;
    const old = part.querySelector("[data-state]");
    const focused = old.contains(document.activeElement) ? document.activeElement.id || "h-state" : "";
    old.replaceWith(state);
    if (focused) (document.getElementById(focused) ?? document.getElementById("h-state")).focus({ preventScroll: true });
    if (aloud.textContent !== state.dataset.word) aloud.textContent = state.dataset.word;
  });
  source.addEventListener("done", () => source.close());
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), PATIENCE_MS);
  });
  addEventListener("pagehide", () => source.close(), { once: true });
}

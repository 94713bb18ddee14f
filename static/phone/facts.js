// What the phone tells of itself comes a moment after the page.

import { find } from "./page.js";

const FACTS_AFTER_MS = [700, 2000, 5000];

export async function fetchFacts() {
  const card = find("[data-facts-pending]");
  if (!card) return;
  for (const wait of FACTS_AFTER_MS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const answer = await fetch(location.pathname, { headers: { "X-Fragment": "facts" } });
    // Somebody may be on the button; it must not be taken from under them.
    if (!answer.ok || answer.redirected || card.contains(document.activeElement)) return;
    card.innerHTML = await answer.text();
  }
}

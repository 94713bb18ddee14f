// The wall: many phones side by side, keyboard and selection, one key for those selected. The protocol is in docs/live.md.

import { Live } from "./live.js";
import { display } from "./wall/display.js";
import { keyBar } from "./wall/keys.js";
import { large } from "./wall/large.js";
import { selection } from "./wall/selection.js";
import { Tile } from "./wall/tile.js";
import { grid } from "./wall/grid.js";
import { inView } from "./wall/view.js";

const ATTEND_AFTER_MS = 120;
const SUM_EVERY_MS = 1_000;

const wall = document.querySelector("[data-wall]");
const find = (selector) => wall.querySelector(selector);

function start() {
  const frame = find("[data-grid]");
  const causes = new Map([...wall.querySelectorAll("[data-cause]")].map((item) => [item.dataset.cause, item.textContent]));
  const tiles = [...frame.querySelectorAll("[data-phone]")].map((element) => new Tile(element, causes));
  const byPhone = new Map(tiles.map((tile) => [tile.id, tile]));
  let paused = false;
  let attending = 0;

  const live = new Live({
    opened: () => {
      wall.classList.remove("unlinked");
      find("[data-link]").hidden = true;
      for (const tile of tiles) tile.relinked();
    },
    signedOut: () => location.reload(),
    broken: () => keys?.doubt(),
    closed: () => {
      wall.classList.add("unlinked");
      find("[data-link]").hidden = false;
      sum();
    },
    picture: (header, blob) => {
      const tile = byPhone.get(header.phone);
      if (!tile || paused) return;
      tile.draw(header, blob).then(() => one.drawn(tile), () => {});
    },
    phone: (event) => {
      const tile = byPhone.get(event.phone);
      if (!tile || paused) return;
      tile.told(event);
      one.told(tile);
    },
    driver: (event) => {
      const tile = byPhone.get(event.phone);
      tile?.driven(event);
      if (tile) one.told(tile);
    },
    press: (event) => keys?.settle(event),
  });

  // Only what is in view is looked at, and the one that is large before all others.
  function attend() {
    clearTimeout(attending);
    attending = 0;
    const near = tiles.filter((tile) => tile === one.tile && tile.hasPictures && !paused);
    const seen = tiles.filter((tile) => tile !== one.tile && tile.hasPictures && tile.inView && !paused);
    for (const tile of tiles) tile.attended(near.includes(tile) || seen.includes(tile));
    live.look(near.map((tile) => tile.id), seen.map((tile) => tile.id));
  }
  function attendSoon() {
    attending ||= setTimeout(attend, ATTEND_AFTER_MS);
  }

  function sum() {
    const counts = new Map();
    for (const tile of tiles) {
      const word = tile.countedAs(paused, wall.classList.contains("unlinked"));
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    const words = ["live", "slow", "stale", "lost", "connecting", "without picture", "out of view", "paused", "not updated"];
    const told = words.filter((word) => counts.has(word)).map((word) => `${counts.get(word)} ${word}`);
    const text = [tiles.length === 1 ? "1 phone" : `${tiles.length} phones`, ...told].join(", ");
    const place = find("[data-summary]");
    if (place.textContent !== text) place.textContent = text;
    find("[data-pace]").hidden = !tiles.some((tile) => tile.pacedByBudget);
  }

  const one = large(find("[data-large]"), tiles, attend);
  const chosen = wall.hasAttribute("data-press") ? selection(wall, tiles) : null;
  const keys = chosen && keyBar(wall, chosen, byPhone, live);
  const cells = grid(frame, tiles, { open: (tile) => one.open(tile), chosen });
  const big = display(wall, tiles);
  chosen?.onChange(() => cells.refresh());
  inView(tiles, attendSoon);

  find("[data-pause]").addEventListener("click", ({ currentTarget: button }) => {
    paused = !paused;
    button.setAttribute("aria-pressed", String(paused));
    button.querySelector("span").textContent = paused ? "Resume" : "Pause";
    for (const tile of tiles) tile.pause(paused);
    attend();
    sum();
  });

  for (const link of wall.querySelectorAll("[data-to-size]")) {
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      wall.dataset.size = link.dataset.toSize;
      for (const other of wall.querySelectorAll("[data-to-size]")) other.toggleAttribute("aria-current", false);
      link.setAttribute("aria-current", "true");
      for (const field of wall.querySelectorAll("[data-size-field]")) field.value = link.dataset.toSize;
      history.replaceState(null, "", link.href);
      big.sized();
    });
  }

  setInterval(() => {
    for (const tile of tiles) tile.tellAge();
    one.tellAge();
    sum();
  }, SUM_EVERY_MS);
}

if (find("[data-grid]")) start();
// A menu closes when one goes elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of wall.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
wall.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest(".menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// The tiles as one grid: a single stop of the Tab key, arrows between tiles, Enter and click enlarge, Space selects.

export function grid(frame, tiles, { open, chosen }) {
  const elements = tiles.map((tile) => tile.element);
  const row = frame.querySelector("[data-tiles]");
  frame.setAttribute("role", "grid");
  frame.setAttribute("aria-label", chosen ? "Phones: arrows move, Enter enlarges, Space selects" : "Phones: arrows move, Enter enlarges");
  if (chosen) frame.setAttribute("aria-multiselectable", "true");
  row.setAttribute("role", "row");
  for (const tile of tiles) {
    tile.element.setAttribute("role", "gridcell");
    tile.element.tabIndex = -1;
    tile.element.querySelector(".tile-title").tabIndex = -1;
  }
  elements[0].tabIndex = 0;
  let current = 0;

  function go(index, { focus = true } = {}) {
    const next = Math.min(Math.max(index, 0), elements.length - 1);
    elements[current].tabIndex = -1;
    current = next;
    elements[current].tabIndex = 0;
    if (!focus) return;
    elements[current].focus();
    elements[current].scrollIntoView({ block: "nearest" });
  }

  function columns() {
    const top = elements[0].offsetTop;
    const second = elements.findIndex((element) => element.offsetTop > top);
    return second === -1 ? elements.length : second;
  }

  function step(key) {
    const across = columns();
    const perPage = across * Math.max(1, Math.floor(innerHeight / (elements[0].offsetHeight || innerHeight)));
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across, PageDown: perPage, PageUp: -perPage };
    if (key === "Home") return 0;
    if (key === "End") return elements.length - 1;
    if (!(key in steps)) return null;
    const next = current + steps[key];
    // Up from the first row and down from the last stay where they are.
    if (key.startsWith("Arrow") && (next < 0 || next >= elements.length)) {
      return key === "ArrowDown" && Math.floor(current / across) < Math.floor((elements.length - 1) / across) ? elements.length - 1 : current;
    }
    return next;
  }

  frame.addEventListener("keydown", (event) => {
    if (event.altKey) return;
    const tile = tiles[current];
    const next = event.ctrlKey || event.metaKey ? null : step(event.key);
    if (next !== null) {
      go(next);
      if (event.shiftKey) chosen?.range(tiles[current]);
    } else if (event.key === "Enter") {
      open(tile);
    } else if (event.key === " " && chosen) {
      if (event.shiftKey) chosen.range(tile);
      else chosen.toggle(tile);
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey) && chosen) {
      chosen.all();
    } else if (event.key === "Escape" && chosen?.size) {
      chosen.clear();
    } else {
      return;
    }
    event.preventDefault();
  });

  frame.addEventListener("click", (event) => {
    const index = elements.indexOf(event.target.closest("[data-phone]"));
    if (index === -1 || event.button !== 0) return;
    const adds = event.ctrlKey || event.metaKey;
    // Who selects nothing keeps the browser's own meaning of these clicks on the link.
    if (!chosen && (adds || event.shiftKey)) return;
    event.preventDefault();
    go(index);
    if (event.shiftKey) chosen.range(tiles[index]);
    else if (adds || chosen?.mode) chosen.toggle(tiles[index]);
    else open(tiles[index]);
  });
  // The focus also comes back from the large view, to another tile than it left.
  frame.addEventListener("focusin", (event) => {
    const index = elements.indexOf(event.target.closest("[data-phone]"));
    if (index !== -1 && index !== current) go(index, { focus: false });
  });
  // A range marks tiles, not their words.
  frame.addEventListener("mousedown", (event) => {
    if (event.shiftKey && chosen) event.preventDefault();
  });

  function refresh() {
    for (const tile of tiles) tile.element.setAttribute("aria-selected", String(chosen.has(tile)));
  }
  if (chosen) refresh();
  return { refresh };
}

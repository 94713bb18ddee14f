// Which tiles are selected.

export function selection(wall, tiles) {
  const selected = new Set();
  const listeners = [];
  let anchor = null;
  let mode = false;

  const button = wall.querySelector("[data-select-mode]");
  button.addEventListener("click", () => setMode(!mode));

  function setMode(on) {
    mode = on;
    button.setAttribute("aria-pressed", String(on));
    wall.classList.toggle("selecting", on);
    tell();
  }

  function tell() {
    for (const listener of listeners) listener();
  }

  return {
    get size() {
      return selected.size;
    },
    get mode() {
      return mode;
    },
    // In the order of the wall.
    get tiles() {
      return tiles.filter((tile) => selected.has(tile));
    },
    has: (tile) => selected.has(tile),
    onChange: (listener) => listeners.push(listener),
    toggle(tile) {
      if (!selected.delete(tile)) selected.add(tile);
      anchor = tile;
      tell();
    },
    range(tile) {
      const [from, to] = [tiles.indexOf(anchor ?? tile), tiles.indexOf(tile)].sort((one, other) => one - other);
      for (const between of tiles.slice(from, to + 1)) selected.add(between);
      anchor ??= tile;
      tell();
    },
    // All that have keys: one that has none would leave no key for the others.
    all() {
      for (const tile of tiles) if (tile.hasKeys) selected.add(tile);
      tell();
    },
    clear() {
      selected.clear();
      anchor = null;
      setMode(false);
    },
  };
}

// A big display: only tiles and words, all of them at once.

const STILL_AFTER_MS = 2_500;

// The number of columns that makes the pictures largest.
function best(count, width, height, gap, words) {
  let found = { columns: 1, scale: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const across = (width - gap * (columns - 1)) / columns;
    const down = (height - gap * (rows - 1)) / rows - words;
    const scale = Math.min(across / 5, down / 3);
    if (scale > found.scale) found = { columns, rows, scale };
  }
  return { columns: found.columns, rows: found.rows ?? count };
}

export function display(wall, tiles) {
  const box = wall.querySelector("[data-tiles]");
  let still = 0;

  const isOn = () => wall.hasAttribute("data-display");

  function arrange() {
    box.classList.toggle("fitted", isOn());
    if (!isOn()) return;
    const room = innerHeight - box.getBoundingClientRect().top - scrollY - 8;
    const words = tiles[0].element.querySelector(".tile-label").offsetHeight;
    const { columns, rows } = best(tiles.length, box.clientWidth, room, parseFloat(getComputedStyle(box).rowGap) || 0, words);
    box.style.setProperty("--columns", columns);
    box.style.setProperty("--rows", rows);
    box.style.setProperty("--room", `${room}px`);
  }

  function address(on) {
    const url = new URL(location.href);
    if (on) url.searchParams.set("display", "1");
    else url.searchParams.delete("display");
    return `${url.pathname}?${url.searchParams.toString().replaceAll("%2C", ",")}`;
  }

  function turn(on) {
    if (on === isOn()) return;
    wall.toggleAttribute("data-display", on);
    history.replaceState(null, "", address(on));
    arrange();
    if (on) stir();
    else wall.querySelector("[data-to-display]").focus();
  }

  function stir() {
    wall.classList.add("stirred");
    clearTimeout(still);
    still = setTimeout(() => wall.classList.remove("stirred"), STILL_AFTER_MS);
  }

  wall.querySelector("[data-to-display]").addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    turn(true);
    document.documentElement.requestFullscreen?.().catch(() => {});
  });
  wall.querySelector("[data-from-display]").addEventListener("click", (event) => {
    event.preventDefault();
    if (document.fullscreenElement) document.exitFullscreen();
    turn(false);
  });
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement) turn(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOn() && !document.fullscreenElement && !event.target.closest("dialog")) turn(false);
  });
  addEventListener("pointermove", () => isOn() && stir());
  addEventListener("resize", arrange);
  arrange();
  return { sized: arrange };
}

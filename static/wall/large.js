// One phone, large: a dialog above the wall that follows its tile.

import { paint } from "./tile.js";

export function large(dialog, tiles, attend) {
  const find = (name) => dialog.querySelector(`[data-large-${name}]`);
  const canvas = dialog.querySelector("canvas");
  const stage = dialog.querySelector(".large-stage");
  const self = { tile: null, open, drawn, told, tellAge };

  function fitted() {
    if (self.tile?.bitmap && stage.clientWidth > 0) {
      paint(canvas, self.tile.bitmap, { width: stage.clientWidth, height: stage.clientHeight });
    }
  }

  function open(tile) {
    self.tile = tile;
    find("title").textContent = tile.title;
    find("sub").textContent = subtitle(tile);
    find("link").href = tile.element.querySelector(".tile-title").href;
    if (find("diagnosis")) find("diagnosis").href = `/phones/${tile.id}/diagnosis`;
    canvas.setAttribute("aria-label", `Screen of ${tile.name}`);
    canvas.hidden = true;
    if (!dialog.open) dialog.showModal();
    drawn(tile);
    told(tile);
    attend();
  }

  function subtitle(tile) {
    const parts = [...tile.element.querySelectorAll(".tile-number, .tile-sub > span")];
    return parts.map((part) => part.textContent).filter(Boolean).join(" · ");
  }

  function drawn(tile) {
    if (tile !== self.tile || !tile.bitmap) return;
    canvas.hidden = false;
    fitted();
    tellAge();
  }

  function told(tile) {
    if (tile !== self.tile) return;
    dialog.dataset.state = tile.state;
    const word = tile.element.querySelector("[data-word]");
    find("word").className = word.className;
    if (find("word").textContent !== word.textContent) find("word").textContent = word.textContent;
    const pace = tile.pacedByBudget ? "The picture budget of the cluster sets the pace." : "";
    find("foot").textContent = [tile.driver, pace].filter(Boolean).join(". ");
    const show = tile.hasPictures ? tile.trouble && (tile.state === "lost" || canvas.hidden) : true;
    find("why").hidden = !show;
    if (find("diagnosis")) find("diagnosis").hidden = !tile.trouble;
    if (show) find("why").replaceChildren(reason(tile));
    tellAge();
  }

  function reason(tile) {
    const box = document.createElement("div");
    box.className = tile.hasPictures ? "trouble" : "trouble calm";
    const lines = tile.trouble
      ? [["title", `⚠ ${tile.trouble.cause_title ?? "No picture now"}`], ["evidence", tile.trouble.evidence], ["", tile.trouble.next_step]]
      : [["title", tile.element.querySelector("[data-why]").textContent], ["", "This model gives no picture of its screen."]];
    for (const [name, text] of lines) {
      if (!text) continue;
      const line = document.createElement("p");
      line.className = name;
      line.textContent = text;
      box.append(line);
    }
    return box;
  }

  function tellAge() {
    if (!self.tile) return;
    const text = self.tile.ageText;
    if (find("age").textContent !== text) find("age").textContent = text;
  }

  function step(by) {
    const index = tiles.indexOf(self.tile) + by;
    if (tiles[index]) open(tiles[index]);
  }

  for (const button of dialog.querySelectorAll("[data-large-step]")) {
    button.addEventListener("click", () => step(Number(button.dataset.largeStep)));
  }
  find("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    else if (event.key === "ArrowRight") step(1);
  });
  // A click beside the dialog closes it.
  dialog.addEventListener("click", (event) => {
    if (event.target !== dialog) return;
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    if (event.clientX < left || event.clientX > right || event.clientY < top || event.clientY > bottom) dialog.close();
  });
  dialog.addEventListener("close", () => {
    const { element } = self.tile;
    self.tile = null;
    canvas.hidden = true;
    element.focus();
    attend();
  });
  new ResizeObserver(fitted).observe(stage);
  return self;
}

// Which tiles are in view, and how large their frames are: one observer for all.

export function inView(tiles, changed) {
  const byElement = new Map(tiles.map((tile) => [tile.element, tile]));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) byElement.get(entry.target).inView = entry.isIntersecting;
    changed();
  });
  const byStage = new Map(tiles.map((tile) => [tile.element.querySelector(".stage"), tile]));
  const measured = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) byStage.get(target).fit(contentRect);
  });
  for (const element of byElement.keys()) seen.observe(element);
  for (const stage of byStage.keys()) measured.observe(stage);
}

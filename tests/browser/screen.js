// The live picture of a phone page.

// What the canvas shows, as text to compare.
export function picture(page) {
  return page.locator("canvas.shot").evaluate((canvas) => canvas.toDataURL());
}

// Waits for the first picture: drawn, and more than one colour.
export async function shown(page) {
  await page.waitForFunction(() => {
    const canvas = document.querySelector("canvas.shot");
    if (canvas.hidden) return false;
    const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return pixels.some((pixel) => pixel !== pixels[0]);
  });
  return picture(page);
}

// Waits for a picture other than `before`.
export async function changed(page, before) {
  await page.waitForFunction((old) => document.querySelector("canvas.shot").toDataURL() !== old, before);
  return picture(page);
}

export function state(page, word) {
  return page.locator("[data-live-state]", { hasText: word }).waitFor();
}

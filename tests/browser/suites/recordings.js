import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { changed, shown } from "../screen.js";
import { violations } from "./accessibility.js";
import { as, phoneFound } from "../world.js";

const key = (page, name) => page.locator(`button.key[value="${name}"], [data-key="${name}"]`).first();

// Records an 8865 while Settings is pressed on it, and ends on the player's page.
async function record(page) {
  await page.goto(await phoneFound(page, "model:8865"));
  const idle = await shown(page);
  await page.locator(".record > summary").click();
  await page.getByText("Keys show digits").waitFor();
  await page.getByRole("button", { name: "Start recording" }).click();
  await page.getByText("helpdesk records").waitFor();
  await shown(page);
  await key(page, "Settings").click();
  await changed(page, idle);
}

test("a recording is made, seen by others, played, searched and exported", async () => {
  const { page, close } = await as("helpdesk");
  const other = await as("supervisor");
  await other.page.goto(await phoneFound(other.page, "model:8865"));
  await record(page);
  await other.page.getByText("helpdesk records").waitFor();
  await page.getByRole("button", { name: "Stop recording" }).click();
  await page.waitForURL("**/recordings/*");
  await other.page.getByText("helpdesk records").waitFor({ state: "detached" });
  await other.close();

  await page.locator("[data-tools]").waitFor();
  const picture = page.locator("[data-picture]");
  const first = await picture.getAttribute("src");
  const press = page.locator(".step-list li", { hasText: "pressed Settings" });
  await page.keyboard.press("ArrowRight");
  await press.locator("a[aria-current=step]").waitFor();
  assert.equal(await picture.getAttribute("src"), first, "the picture before the press");
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction((src) => document.querySelector("[data-picture]").getAttribute("src") !== src, first);
  await page.keyboard.press("Home");
  await page.getByLabel("Speed").selectOption("8");
  await page.locator("#player").click({ position: { x: 200, y: 6 } });
  await page.keyboard.press(" ");
  await page.locator("[data-play-word]", { hasText: "Pause" }).waitFor({ state: "attached" });
  await page.locator("[data-play-word]", { hasText: "Play" }).waitFor({ state: "attached" });
  assert.notEqual(await picture.getAttribute("src"), first, "it has played to its end");

  await page.getByLabel("Search keys and people").fill("sett");
  assert.equal(await page.locator(".step-list li:visible").count(), 1);
  await page.getByLabel("Search keys and people").fill("nobody");
  await page.getByText("No key and no person fits").waitFor();
  await page.getByLabel("Search keys and people").fill("helpdesk");
  await press.locator("a").click();
  await page.locator("[data-caption]", { hasText: "helpdesk pressed Settings" }).waitFor();
  assert.deepEqual(await violations(page), []);

  await page.getByRole("link", { name: "Export" }).click();
  const frame = page.locator("[data-mask-frame]");
  await frame.scrollIntoViewIfNeeded();
  const box = await frame.boundingBox();
  await page.mouse.move(box.x + 40, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + 160, box.y + 100, { steps: 4 });
  await page.mouse.up();
  assert.equal(await page.locator("[data-mask-rows] li").count(), 1);
  assert.ok(Number(await page.locator("[name=width]").inputValue()) >= 100);
  await page.getByRole("button", { name: "Add a region" }).click();
  for (const [name, value] of [["x", "1"], ["y", "2"], ["width", "30"], ["height", "40"]]) {
    await page.locator(`[name=${name}]`).nth(1).fill(value);
  }
  assert.equal(await page.locator("[data-mask-layer] rect").count(), 2);
  assert.deepEqual(await violations(page), []);
  for (const [choice, ending] of [["A page with numbered steps", ".html"], ["An archive of pictures", ".zip"]]) {
    await page.getByText(choice).click();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export", exact: true }).click();
    const file = await download;
    assert.ok(file.suggestedFilename().endsWith(ending), file.suggestedFilename());
    assert.ok((await readFile(await file.path())).length > 1000);
    await page.waitForFunction(() => !document.querySelector("[data-export]").dataset.sent);
  }
  await close();
});

test("the list shows recordings, and the player works without script", async () => {
  const { page, close } = await as("helpdesk");
  await page.goto("/recordings");
  const row = page.locator(".recordings tbody tr").first();
  await row.waitFor();
  assert.deepEqual(await violations(page), []);
  const address = await row.locator("a").first().getAttribute("href");
  await close();
  const plain = await as("helpdesk", { javaScriptEnabled: false });
  await plain.page.goto(address);
  await plain.page.locator(".step-list li", { hasText: "pressed Settings" }).locator("a").click();
  assert.match(plain.page.url(), /step=\d+#player$/);
  assert.ok((await plain.page.locator(".step-list img").count()) >= 2);
  await plain.close();
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, signIn, world } from "../world.js";

test("without script one signs in, searches, sees the screen and presses", async () => {
  const { page, close } = await open({ javaScriptEnabled: false });
  await signIn(page, "helpdesk", world.passwords.helpdesk);
  await page.getByLabel("Search phones").fill("model:8865");
  await page.getByRole("button", { name: "Search" }).click();
  await page.waitForURL(/q=model/);
  const found = await page.locator(".c-model").allTextContents();
  assert.deepEqual([...new Set(found)], ["Model", "8865"]);
  await page.locator("table.phones tbody th a").first().click();
  await page.waitForURL(/\/phones\/\d+$/);

  const picture = page.locator("img.shot");
  await picture.waitFor();
  const source = await picture.getAttribute("src");
  const bytes = async () => Buffer.from(await (await page.request.get(source)).body()).toString("base64");
  const before = await bytes();
  assert.ok(before.length > 1000);

  await page.locator('button.key[value="Settings"]').click();
  await page.waitForURL(/\/phones\/\d+$/);
  await page.locator(".chip.sent", { hasText: "Settings" }).waitFor();
  assert.notEqual(await bytes(), before);
  await close();
});

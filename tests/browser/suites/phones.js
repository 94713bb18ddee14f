import assert from "node:assert/strict";
import { test } from "node:test";
import { as } from "../world.js";

const rows = (page) => page.locator("table.phones tbody tr");

test("the list follows what one types, without loading the page again", async () => {
  const { page, close } = await as("helpdesk");
  await page.goto("/phones");
  assert.equal(await rows(page).count(), 30);
  assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  await page.evaluate(() => (window.stillHere = true));

  await page.keyboard.type("model:8845");
  await page.waitForURL(/\?q=model%3A8845$/);
  assert.equal(await rows(page).count(), 2);
  assert.deepEqual(await page.locator(".c-model").allTextContents(), ["Model", "8845", "8845"]);
  assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  assert.equal(await page.getByLabel("Search phones").inputValue(), "model:8845");

  await page.getByLabel("Search phones").fill("no such phone");
  await page.getByRole("heading", { name: "No phone fits" }).waitFor();
  await page.getByRole("link", { name: "Show all phones" }).click();
  await page.getByText("30 phones").waitFor();
  assert.equal(await page.evaluate(() => window.stillHere), true);
  assert.match(page.url(), /\/phones$/);
  await close();
});

test("filters and sorting hold in the address, and Back returns to them", async () => {
  const { page, close } = await as("helpdesk");
  await page.goto("/phones");
  const models = page.locator("select[name=model]");
  await models.selectOption(await models.locator("option", { hasText: "7945" }).getAttribute("value"));
  await page.waitForURL(/model=/);
  await page.getByRole("link", { name: "Address", exact: true }).click();
  await page.waitForURL(/sort=address/);
  const listed = await rows(page).allTextContents();
  assert.ok(listed.length > 0 && listed.length < 30);
  const view = page.url();
  await rows(page).first().getByRole("link").click();
  await page.waitForURL(/\/phones\/\d+$/);
  await page.goBack();
  assert.equal(page.url(), view);
  assert.match(await models.locator("option:checked").textContent(), /7945/);
  await close();
});

test("the slash key goes to the search box", async () => {
  const { page, close } = await as("helpdesk");
  await page.goto("/phones");
  await page.locator("#main").focus();
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  assert.equal(await page.getByLabel("Search phones").inputValue(), "");
  await close();
});

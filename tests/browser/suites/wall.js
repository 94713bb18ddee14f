import assert from "node:assert/strict";
import { test } from "node:test";
import { shown } from "../screen.js";
import { NARROW, WIDE, ownDemo } from "../world.js";
import { violations } from "./accessibility.js";

const TILES = 40;
// A house large enough for a wall; every test has its own browser session, for a phone is driven by one person.
const visitAs = ownDemo(60);
let choice;

async function wallAs(role, options = {}) {
  const visit = await visitAs(role, options);
  if (!choice) {
    await visit.page.goto("/wall?q=SEP");
    const ids = await visit.page.locator("[data-phone]").evaluateAll((tiles) => tiles.map((tile) => tile.dataset.phone));
    choice = `ids=${ids.slice(0, TILES).join(",")}`;
  }
  return visit;
}

const tile = (page, nth) => page.locator("[data-phone]").nth(nth);
const live = (page) => page.locator('[data-phone][data-state="live"]');
const focused = (page) => page.evaluate(() => [...document.querySelectorAll("[data-phone]")].indexOf(document.activeElement));
const selected = (page) => page.locator('[data-phone][aria-selected="true"]').count();

async function drawn(locator) {
  await locator.locator("canvas:not([hidden])").first().waitFor();
}

test("a wall of forty phones shows pictures, states and their sum, and watches what is in view", async () => {
  const { page, close } = await wallAs("supervisor");
  await page.goto(`/wall?${choice}`);
  assert.equal(await page.locator("[data-phone]").count(), TILES);
  await drawn(live(page));
  await page.locator("[data-summary]", { hasText: /^40 phones, \d+ live/ }).waitFor();
  await page.locator("[data-summary]", { hasText: "out of view" }).waitFor();
  assert.equal(await tile(page, TILES - 1).locator("canvas:not([hidden])").count(), 0);
  await tile(page, TILES - 1).scrollIntoViewIfNeeded();
  await page.waitForFunction(() => document.querySelectorAll("[data-phone]")[39].dataset.state !== "connecting");

  await page.getByRole("link", { name: "Small" }).click();
  assert.match(page.url(), /&size=small$/);
  await page.locator('[data-phone][data-state="lost"] [data-why]', { hasText: "Web access disabled" }).first().waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.locator("[data-summary]", { hasText: "paused" }).waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.locator("[data-summary]", { hasText: "live" }).waitFor();
  await page.reload();
  assert.equal(await page.locator("[data-wall]").getAttribute("data-size"), "small");
  await close();
});

test("the keyboard moves between tiles, enlarges one and comes back to it", async () => {
  const { page, close } = await wallAs("helpdesk");
  await page.goto(`/wall?${choice}`);
  const across = await page.locator("[data-tiles]").evaluate((tiles) => getComputedStyle(tiles).gridTemplateColumns.split(" ").length);
  await tile(page, 0).focus();
  for (const [key, at] of [["ArrowRight", 1], ["ArrowDown", 1 + across], ["ArrowLeft", across], ["ArrowUp", 0], ["ArrowUp", 0], ["End", TILES - 1], ["Home", 0]]) {
    await page.keyboard.press(key);
    assert.equal(await focused(page), at, key);
  }
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), -1, "the wall is one stop");
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(page), 0);

  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await drawn(dialog);
  const title = await dialog.getByRole("heading").textContent();
  assert.equal(title, await tile(page, 0).getAttribute("data-title"));
  await page.keyboard.press("ArrowRight");
  assert.equal(await dialog.getByRole("heading").textContent(), await tile(page, 1).getAttribute("data-title"));
  const link = await dialog.getByRole("link", { name: "Open the phone" }).getAttribute("href");
  assert.ok(link.endsWith(`/phones/${await tile(page, 1).getAttribute("data-phone")}`));
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement === document.querySelectorAll("[data-phone]")[1]);
  assert.equal(await dialog.isVisible(), false);

  await page.keyboard.press("Space");
  await page.keyboard.press("Shift+ArrowRight");
  assert.equal(await selected(page), 2);
  await page.keyboard.press("Escape");
  assert.equal(await selected(page), 0);
  assert.equal(await page.locator("[data-bar]").isVisible(), false);
  await close();
});

test("one key goes to each selected phone, and each tells its own outcome", async () => {
  const driver = await wallAs("admin");
  const { page, close } = await wallAs("helpdesk");
  await page.goto(`/wall?${choice}&size=small`);
  await drawn(live(page));
  const refusing = page.locator('[data-phone][data-state="lost"]', { hasText: "Web access disabled" }).first();
  const lost = page.locator(`[data-phone="${await refusing.getAttribute("data-phone")}"]`);
  const [free, taken] = await live(page).evaluateAll((tiles) => tiles.slice(0, 2).map((tile) => tile.dataset.phone));
  await driver.page.goto(`/phones/${taken}`);
  await shown(driver.page);
  await driver.page.locator('button.key[value="KeyPad1"]').click();
  await page.locator(`[data-phone="${taken}"] [data-driver]`, { hasText: "admin drives" }).waitFor();

  await page.locator(`[data-phone="${free}"]`).click({ modifiers: ["Control"] });
  await page.locator(`[data-phone="${taken}"]`).click({ modifiers: ["Control"] });
  await lost.click({ modifiers: ["Control"] });
  await page.locator("[data-bar-count]", { hasText: "3 phones selected" }).waitFor();
  await page.locator('[data-key="5"]').click();
  await page.locator(`[data-phone="${free}"] .told.sent`, { hasText: /^5 \d+ ms$/ }).waitFor();
  await page.locator(`[data-phone="${taken}"] .told.held`, { hasText: /5 not sent: .*admin/ }).waitFor();
  // Whether the connection is reset before or after the key has left is chance, and told as it was.
  await lost.locator(".told", { hasText: /^5 (failed|not sent): / }).waitFor();
  await page.locator("[data-bar-say]", { hasText: "5: 1 of 3 sent, 2 not" }).waitFor();
  await page.getByRole("button", { name: "Clear" }).click();
  assert.equal(await page.locator(".told:visible").count(), 0);
  await driver.close();
  await close();
});

test("keys that a selected model lacks cannot be pressed and say why; many phones are asked about once", async () => {
  const { page, close } = await wallAs("helpdesk");
  await page.goto(`/wall?${choice}&size=small`);
  await page.getByRole("button", { name: "Select", exact: true }).click();
  const first = (model) => page.locator("[data-phone]", { has: page.locator(`.tile-sub > span:text-is("${model}")`) }).first();
  await first("7960").click();
  await first("8845").click();
  const left = page.locator('[data-key="Left"]');
  assert.equal(await left.getAttribute("aria-disabled"), "true");
  await left.focus();
  await page.locator("[data-bar-say]", { hasText: "7960 has no such key: 1 of 2 selected phones." }).waitFor();
  await page.getByRole("button", { name: "More keys" }).click();
  assert.equal(await page.locator('[data-key="Hold"]').getAttribute("aria-disabled"), "false");

  await page.getByRole("button", { name: "Select all" }).click();
  const question = page.getByRole("dialog", { name: /^Press 5 on \d+ phones\?$/ });
  await page.locator('[data-key="5"]').click();
  await question.getByRole("button", { name: "Cancel" }).click();
  assert.equal(await page.locator(".told:visible").count(), 0);
  await page.locator('[data-key="5"]').click();
  await question.getByRole("button", { name: /^Press it on/ }).click();
  await page.locator("[data-bar-say]", { hasText: /^5: \d+ of \d+ sent, \d+ not$/ }).waitFor({ timeout: 60_000 });
  await page.locator('[data-key="6"]').click();
  assert.equal(await page.getByRole("dialog").count(), 0, "not asked again");
  await page.locator("[data-bar-say]", { hasText: /^6: / }).waitFor();
  await close();
});

test("a saved wall comes back by its name, with what it held", async () => {
  const { page, expect, close } = await wallAs("supervisor");
  expect(/status of 422/);
  await page.goto("/wall?q=model%3A8845&size=large");
  const ids = await page.locator("[data-phone]").evaluateAll((tiles) => tiles.map((tile) => tile.dataset.phone));
  const save = async () => {
    await page.locator("summary", { hasText: "Save" }).last().click();
    await page.getByLabel("Name of this wall").fill("Front desk");
    await page.getByRole("button", { name: "Save", exact: true }).click();
  };
  await save();
  await page.getByRole("heading", { name: "Front desk" }).waitFor();
  await page.goto("/wall");
  await page.getByRole("link", { name: "Front desk" }).click();
  await page.getByRole("heading", { name: "Front desk" }).waitFor();
  assert.equal(await page.locator("[data-wall]").getAttribute("data-size"), "large");
  assert.deepEqual(await page.locator("[data-phone]").evaluateAll((tiles) => tiles.map((tile) => tile.dataset.phone)), ids);

  await page.goto("/wall?q=model%3A7960");
  await save();
  await page.getByText("You have a wall of this name already.").waitFor();
  await page.getByLabel("Replace my wall of this name").check();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("heading", { name: "Front desk" }).waitFor();
  assert.equal(await page.locator(`[data-phone="${ids[0]}"]`).count(), 0);
  await close();
});

test("a supervisor selects nothing and gets no keys", async () => {
  const { page, close } = await wallAs("supervisor");
  await page.goto(`/wall?${choice}`);
  await tile(page, 0).focus();
  await page.keyboard.press("Space");
  assert.equal(await page.locator("[data-bar], [data-key], [data-select-mode], [aria-selected]").count(), 0);
  await tile(page, 0).click();
  await page.getByRole("dialog").waitFor();
  await close();
});

test("a big display shows every tile at once and nothing else", async () => {
  const { page, close } = await wallAs("supervisor", { viewport: { width: 1920, height: 1080 } });
  await page.goto(`/wall?${choice}&display=1`);
  await drawn(live(page));
  assert.equal(await page.locator(".rail, .search-bar, .wall-tools").filter({ visible: true }).count(), 0);
  const bottom = await tile(page, TILES - 1).evaluate((element) => element.getBoundingClientRect().bottom);
  assert.ok(bottom <= 1080, `the last tile ends at ${bottom}`);
  await page.keyboard.press("Escape");
  await page.locator(".rail").waitFor();
  assert.doesNotMatch(page.url(), /display/);
  await close();
});

for (const [word, viewport] of [["wide", WIDE], ["narrow", NARROW]]) {
  test(`nothing moves while the ${word} wall fills`, async () => {
    const { page, context, close } = await wallAs("helpdesk", { viewport });
    await context.addInitScript(() => {
      window.shifts = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.push(entry.value);
      }).observe({ type: "layout-shift", buffered: true });
    });
    for (const size of ["small", "medium", "large"]) {
      await page.goto(`/wall?${choice}&size=${size}`);
      await drawn(live(page));
      const shift = await page.evaluate(() => window.shifts.reduce((sum, value) => sum + value, 0));
      assert.ok(shift <= 0.05, `${size}: layout shift ${shift}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${size}: ${overflow} px too wide`);
    }
    await close();
  });
}

test("axe finds nothing on a wall, with keys, enlarged, and before one chose", async () => {
  const { page, close } = await wallAs("helpdesk");
  const found = {};
  const look = async (what) => {
    const wrong = await violations(page);
    if (wrong.length > 0) found[what] = wrong;
  };
  await page.goto("/wall");
  await look("nothing chosen");
  await page.goto(`/wall?${choice}`);
  await drawn(live(page));
  await look("tiles");
  await tile(page, 0).click({ modifiers: ["Control"] });
  await page.getByRole("button", { name: "More keys" }).click();
  await look("keys");
  await page.getByRole("button", { name: "Clear" }).click();
  await tile(page, 1).click();
  await drawn(page.getByRole("dialog"));
  await look("enlarged");
  await close();
  assert.deepEqual(found, {});
});

test("without script the wall has pictures and links", async () => {
  // The choice is read with script.
  await (await wallAs("supervisor")).close();
  const { page, expect, close } = await wallAs("supervisor", { javaScriptEnabled: false });
  // Some phones of the demo refuse or stay silent.
  expect(/status of (502|504)/);
  await page.goto(`/wall?${choice}`, { waitUntil: "domcontentloaded" });
  assert.equal(await page.locator(".tile img").count(), 24);
  await page.locator("noscript .notice", { hasText: "Without script the first 24 pictures are shown" }).waitFor();
  await tile(page, 0).locator("a").click();
  await page.waitForURL(/\/phones\/\d+$/);
  await close();
});

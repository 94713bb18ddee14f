import assert from "node:assert/strict";
import { test } from "node:test";
import { changed, shown, state } from "../screen.js";
import { NARROW, WIDE, as, phoneFound } from "../world.js";

const chips = (page) => page.locator("[data-chips] .chip");
const key = (page, name) => page.locator(`button.key[value="${name}"]`);

test("a helpdesk person sees the screen, presses keys and sees it change", async () => {
  const { page, close } = await as("helpdesk");
  await page.goto(await phoneFound(page, "model:8845"));
  const idle = await shown(page);
  await state(page, "Live");

  await key(page, "Settings").click();
  const menu = await changed(page, idle);
  await page.locator(".chip.sent", { hasText: "Settings" }).waitFor();
  assert.match(await chips(page).first().textContent(), /^Settings \d+ ms$/);

  await page.getByRole("button", { name: "My keyboard" }).click();
  await page.getByText("Keyboard goes to the phone").waitFor();
  await page.keyboard.press("ArrowDown");
  await changed(page, menu);
  await page.locator(".chip.sent", { hasText: "Down" }).waitFor();
  assert.equal(await page.locator(".chip.failed").count(), 0);
  await close();
});

test("digits typed without waiting arrive in their order", async () => {
  const { page, close } = await as("helpdesk");
  await page.goto(await phoneFound(page, "model:7841"));
  const idle = await shown(page);
  await page.locator("[data-screen]").focus();
  await page.keyboard.type("135*");
  await page.waitForFunction(() => document.querySelectorAll(".chip.sent").length === 4);
  const words = await chips(page).allTextContents();
  assert.deepEqual(words.map((word) => word.split(" ")[0]), ["*", "5", "3", "1"]);
  await changed(page, idle);
  await close();
});

test("Escape and Tab leave the phone's keyboard", async () => {
  const { page, close } = await as("helpdesk");
  await page.goto(await phoneFound(page, "model:9951"));
  await shown(page);
  const sign = page.getByText("Keyboard goes to the phone");
  const screen = page.locator("[data-screen]");
  await page.getByRole("button", { name: "My keyboard" }).click();
  assert.equal(await sign.isVisible(), true);
  await page.keyboard.press("Escape");
  assert.equal(await sign.isVisible(), false);
  await screen.focus();
  assert.equal(await sign.isVisible(), true);
  await page.keyboard.press("Tab");
  assert.equal(await sign.isVisible(), false);
  await page.keyboard.press("5");
  assert.equal(await chips(page).count(), 0);
  await close();
});

test("the picture can be paused", async () => {
  const { page, close } = await as("helpdesk");
  await page.goto(await phoneFound(page, "model:8811"));
  const before = await shown(page);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText(/^paused, .* old$/).waitFor();
  await key(page, "Settings").click();
  await page.locator(".chip.sent").waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await changed(page, before);
  await close();
});

test("facts are read from the phone", async () => {
  const { page, close } = await as("helpdesk");
  await page.goto(await phoneFound(page, "model:7965"));
  await page.getByRole("button", { name: "Read from the phone" }).click();
  await page.locator("#facts dt", { hasText: "Serial" }).first().waitFor();
  await close();
});

test("models without a picture or without control say so", async () => {
  const { page, close } = await as("helpdesk");
  await page.goto(await phoneFound(page, "name:CSF"));
  await page.getByText("This model has no web server to control it by").waitFor();
  assert.equal(await page.locator("button.key").count(), 0);
  await close();
});

for (const [word, viewport] of [["wide", WIDE], ["narrow", NARROW]]) {
  test(`nothing moves while the ${word} page of a phone fills`, async () => {
    const { page, context, close } = await as("helpdesk", { viewport });
    await context.addInitScript(() => {
      window.shifts = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.push(entry.value);
      }).observe({ type: "layout-shift", buffered: true });
    });
    for (const model of ["8845", "7960", "7841"]) {
      await page.goto(await phoneFound(page, `model:${model}`));
      await shown(page);
      const shift = await page.evaluate(() => window.shifts.reduce((sum, value) => sum + value, 0));
      assert.ok(shift <= 0.1, `model ${model}: layout shift ${shift}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `model ${model}: ${overflow} px too wide`);
    }
    await close();
  });
}

test("a wide display shows the whole phone at once, in whole pixels", async () => {
  const { page, close } = await as("helpdesk");
  for (const [model, across] of [["8845", 800], ["7960", 399], ["7841", 792]]) {
    await page.goto(await phoneFound(page, `model:${model}`));
    await shown(page);
    const screen = await page.locator("canvas.shot").boundingBox();
    const pixels = await page.locator("canvas.shot").evaluate((canvas) => canvas.width);
    assert.equal(screen.width % pixels, 0, `${model}: ${screen.width} for ${pixels}`);
    assert.ok(screen.width >= across);
    const last = await page.locator(".faceplate .key").last().boundingBox();
    assert.ok(last.y + last.height <= WIDE.height, `${model}: the keys end at ${last.y + last.height}`);
  }
  await close();
});

// Two browsers at one phone: who drives, who looks on, and how the wheel goes from hand to hand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shown } from "../screen.js";
import { as, ownDemo, phoneFound } from "../world.js";

const key = (page, name) => page.locator(`button.key[value="${name}"]`);
const driver = (page, words) => page.locator("[data-driver]", { hasText: words }).waitFor();
const said = (page, words) => page.locator("[data-wheel-said]", { hasText: words }).waitFor();
const sent = (page, label) => page.locator(".chip.sent:not(.foreign)", { hasText: label }).first().waitFor();

// The same phone in the browser of each role, with its first picture.
async function together(query, ...roles) {
  const browsers = await Promise.all(roles.map((role) => as(role)));
  const path = await phoneFound(browsers[0].page, query);
  for (const { page } of browsers) {
    await page.goto(path);
    await shown(page);
  }
  // An earlier test may have left the wheel to this role for its grace time.
  const { page } = browsers[0];
  await page.locator('[data-wheel="you"], [data-wheel="free"]').waitFor();
  if (await page.locator('[data-wheel="you"]').count()) await page.getByRole("button", { name: "Release" }).click();
  return browsers;
}

const close = (browsers) => Promise.all(browsers.map((browser) => browser.close()));

test("the first key takes the wheel, another takes over, and both see each change", async () => {
  const browsers = await together("model:7941", "helpdesk", "admin");
  const [ana, ben] = browsers.map(({ page }) => page);
  await driver(ana, "Nobody drives");
  await key(ana, "KeyPad4").click();
  await sent(ana, "4");
  await driver(ana, "You drive");
  await driver(ben, "helpdesk drives");
  await said(ben, "helpdesk drives now");
  await ben.locator(".chip.foreign.sent", { hasText: "helpdesk: 4" }).waitFor();

  await key(ben, "KeyPad5").click();
  await ben.locator(".chip.failed", { hasText: "5" }).waitFor();
  await ben.locator("[data-press-trouble]", { hasText: "helpdesk has been driving" }).waitFor();
  await ben.getByRole("button", { name: "Take over" }).click();
  await driver(ben, "You drive");
  await said(ana, "admin has the wheel now");
  await key(ben, "KeyPad6").click();
  await sent(ben, "6");
  await ana.locator(".chip.foreign.sent", { hasText: "admin: 6" }).waitFor();
  assert.equal(await ana.locator(".chip.foreign", { hasText: "admin: 5" }).count(), 0);

  await ben.getByRole("button", { name: "Release" }).click();
  await driver(ana, "Nobody drives");
  await said(ana, "The wheel is free");
  await close(browsers);
});

test("who asks for the wheel is refused or given it by the driver", async () => {
  const browsers = await together("model:7975", "helpdesk", "admin");
  const [ana, ben] = browsers.map(({ page }) => page);
  await ana.getByRole("button", { name: "Take the wheel" }).click();
  await driver(ana, "You drive");
  const bar = ana.locator("[data-request]");
  assert.equal(await bar.isVisible(), false);

  await ben.getByRole("button", { name: "Ask for the wheel" }).click();
  await bar.getByText("admin asks for the wheel").waitFor();
  await ben.getByRole("button", { name: /^Asked \(\d+ s\)$/ }).waitFor();
  await bar.getByRole("button", { name: /^Keep \(\d+ s\)$/ }).click();
  await said(ben, "helpdesk keeps the wheel");
  await said(ana, "You keep the wheel");
  await bar.waitFor({ state: "hidden" });
  await driver(ana, "You drive");

  await ben.getByRole("button", { name: "Ask for the wheel" }).click();
  await bar.getByRole("button", { name: "Give" }).click();
  await driver(ben, "You drive");
  await driver(ana, "admin drives");
  await close(browsers);
});

test("viewers are named with their roles, and a supervisor is offered no wheel", async () => {
  const browsers = await together("model:8865", "helpdesk", "supervisor");
  const [ana, sam] = browsers.map(({ page }) => page);
  await ana.locator("[data-others]", { hasText: "supervisor also looks" }).waitFor();
  await ana.locator(".wheel .menu > summary").first().click();
  const names = ana.locator("[data-viewers] li");
  await names.filter({ hasText: "helpdesk (you)" }).waitFor();
  await names.filter({ hasText: "supervisor" }).waitFor();
  assert.equal(await ana.locator("[data-recording-sign] .recording-by").isVisible(), false);
  for (const name of ["Take the wheel", "Take over", "Ask for the wheel", "Release"]) {
    assert.equal(await sam.getByRole("button", { name }).count(), 0, name);
  }
  await key(ana, "KeyPad1").click();
  await driver(sam, "helpdesk drives");
  await ana.getByRole("button", { name: "Release" }).click();
  await close(browsers);
});

test("with keys switched off nothing reaches the phone, in this tab only", async () => {
  const { page, context, close } = await as("helpdesk");
  const path = await phoneFound(page, "model:7821");
  await page.goto(path);
  await shown(page);
  const off = async (tab) => {
    await tab.locator(".wheel .menu > summary").first().click();
    await tab.getByRole("switch", { name: "Do not send my keys" }).click();
    await tab.keyboard.press("Escape");
  };
  await off(page);
  await page.locator("[data-view-only]").waitFor();
  await key(page, "KeyPad1").click();
  await page.locator(".chip.failed", { hasText: "not sent" }).waitFor();
  await page.locator("[data-screen]").focus();
  await page.keyboard.press("2");
  await page.waitForFunction(() => document.querySelectorAll(".chip.failed").length === 2);
  await page.getByLabel("Number", { exact: true }).fill("2001");
  await page.getByRole("button", { name: "Dial", exact: true }).click();
  await page.locator("[data-dial-status]", { hasText: "Nothing was sent" }).waitFor();
  await page.locator("[data-press-trouble]", { hasText: "View only" }).waitFor();

  await page.reload();
  await page.locator("[data-view-only]").waitFor();
  const other = await context.newPage();
  await other.goto(path);
  await shown(other);
  assert.equal(await other.locator("[data-view-only]").isVisible(), false);

  await off(page);
  await key(page, "KeyPad3").click();
  await sent(page, "3");
  assert.equal(await page.locator(".chip.sent").count(), 1, "no key before it was sent");
  await close();
});

// Its metrics must not count what other suites look at.
const alone = ownDemo(25);

test("a hidden page stops the polling of its phone", { timeout: 120_000 }, async () => {
  const { page, close } = await alone("helpdesk");
  await page.goto(await phoneFound(page, "model:8841"));
  await shown(page);
  // Phones that the server polls now, from its metrics.
  const polled = async () => Number((await (await page.request.get("/metrics")).text()).match(/^sidetone_watched_phones (\d+)/m)[1]);
  const until = async (wanted) => {
    while (!wanted(await polled())) await page.evaluate(() => new Promise(requestAnimationFrame));
  };
  const hide = (hidden) =>
    page.evaluate((now) => {
      Object.defineProperty(document, "hidden", { value: now, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await until((phones) => phones > 0);
  await hide(true);
  // A watch outlives its last viewer by a grace time.
  await until((phones) => phones === 0);
  await hide(false);
  await until((phones) => phones > 0);
  await close();
});

// "Why not?": a diagnosis on a healthy phone and on a troubled one, a remedy applied and undone, and who may do what.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NARROW, ownDemo, phoneFound } from "../world.js";
import { violations } from "./accessibility.js";

const WELL = "The phone answers and its screen was read";
const OFF = "The phone's own web server is switched off";
const OWN_URL = "The phone has an Authentication URL of its own";
const UNKNOWN = "The phone is not among the control login's controlled devices";

const healthy = (page) => phoneFound(page, "model:8811 !demo");
const troubled = (page, words) => phoneFound(page, `description:"${words}"`);
const verdict = (page, text) => page.locator("#h-verdict", { hasText: text }).waitFor();

// Begins a diagnosis the way a helpdesk person does: from the phone's page.
async function ask(page, phone) {
  await page.goto(phone);
  await page.getByRole("link", { name: "Why not?" }).first().click();
  await page.getByRole("button", { name: "Find out why" }).click();
  await page.waitForURL(/\/diagnoses\/\d+/);
}

describe("why not?", { concurrency: false }, () => {
  const inside = ownDemo(160);

  test("a healthy phone is found well, row by row, without a jump", async () => {
    const { page, context, close } = await inside("helpdesk");
    await context.addInitScript(() => {
      window.shifts = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    await ask(page, await healthy(page));
    await verdict(page, WELL);
    assert.equal(await page.locator("[data-check]").count(), 28);
    assert.equal(await page.locator('[data-check][data-outcome="waiting"]').count(), 0);
    await page.locator(".verdict-picture img").waitFor();
    assert.match(await page.locator("[data-said]").textContent(), /The phone answers/);
    assert.match(await page.title(), /can be controlled/);
    assert.ok((await page.evaluate(() => window.shifts)) < 0.1);
    // Who comes back at once is shown the same.
    const { pathname } = new URL(page.url());
    await page.getByRole("link", { name: "Open the phone" }).click();
    await page.getByRole("link", { name: "Why not?" }).first().click();
    await page.waitForURL(`**${pathname}`);
    await close();
  });

  test("findings come while the diagnosis runs", async () => {
    const { page, close } = await inside("helpdesk");
    const seen = [];
    await page.exposeFunction("rowFilled", (done) => seen.push(done));
    await page.addInitScript(() => {
      addEventListener("DOMContentLoaded", () => {
        const whole = document.querySelector("[data-whole]");
        if (!whole) return;
        const done = () => whole.querySelectorAll('[data-check]:not([data-outcome="waiting"])').length;
        new MutationObserver(() => window.rowFilled(done())).observe(whole, { childList: true, subtree: true });
      });
    });
    // A silent phone takes seconds, so that there is something to see in between.
    await ask(page, await troubled(page, "Silent"));
    await verdict(page, "does not answer");
    assert.ok(new Set(seen).size > 2, `rows filled at ${[...new Set(seen)]}`);
    await close();
  });

  test("a cause is proved, copied, mended, seen to be gone, and the remedy undone", async () => {
    const { page, context, close } = await inside("admin");
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const phone = await troubled(page, "Not associated");
    await ask(page, phone);
    await verdict(page, UNKNOWN);
    await page.locator("#check-controlled-device details[open]").waitFor();
    await page.getByRole("button", { name: "Copy as text" }).click();
    await page.getByText("Copied as text.").waitFor();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /controlled devices/);

    await page.getByRole("link", { name: /^Review and apply.*Add the phone to the controlled devices/ }).click();
    await page.getByRole("columnheader", { name: "Becomes" }).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Add the phone to the controlled devices" }).click();
    await page.locator("#mending", { hasText: "it helped" }).waitFor();
    await verdict(page, WELL);
    await page.locator("#mending").getByRole("button", { name: "Undo" }).click();
    await page.locator("#mending", { hasText: "Undone by admin" }).waitFor();
    await verdict(page, UNKNOWN);
    assert.equal(await page.locator("#changes form").count(), 0);
    await close();
  });

  test("web access is turned on, and the phone comes back", async () => {
    const { page, close } = await inside("admin");
    await ask(page, await troubled(page, "Web access off"));
    await verdict(page, OFF);
    await page.getByRole("link", { name: /^Review and apply.*Turn on web access for this phone/ }).click();
    // Its web server is off, so nobody can see whether it is in a call: its name must be typed.
    const typed = page.locator("#f-confirmation");
    await typed.fill(await typed.getAttribute("data-must-equal"));
    await page.getByRole("button", { name: "Turn on web access for this phone" }).click();
    await page.locator("#mending", { hasText: "it helped" }).waitFor({ timeout: 60_000 });
    await close();
  });

  test("a helpdesk person sees what an admin would do, and cannot do it", async () => {
    const { page, expect, close } = await inside("helpdesk");
    expect(/status of 403/);
    const phone = await troubled(page, "Third-party Authentication URL");
    await ask(page, phone);
    await verdict(page, OWN_URL);
    await page.getByRole("link", { name: /^See what an admin would do/ }).first().click();
    await page.getByRole("heading", { name: "Ask an admin" }).waitFor();
    assert.match(await page.locator("#ask-text").textContent(), /http:\/\/127\.0\.0\.1:\d+\/phones\/\d+\/remedies\//);
    assert.equal(await page.locator("input[name=token]").count(), 0);
    const csrf = await page.locator('form[action="/logout"] [name=csrf]').getAttribute("value");
    const answer = await page.request.post(new URL(page.url()).pathname, { form: { csrf } });
    assert.equal(answer.status(), 403);
    await close();
  });

  test("a guide copies its values and checks its steps", async () => {
    const { page, close } = await inside("helpdesk");
    const phone = await troubled(page, "Trust list broken");
    await ask(page, phone);
    await page.getByRole("link", { name: /^Follow the steps/ }).first().click();
    await page.locator(".step").first().waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: /Check now$/ }).first().click();
    await page.waitForURL(/diagnosis=\d+#step-\d+$/);
    await page.locator(".step-seen").first().waitFor();
    await close();
  });

  test("a supervisor is told who may ask", async () => {
    const { page, expect, close } = await inside("supervisor");
    expect(/status of 403/);
    const phone = await healthy(page);
    await page.goto(phone);
    assert.equal(await page.getByRole("link", { name: "Why not?" }).count(), 0);
    await page.goto(`${phone}/diagnosis`);
    await page.getByText("this needs the role helpdesk").waitFor();
    await close();
  });

  test("without script the page refreshes itself to the verdict", async () => {
    const { page, expect, close } = await inside("helpdesk", { javaScriptEnabled: false });
    expect(/status of 502/);
    await ask(page, await troubled(page, "Read only"));
    await verdict(page, "The phone's web server is read-only");
    await page.locator("#check-screenshot summary").click();
    await page.getByRole("link", { name: "Markdown" }).waitFor();
    await close();
  });

  test("axe finds nothing, and one column holds it all on a narrow screen", async () => {
    const { page, close } = await inside("admin");
    const phone = await troubled(page, "Wrong Authentication URL");
    await page.goto(`${phone}/diagnosis`);
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Find out why" }).click();
    await verdict(page, OWN_URL);
    assert.deepEqual(await violations(page), []);
    await page.setViewportSize(NARROW);
    const places = await page.locator("#verdict, #remedies, #ticket, .why-proof").evaluateAll((parts) =>
      parts.map((part) => part.getBoundingClientRect()).map(({ left, top }) => [Math.round(left), top]));
    assert.equal(new Set(places.map(([left]) => left)).size, 1);
    assert.deepEqual(places.map(([, top]) => top), places.map(([, top]) => top).sort((a, b) => a - b));
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator("#ticket").isVisible(), false);
    assert.equal(await page.locator("#verdict").isVisible(), true);
    await close();
  });

  // No diagnosis more than needed: each asks RIS, whose limit of a minute all tests here share.
  test("the list of phones leads from a blocked phone to its reason", async () => {
    const { page, close } = await inside("helpdesk");
    await page.goto("/phones?readiness=blocked");
    await page.locator("a.why-not", { hasText: "Not a controlled device" }).first().click();
    await page.waitForURL(/\/phones\/\d+\/diagnosis$|\/diagnoses\/\d+$/);
    await page.getByText(UNKNOWN).first().waitFor();
    await close();
  });
});

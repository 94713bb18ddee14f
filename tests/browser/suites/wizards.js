// Wizards: walked with and without script, by one person and by two.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { NARROW, ownDemo } from "../world.js";
import { violations } from "./accessibility.js";

// Begins a wizard for the first phone that what is typed finds.
async function begin(page, title, words) {
  await page.goto("/wizards");
  await page.locator(".wiz-kinds").getByRole("link", { name: title }).click();
  await page.getByLabel("Which phone?").fill(words);
  await page.getByRole("button", { name: "Begin" }).click();
  const first = page.locator("input[name=phone]").first();
  await first.or(page.locator("#h-step")).first().waitFor();
  if (await first.count()) {
    await first.check();
    await page.getByRole("button", { name: "Begin" }).click();
  }
  await page.locator("#h-step").waitFor();
}

// Waits until nothing is looked at; without script the page is loaded again, as its refresh would.
async function quiet(page, scripted = true) {
  for (let turn = 0; turn < 60; turn += 1) {
    if (!(await page.locator("[data-busy]").count())) return;
    if (scripted) await page.locator("[data-busy]").waitFor({ state: "detached", timeout: 30_000 });
    else await page.reload();
  }
  assert.fail("it looks for ever");
}

const at = (page, title) => page.locator("#h-step", { hasText: title }).waitFor();
const next = (page) => page.locator(".wiz-buttons .primary").click();
const pick = (page, label) => page.locator(".wiz-picks").getByText(label).click();
const tick = (page) => page.locator("[name=tick]").check();

async function refuses(page, scripted) {
  await begin(page, "The phone refuses control", 'description:"Not associated"');
  await at(page, "What the phone answers");
  await quiet(page, scripted);
  await next(page);
  await at(page, "Cause 2: the controlled devices");
  await quiet(page, scripted);
  await page.locator(".check-row.failed", { hasText: "among the controlled devices" }).waitFor();
  await page.locator(".wiz-body", { hasText: "Save Selected/Changes" }).waitFor();
  assert.equal(await page.locator(".wiz-rail .w-over").count() > 0, true, "what is right is ticked");
}

async function bench(page) {
  await begin(page, "79xx shows Auth Fail", "model:7965");
  assert.equal(await page.locator(".wiz-picks :checked").getAttribute("value"), "7965");
  await next(page);
  await at(page, "Whether this is the trouble");
  await quiet(page, false);
  await next(page);
  await pick(page, "On a bench");
  await next(page);
  await at(page, "The kit");
  await page.getByText("cmterm-7945_7965-sccp.8-5-2.zip").first().waitFor();
  await tick(page);
  await next(page);
  await at(page, "Addresses of the bench");
  await page.getByLabel("TFTP server").fill("10.1.2.2");
  await next(page);
  await page.locator(".error", { hasText: "outside 10.1.1.0/24" }).waitFor();
  await page.getByLabel("TFTP server").fill("10.1.1.2");
  await next(page);
  await at(page, "Give out addresses");
}

describe("wizards", { concurrency: false }, () => {
  const demo = ownDemo(160);
  // A form that asks which of several phones, or says what is wrong, is answered 422; browsers note it on the console.
  const inside = async (...visit) => {
    const visitor = await demo(...visit);
    visitor.expect(/status of 422/);
    return visitor;
  };

  test("a phone that is not associated is led to its cause, and a remedy ends it", async () => {
    const { page, close } = await inside("admin");
    await refuses(page, true);
    assert.deepEqual(await violations(page), []);
    const step = page.url();
    await page.locator("[data-remedy=add-controlled-device]").click();
    await page.waitForURL("**/remedies/add-controlled-device");
    await page.goto(step);
    // Back shows what was seen before, and the step stays where it was.
    await page.getByRole("link", { name: "Back" }).click();
    await page.locator("#h-step").waitFor();
    await page.goto(step);
    await page.getByRole("button", { name: "Check now" }).click();
    await quiet(page);
    await page.getByRole("button", { name: "Go on without it" }).click();
    await page.locator("#h-step", { hasNotText: "controlled devices" }).waitFor();
    await page.locator(".wiz-rail .w-skipped", { hasText: "left undone by admin" }).waitFor();
    await close();
  });

  test("the same walk works without script", async () => {
    const { page, close } = await inside("helpdesk", { javaScriptEnabled: false });
    await refuses(page, false);
    await page.getByText("an admin does this with one click").first().waitFor();
    await page.getByRole("button", { name: "Leave" }).click();
    await page.locator(".wiz-runs", { hasText: "Left at: Cause 2" }).waitFor();
    await close();
  });

  test("the bench gives its lines, and the wipe stands behind both confirmations", async () => {
    const { page, close } = await inside("helpdesk");
    await bench(page);
    assert.equal(await page.locator(".wiz-lines pre").count(), 4);
    assert.deepEqual(await violations(page), []);
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Save the lines for Cisco IOS router" }).click();
    const lines = await readFile(await (await download).path(), "utf8");
    assert.match(lines, /option 150 ip 10\.1\.1\.2/);
    await next(page);
    await page.getByText("Tick that it is done first").waitFor();
    await tick(page);
    await next(page);
    await at(page, "Serve the files");
    await quiet(page);
    await tick(page);
    await next(page);
    await at(page, "Plug the phone in");
    await pick(page, "It does not ask the TFTP server");
    await next(page);
    await pick(page, "It still does not");
    await next(page);
    await at(page, "The last resort");
    await page.locator(".wiz-danger", { hasText: "3491672850*#" }).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.setViewportSize(NARROW);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${overflow} px wider than the window`);
    await close();
  });

  test("the bench works without script", async () => {
    const { page, close } = await inside("helpdesk", { javaScriptEnabled: false });
    await bench(page);
    assert.equal(await page.locator(".wiz-lines pre").count(), 4);
    await close();
  });

  test("two people walk one run about a trust list, and its evidence is collected", async () => {
    const helpdesk = await inside("helpdesk");
    const admin = await inside("admin");
    const { page } = helpdesk;
    await begin(page, "Trust list trouble", 'description:"Trust list broken"');
    await quiet(page);
    await page.locator(".check-row.failed").first().waitFor();
    await next(page);
    // Settings access is open, as Sidetone sees: that step is ticked by itself.
    await at(page, "The way to a fitting list");
    await page.locator(".wiz-rail li", { hasText: "Settings access first" }).getByText("seen to be right").waitFor();
    await admin.page.goto(page.url().replace(/\/[^/]+$/, ""));
    await at(admin.page, "The way to a fitting list");
    await pick(admin.page, "By the phone's menu");
    await next(admin.page);
    await admin.page.locator(".wiz-danger", { hasText: "Never send digits from a list blindly" }).waitFor();
    assert.deepEqual(await violations(admin.page), []);
    await page.goto(admin.page.url());
    await page.locator(".wiz-rail li", { hasText: "done by admin" }).first().waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Collect for support" }).click();
    const file = await readFile(await (await download).path(), "utf8");
    assert.match(file, /Trust list trouble/);
    assert.match(file, /chose: By the phone/);
    await admin.close();
    await helpdesk.close();
  });

  test("axe finds nothing on the list and where a wizard begins", async () => {
    const { page, close } = await inside("helpdesk");
    for (const path of ["/wizards", "/wizards/phone-refuses-control", "/wizards/certificate-change"]) {
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.goto(path);
        assert.deepEqual(await violations(page), [], `${path} ${colorScheme}`);
      }
    }
    await close();
  });
});

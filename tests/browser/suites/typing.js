// Text by multi-tap, numbers dialled whole, emergency numbers, and the help for the keyboard.

import assert from "node:assert/strict";
import { test } from "node:test";
import { changed, shown } from "../screen.js";
import { as, open, phoneFound, signIn, world } from "../world.js";

const key = (page, name) => page.locator(`button.key[value="${name}"]`);
const status = (page, words) => page.locator("[data-type-status]", { hasText: words }).waitFor();
const dialStatus = (page, words) => page.locator("[data-dial-status]", { hasText: words }).waitFor();
const taken = (page, count) => page.waitForFunction((wanted) => document.querySelectorAll(".chip.sent").length === wanted, count);

async function at(query) {
  const browser = await as("helpdesk");
  await browser.page.goto(await phoneFound(browser.page, query));
  const picture = await shown(browser.page);
  return { ...browser, picture };
}

// The search form of the corporate directory: a field for letters.
async function searchForm(page, picture) {
  await key(page, "Directories").click();
  const list = await changed(page, picture);
  await key(page, "KeyPad4").click();
  return changed(page, list);
}

test("typed text arrives in a field of the phone, letter by letter", async () => {
  const { page, picture, close } = await at("model:7965");
  const empty = await searchForm(page, picture);
  await page.getByLabel("Text for a field of the phone").fill("aadg");
  await page.getByRole("button", { name: "Type text" }).click();
  await page.locator("[data-typed] .now").waitFor();
  await page.getByRole("button", { name: "Stop" }).waitFor();
  await status(page, "Typed 4 characters.");
  assert.equal(await page.locator("[data-typed] .done").count(), 4);
  await changed(page, empty);
  await page.locator("[data-words] dd", { hasText: /^aadg$/ }).waitFor();
  await close();
});

test("typing is stopped by its button, and ends at the first key that is not sent", async () => {
  const { page, picture, close } = await at("model:7945");
  await searchForm(page, picture);
  await taken(page, 2);
  const box = page.getByLabel("Text for a field of the phone");
  await page.getByLabel("Pause between two letters").fill("5");
  await box.fill("aa");
  await page.getByRole("button", { name: "Type text" }).click();
  await taken(page, 3);
  await page.getByRole("button", { name: "Stop" }).click();
  await status(page, "Stopped after 1 of 2 characters.");

  await page.locator(".wheel .menu > summary").first().click();
  await page.getByRole("switch", { name: "Do not send my keys" }).click();
  await box.fill("dg");
  await page.getByRole("button", { name: "Type text" }).click();
  await status(page, "Stopped at “d”, character 1 of 2");
  assert.equal(await page.locator(".chip.sent").count(), 3);
  await close();
});

test("what no key has is named before anything is pressed", async () => {
  const { page, expect, close } = await at("model:7841");
  expect(/status of 422/);
  const before = await page.locator(".chip").count();
  await page.getByLabel("Text for a field of the phone").fill("Müller");
  await page.getByRole("button", { name: "Type text" }).click();
  await status(page, "No key has 'ü'. Nothing was sent.");
  assert.equal(await page.locator(".chip").count(), before);
  await close();
});

test("a number is dialled, kept in this browser, and forgotten on demand", async () => {
  const { page, expect, picture, close } = await at("model:8811");
  expect(/status of 422/);
  const number = page.getByLabel("Number", { exact: true });
  await number.fill("20 (0)-1");
  await page.getByRole("button", { name: "Dial", exact: true }).click();
  await dialStatus(page, "The phone was told to dial 2001.");
  await changed(page, picture);
  await number.fill("call me");
  await page.getByRole("button", { name: "Dial", exact: true }).click();
  await dialStatus(page, "'c' cannot be dialled");

  await page.reload();
  await shown(page);
  await page.locator("[data-dialled]").getByRole("button", { name: "2001" }).click();
  assert.equal(await number.inputValue(), "2001");
  await page.getByRole("button", { name: "Forget them" }).click();
  await dialStatus(page, "The numbers are forgotten.");
  assert.equal(await page.locator("[data-dialled] li").count(), 0);
  await page.reload();
  assert.equal(await page.locator("[data-history]").isVisible(), false);
  await close();
});

test("a number pasted onto the screen fills the box and dials nothing", async () => {
  const { page, close } = await at("model:8845");
  await page.locator("[data-screen]").focus();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", " 2002 ");
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  assert.equal(await page.getByLabel("Number", { exact: true }).inputValue(), "2002");
  await dialStatus(page, "Nothing is dialled until you press Dial.");
  assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), "Dial");
  await close();
});

test("an emergency number asks first, dialled whole or key by key", async () => {
  const { page, expect, close } = await at("model:7811");
  expect(/status of 409/);
  const question = page.getByRole("dialog", { name: "112 is an emergency number. Dial it?" });
  await page.getByLabel("Number", { exact: true }).fill("112");
  await page.getByRole("button", { name: "Dial", exact: true }).click();
  await question.getByRole("button", { name: "Do not dial" }).click();
  await dialStatus(page, "112 was not dialled.");

  await page.locator("[data-screen]").focus();
  await page.keyboard.type("112");
  await question.waitFor();
  await taken(page, 2);
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "detached" });
  await page.locator(".chip.failed", { hasText: "not dialled" }).waitFor();
  await page.keyboard.press("2");
  await question.getByRole("button", { name: "Dial 112" }).click();
  await taken(page, 3);
  assert.equal(await page.locator(".chip.failed").count(), 1);
  await close();
});

test("without script a number is dialled by form, and the question is a page", async () => {
  const { page, expect, close } = await open({ javaScriptEnabled: false });
  expect(/status of 409/);
  await signIn(page, "helpdesk", world.passwords.helpdesk);
  const path = await phoneFound(page, "model:8831");
  await page.goto(path);
  await page.getByLabel("Number", { exact: true }).fill("911");
  await page.getByRole("button", { name: "Dial", exact: true }).click();
  await page.getByRole("heading", { name: "911 is an emergency number. Dial it?" }).waitFor();
  await page.getByRole("link", { name: "Do not dial" }).click();
  await page.waitForURL(`**${path}`);
  await page.getByLabel("Number", { exact: true }).fill("2001");
  await page.getByRole("button", { name: "Dial", exact: true }).click();
  await page.getByText("The phone was told to dial 2001.").waitFor();
  await page.getByText("You drive").waitFor();
  await page.getByRole("button", { name: "Release" }).click();
  await page.getByText("Nobody drives").waitFor();
  await page.getByRole("button", { name: "Take the wheel" }).click();
  await page.getByText("You drive").waitFor();
  await page.getByRole("button", { name: "Release" }).click();
  await close();
});

test("the help sheet lists the keys that this model has", async () => {
  for (const [model, has, lacks] of [["8845", ["F4", "Enter", "Backspace"], ["F5"]], ["7960", ["F1", "Enter"], ["←"]]]) {
    const { page, close } = await at(`model:${model}`);
    const before = await page.locator(".chip").count();
    await page.locator("[data-screen]").focus();
    await page.keyboard.press("?");
    const sheet = page.getByRole("dialog", { name: "Keys of your keyboard" });
    await sheet.waitFor();
    const listed = await sheet.locator("dt").allTextContents();
    for (const shortcut of has) assert.ok(listed.includes(shortcut), `${model}: ${shortcut} of ${listed}`);
    for (const shortcut of lacks) assert.ok(!listed.includes(shortcut), `${model}: ${shortcut} of ${listed}`);
    await sheet.getByRole("button", { name: "Close" }).click();
    await sheet.waitFor({ state: "hidden" });
    assert.equal(await page.locator(".chip").count(), before);
    await close();
  }
});

test("the bare phone works in a window of its own", async () => {
  const { page, context, close } = await at("model:8845");
  await page.locator(".wheel .menu > summary").nth(1).click();
  const [bare] = await Promise.all([context.waitForEvent("page"), page.getByRole("link", { name: "In a window of its own" }).click()]);
  const idle = await shown(bare);
  assert.equal(await bare.locator(".rail, .panels").count(), 0);
  await key(bare, "Settings").click();
  await changed(bare, idle);
  await bare.locator(".chip.sent", { hasText: "Settings" }).first().waitFor();
  await close();
});

test("the numbers say how long a key took, in figures, a chart and words", async () => {
  const { page, picture, close } = await at("model:8841");
  await page.locator("[data-numbers] summary").click();
  await key(page, "Settings").click();
  await changed(page, picture);
  await page.locator('[data-number="key"]', { hasText: /^\d+ ms$/ }).waitFor();
  await page.locator('[data-number="answer"]', { hasText: /^\d+ ms$/ }).waitFor();
  await page.locator("[data-chart] circle").waitFor();
  await page.locator("[data-chart-words]", { hasText: /Key to picture: \d+ to \d+ ms/ }).waitFor();
  await close();
});

test("the picture is downloaded as it is shown", async () => {
  const { page, close } = await at("model:7821");
  await page.locator(".wheel .menu > summary").nth(1).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download the picture" }).click()]);
  assert.match(download.suggestedFilename(), /^SEP[0-9A-F]{12}-[\dT-]+Z\.png$/);
  await page.getByText("The picture is saved.").waitFor();
  await close();
});

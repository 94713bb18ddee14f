import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { changed, shown } from "../screen.js";
import { NARROW, ownDemo, phoneFound } from "../world.js";
import { violations } from "./accessibility.js";

const LOOK = `macro "Look at the settings"
description "Opens the settings and leaves them."
safe

press Settings
expect title "Settings" within 5s
screenshot "settings"
press NavBack
`;

const text = (page) => page.getByLabel("The macro, a step a line");
const key = (page, name) => page.locator(`button.key[value="${name}"], [data-key="${name}"]`).first();
const ended = (page, word) => page.locator("[data-standing=over] .state", { hasText: word }).waitFor();

const focused = (page, role, name) => page.getByRole(role, { name }).and(page.locator(":focus")).count();

// Goes on by Tab until what is named has the focus.
async function tabTo(page, role, name) {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await focused(page, role, name)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`${role} ${name} is not reached by Tab`);
}

async function write(page, content) {
  await page.goto("/macros/new");
  await text(page).fill(content);
  await page.getByText(/^No mistakes, \d+ steps?$/).waitFor();
  await page.getByRole("button", { name: "Save the macro" }).click();
  await page.waitForURL(/\/macros\/\d+$/);
}

describe("macros", () => {
  const as = ownDemo(30);

  test("a mistake is found while one types, and mended", async () => {
    const { page, close, expect } = await as("admin");
    expect(/status of 422/);
    await page.goto("/macros/new");
    await text(page).fill(LOOK.replace("press Settings", "press Setings"));
    await page.getByText("1 mistake", { exact: true }).waitFor();
    assert.deepEqual(await page.locator(".line-numbers .bad").allInnerTexts(), ["5"]);
    await page.locator("a.mistake").click();
    await page.getByText(/^Line 5, column \d+\.$/).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("ControlOrMeta+s");
    await page.getByText("Nothing was saved: the text has mistakes.").waitFor();
    assert.match(await text(page).inputValue(), /press Setings/);
    await text(page).fill(LOOK);
    await page.getByText("No mistakes, 4 steps").waitFor();
    await page.getByRole("button", { name: "Save the macro" }).click();
    await page.getByText("“Look at the settings” is saved.").waitFor();
    assert.equal(await page.locator(".macro-step").count(), 4);
    assert.deepEqual(await violations(page), []);

    await page.getByRole("link", { name: "Edit", exact: true }).click();
    await text(page).fill(LOOK.replace("within 5s", "within 9s"));
    page.once("dialog", (dialog) => dialog.accept());
    await page.goto("/macros");
    await page.goBack();
    await page.getByText("This browser has kept a text of yours").waitFor();
    await page.getByRole("button", { name: "Take it" }).click();
    assert.match(await text(page).inputValue(), /within 9s/);
    await page.getByText("No mistakes, 4 steps").waitFor();
    await page.getByLabel("What you changed").fill("more patience");
    await page.getByRole("button", { name: "Save a new version" }).click();
    await page.getByText("Version 2 of “Look at the settings” is saved.").waitFor();
    await page.getByRole("link", { name: "Version 2" }).click();
    await page.getByText("From version 1 to 2").waitFor();
    assert.deepEqual(await page.locator(".l-added code").allInnerTexts(), ['expect title "Settings" within 9s']);
    assert.deepEqual(await violations(page), []);
    await close();
  });

  test("it is played step by step, with the picture beside it", async () => {
    const { page, close } = await as("admin");
    await write(page, LOOK.replace("Look at", "Step through"));
    await page.getByRole("link", { name: "Play on…" }).click();
    await page.getByLabel("Search phones").fill("model:8845");
    await page.locator(".phone-choice li", { hasText: "8845" }).getByRole("link", { name: "Choose" }).first().click();
    await page.getByText("What it will do").waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByLabel("Dry run").check();
    await page.getByLabel("Step by step").check();
    await page.getByRole("button", { name: "Start the dry run" }).click();
    await page.waitForURL(/\/macro-runs\/\d+$/);
    const idle = await shown(page);
    await page.locator("[data-standing=paused]").waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Next step" }).click();
    await changed(page, idle);
    await page.locator(".plan .p-done", { hasText: "Press" }).first().waitFor();
    await page.getByRole("button", { name: "Go on" }).click();
    await ended(page, /Rehearsed|Succeeded/);
    assert.ok((await page.locator(".run-pictures img").count()) >= 1);
    assert.deepEqual(await violations(page), []);
    await close();
  });

  test("Escape stops a run", async () => {
    const { page, close } = await as("admin");
    const phone = (await phoneFound(page, "model:7841")).split("/").at(-1);
    await write(page, 'macro "Wait long"\nsafe\npress Settings\nwait 60s\n');
    await page.goto(`${new URL(page.url()).pathname}/play?phone=${phone}`);
    await page.getByRole("button", { name: "Play it" }).click();
    await page.locator(".plan [aria-current=step]", { hasText: "Wait" }).waitFor();
    await page.keyboard.press("Escape");
    await ended(page, "Stopped");
    await close();
  });

  test("who saves after somebody else sees both texts and loses neither", async () => {
    const [mine, theirs] = [await as("admin"), await as("admin")];
    mine.expect(/status of 422/);
    await write(mine.page, LOOK.replace("Look at", "Share"));
    const macro = new URL(mine.page.url()).pathname;
    for (const { page } of [mine, theirs]) {
      await page.goto(`${macro}/edit`);
      await page.getByText("No mistakes, 4 steps").waitFor();
    }
    await text(theirs.page).fill(LOOK.replace("Look at", "Share").replace("within 5s", "within 8s"));
    await theirs.page.getByRole("button", { name: "Save a new version" }).click();
    await theirs.page.getByText("Version 2 of").waitFor();

    const { page } = mine;
    const own = LOOK.replace("Look at", "Share").replace("press NavBack", "press Settings");
    await text(page).fill(own);
    await page.getByLabel("What you changed").fill("another way out");
    await page.getByRole("button", { name: "Save a new version" }).click();
    await page.getByRole("heading", { name: "admin saved version 2 while you wrote" }).waitFor();
    assert.equal(await text(page).inputValue(), own);
    assert.equal(await page.getByLabel("What you changed").inputValue(), "another way out");
    assert.deepEqual(await page.locator(".conflict .l-removed code").allInnerTexts(), ['expect title "Settings" within 8s', "press NavBack"]);
    assert.deepEqual(await page.locator(".conflict .l-added code").allInnerTexts(), ['expect title "Settings" within 5s', "press Settings"]);
    await page.getByText("Their whole text").click();
    assert.match(await page.locator(".conflict .macro-text").innerText(), /within 8s[^]*press NavBack/);
    assert.deepEqual(await violations(page), []);

    // A third version in the meantime is another conflict; after that nothing stands in the way.
    await theirs.page.goto(`${macro}/edit`);
    await text(theirs.page).fill(LOOK.replace("Look at", "Share").replace("within 5s", "within 7s"));
    await theirs.page.getByRole("button", { name: "Save a new version" }).click();
    await theirs.page.getByText("Version 3 of").waitFor();
    await page.getByRole("button", { name: "Save mine as the newest" }).click();
    await page.getByRole("heading", { name: "admin saved version 3 while you wrote" }).waitFor();
    assert.equal(await text(page).inputValue(), own);
    await page.getByRole("button", { name: "Save mine as the newest" }).click();
    await page.getByText("Version 4 of").waitFor();
    assert.equal(await page.locator(".versions li").count(), 4);
    await page.getByRole("link", { name: "Version 3" }).click();
    assert.match(await page.locator(".macro-text").innerText(), /within 7s/);
    await theirs.close();
    await mine.close();
  });

  test("a macro is chosen, rehearsed and stepped through with the keyboard alone", async () => {
    const { page, close } = await as("admin");
    await write(page, LOOK.replace("Look at", "Walk through"));
    await page.goto("/macros");
    await page.keyboard.press("/");
    await page.keyboard.type("walk through");
    await page.getByText(/^1 of \d+ macros$/).waitFor();
    await tabTo(page, "link", /^Play on…/);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/macros\/\d+\/play$/);
    await page.keyboard.type("model:8845");
    await page.waitForURL(/q=model/);
    await tabTo(page, "link", /^Choose/);
    await page.keyboard.press("Enter");
    await page.getByText("What it will do").waitFor();
    await tabTo(page, "checkbox", /^Step by step/);
    await page.keyboard.press("Space");
    await tabTo(page, "button", "Play it");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/macro-runs\/\d+$/);
    await page.locator("[data-standing=paused]").waitFor();
    await tabTo(page, "button", "Next step");
    for (let taken = 1; taken <= 3; taken += 1) {
      await page.keyboard.press("Enter");
      await page.locator("[data-standing=paused]", { hasText: `${taken} step${taken > 1 ? "s" : ""} taken` }).waitFor();
      assert.ok(await focused(page, "button", "Next step"), `the focus after step ${taken}`);
    }
    await page.keyboard.press("Tab");
    assert.ok(await focused(page, "button", "Go on"));
    await page.keyboard.press("Enter");
    await ended(page, "Succeeded");
    await page.waitForFunction(() => document.activeElement.id === "h-standing");
    // The list of steps is as long as it is, the page is not.
    const [whole, seen] = await page.evaluate(() => [document.querySelector(".run-grid").getBoundingClientRect().bottom + scrollY, document.documentElement.scrollHeight]);
    assert.ok(seen - whole < 120, `${seen - whole} px of nothing below the run`);
    await close();
  });

  test("a screen without words is confirmed by a person and remembered", async () => {
    const { page, close } = await as("admin");
    const phone = (await phoneFound(page, "model:7960")).split("/").at(-1);
    await write(page, 'macro "By its picture"\nsafe\npress Settings\nexpect picture "settings" within 1s\nwait 100ms\n');
    const macro = new URL(page.url()).pathname;
    await page.goto(`${macro}/play?phone=${phone}`);
    await page.getByRole("button", { name: "Play it" }).click();
    await page.locator("[data-standing=asking]").waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByLabel("Remember this picture").check();
    await page.getByRole("button", { name: "Yes, that is it" }).click();
    await ended(page, "Succeeded");
    await page.goto("/macros/sights");
    assert.equal(await page.locator(".sights li").count(), 1);
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Forget it" }).click();
    await page.getByText("No screen is known by its picture").waitFor();
    await close();
  });

  test("presses are recorded over a reload, saved and replayed", async () => {
    const { page, close } = await as("admin");
    const phone = await phoneFound(page, "model:8865");
    await page.goto(phone);
    const other = await as("supervisor");
    await other.page.goto(phone);
    const idle = await shown(page);
    await page.locator(".macro-bar summary", { hasText: "Record" }).click();
    await page.getByRole("button", { name: "Record my presses" }).click();
    await page.getByText("Your presses are recorded").waitFor();
    await other.page.getByText("admin records").waitFor();
    await page.reload();
    await shown(page);
    await key(page, "Settings").click();
    await changed(page, idle);
    await page.locator("[data-words] h3", { hasText: "Settings" }).waitFor();
    await key(page, "NavBack").click();
    await page.locator(".chip.sent", { hasText: "Back" }).waitFor();
    await page.getByRole("button", { name: "Stop and make a macro" }).click();
    await page.waitForURL("**/macros/new?recorded=*");
    assert.match(await text(page).inputValue(), /press Settings/);
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Save the macro" }).click();
    await page.getByRole("link", { name: "Play on…" }).click();
    await page.goto(`${new URL(page.url()).pathname}?phone=${phone.split("/").at(-1)}`);
    await page.getByRole("button", { name: "Play it" }).click();
    await ended(page, "Succeeded");
    await other.close();
    await close();
  });

  test("a file goes out and comes in again, also without script and on a narrow screen", async () => {
    const { page, close, expect } = await as("admin", { javaScriptEnabled: false, viewport: NARROW });
    expect(/status of 422/);
    await page.goto("/macros/new");
    await text(page).fill(LOOK.replace("Look at", "Carry").replace("press Settings", "pres Settings"));
    await page.getByRole("button", { name: "Check" }).click();
    await page.locator(".mistake", { hasText: "Line 5, column" }).waitFor();
    await text(page).fill(LOOK.replace("Look at", "Carry"));
    await page.getByRole("button", { name: "Save the macro" }).click();
    await page.waitForURL(/\/macros\/\d+$/);
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Export" }).click();
    const content = await readFile(await (await download).path(), "utf8");
    assert.equal(content, LOOK.replace("Look at", "Carry"));
    const file = join(tmpdir(), `sidetone-${process.pid}.macro`);
    await writeFile(file, content.replace("press Settings", "press Nothing"));
    await page.goto("/macros/import");
    await page.getByLabel("File", { exact: true }).setInputFiles(file);
    await page.getByRole("button", { name: "Import" }).click();
    await page.getByText("A mistake; nothing was saved").waitFor();
    await writeFile(file, content.replace("Carry", "Bring"));
    await page.getByLabel("File", { exact: true }).setInputFiles(file);
    await page.getByRole("button", { name: "Import" }).click();
    await page.getByText("is imported. Read it through").waitFor();
    const phone = (await phoneFound(page, "model:8845")).split("/").at(-1);
    await page.goBack();
    await page.getByRole("link", { name: "Play on…" }).click();
    await page.goto(`${new URL(page.url()).pathname}?phone=${phone}`);
    await page.getByRole("button", { name: "Play it" }).click();
    await page.waitForURL(/\/macro-runs\/\d+$/);
    await ended(page, "Succeeded");
    await close();
  });
});

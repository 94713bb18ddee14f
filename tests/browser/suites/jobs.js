import assert from "node:assert/strict";
import { test } from "node:test";
import { NARROW, open, ownDemo, signIn } from "../world.js";
import { violations } from "./accessibility.js";

const visitAs = ownDemo(30);

const job = (page) => page.waitForURL(/\/jobs\/\d+$/);
const progress = (page) => page.locator("#progress");

// The state of the job, once it is this one.
const reached = (page, word) => progress(page).locator(".progress-head .state", { hasText: word }).waitFor();

// A phone whose model answers everything.
const MODEL = "model:8845";

test("a selection over pages and searches becomes a job that waits for a look and goes on", async () => {
  const { page, close } = await visitAs("admin");
  await page.goto("/phones?q=model:8845");
  await page.locator("td.c-select input").first().check();
  await page.getByText("1 selected").waitFor();
  await page.getByLabel("Search phones").fill("model:8865");
  await page.waitForURL(/q=model%3A8865/);
  await page.locator(".c-model", { hasText: "8865" }).first().waitFor();
  await page.locator("td.c-select input").first().focus();
  await page.keyboard.press("Space");
  await page.getByText("2 selected").waitFor();
  assert.match(page.url(), /ids=\d+%2C\d+/);
  assert.deepEqual(await violations(page), []);

  await page.getByRole("button", { name: "Do with these" }).click();
  await page.getByText("The 2 that you selected").waitFor();
  await page.getByText("Take a picture").click();
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "Show what it would do" }).last().click();
  await page.getByRole("heading", { name: "On 2 phones" }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "Start it on 2 phones" }).click();
  await job(page);

  await reached(page, "Needs a look");
  const shots = page.locator(".pair-card img");
  await shots.first().waitFor();
  assert.ok((await shots.first().evaluate((image) => image.decode().then(() => image.naturalWidth))) > 0);
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: /^Go on with/ }).click();
  await reached(page, "Succeeded");
  assert.equal(await page.locator("table.runs tbody tr").count(), 2);

  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CSV" }).click()]);
  assert.match(download.suggestedFilename(), /^job-\d+\.csv$/);
  await page.locator("table.runs tbody th a").first().click();
  await page.getByRole("heading", { name: "Pictures" }).waitFor();
  assert.deepEqual(await violations(page), []);
  await close();
});

test("a list from a file tells the names that nobody knows, and a wrong field loses nothing", async () => {
  const { page, expect, close } = await visitAs("admin");
  expect(/status of 422/);
  await page.goto(`/phones?q=${encodeURIComponent(MODEL)}`);
  const name = await page.locator("table.phones tbody th code").first().textContent();
  await page.goto("/jobs/new");
  await page.getByText("Read the facts").click();
  await page.setInputFiles("[name=file]", {
    name: "phones.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(`Device Name;Owner\n${name};ana\nSEPFFFFFFFFFFFF;bob\n`),
  });
  assert.equal(await page.getByRole("radio", { name: /A list of names/ }).isChecked(), true);
  await page.getByLabel("Name of the job").fill("x".repeat(81));
  await page.getByRole("button", { name: "Show what it would do" }).last().click();
  await page.getByRole("alert").first().waitFor();
  assert.match(await page.getByLabel(/Or names, one a line/).inputValue(), new RegExp(name));
  await page.getByLabel("Name of the job").fill("Facts of a list");
  await page.getByRole("button", { name: "Show what it would do" }).last().click();
  await page.getByRole("heading", { name: "1 name that nobody knows" }).waitFor();
  assert.equal(await page.locator(".unknown-names code").textContent(), "SEPFFFFFFFFFFFF");
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "Start it on 1 phone" }).click();
  await job(page);
  await page.getByRole("heading", { name: "Facts of a list" }).waitFor();
  await close();
});

test("what needs approval is approved by another admin alone", async () => {
  const first = await visitAs("admin");
  await first.page.goto("/people");
  await first.page.getByText("Add a person").click();
  await first.page.locator("#n-name").fill("second");
  await first.page.locator("#n-password").fill("two look better than one");
  await first.page.getByRole("radio", { name: /^Admin/ }).last().check();
  await first.page.getByRole("button", { name: "Add the person" }).click();
  await first.page.getByRole("heading", { name: "second" }).waitFor();

  await first.page.goto(`/jobs/new?q=${encodeURIComponent(MODEL)}&action=facts`);
  await first.page.getByLabel(/A second admin must approve it/).check();
  await first.page.getByLabel(/One phone first/).uncheck();
  await first.page.getByRole("button", { name: "Show what it would do" }).last().click();
  await first.page.getByRole("button", { name: /^Ask for approval/ }).click();
  await job(first.page);
  await first.page.getByText("somebody else must look at it").waitFor();
  assert.equal(await first.page.getByRole("button", { name: "Approve it" }).count(), 0);
  const address = first.page.url();

  const other = await open({ url: new URL(address).origin });
  await signIn(other.page, "second", "two look better than one");
  await other.page.goto("/jobs");
  await other.page.getByRole("heading", { name: "Waiting for somebody" }).waitFor();
  assert.deepEqual(await violations(other.page), []);
  await other.page.goto(address);
  await other.page.getByRole("button", { name: "Approve it" }).click();
  await reached(other.page, "Succeeded");
  await other.close();
  await first.close();
});

test("a list of many names tells what it could not find, and a wrong one is not taken", async () => {
  const { page, expect, close } = await visitAs("admin");
  expect(/status of 422/);
  await page.goto(`/phones?q=${encodeURIComponent(MODEL)}`);
  const name = await page.locator("table.phones tbody th code").first().textContent();
  await page.goto("/jobs/new?action=facts");
  const csv = (text, charset = "utf8") => ({ name: "desks.csv", mimeType: "text/csv", buffer: Buffer.from(text, charset) });
  await page.setInputFiles("[name=file]", csv("Floor,Room\n1,2\n"));
  await page.getByLabel("Name of the job").fill("Desks of a list");
  await page.getByRole("button", { name: "Show what it would do" }).last().click();
  const wrong = page.locator("#h-names .error");
  await wrong.waitFor();
  assert.match(await wrong.innerText(), /desks\.csv:/);
  assert.equal(await page.getByLabel("Name of the job").inputValue(), "Desks of a list");
  assert.deepEqual(await violations(page), []);

  const strangers = Array.from({ length: 300 }, (_, n) => `SEPFF${String(n).padStart(10, "0")}`);
  await page.setInputFiles("[name=file]", csv(`\ufeffname;Büro\r\n${[name, ...strangers].map((one) => `${one};Süd`).join("\r\n")}\r\n`));
  await page.getByRole("button", { name: "Show what it would do" }).last().click();
  await page.getByRole("heading", { name: "300 names that nobody knows" }).waitFor();
  await page.getByRole("heading", { name: "On 1 phone" }).waitFor();
  const shown = await page.locator(".unknown-names code").count();
  await page.getByText(`and ${300 - shown} more`).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "Change something" }).click();
  await page.getByText("(301)").waitFor();
  assert.equal(await page.getByLabel("Name of the job").inputValue(), "Desks of a list");
  await close();
});

// Two answers of the server to who follows a job.
async function twoLooks(page, part) {
  const look = (answer) => answer.request().headers()["x-fragment"] === part;
  await page.waitForResponse(look);
  await page.waitForResponse(look);
}

test("a job's phones are found and sorted while it runs, and nothing typed is lost", async () => {
  const { page, close } = await visitAs("admin");
  await page.goto("/jobs/new?action=facts");
  await page.getByLabel(/One phone first/).uncheck();
  await page.getByLabel("Pace").fill("6");
  await page.getByLabel("Hold when so many fail").fill("");
  await page.getByLabel("Name of the job").fill("Slow facts");
  await page.getByRole("button", { name: "Show what it would do" }).last().click();
  await page.getByRole("button", { name: /^Start it on/ }).click();
  await job(page);
  await reached(page, "Running");

  const search = page.getByLabel("Search the phones of the job");
  await page.keyboard.press("/");
  await page.keyboard.type("SEP");
  await page.waitForURL(/q=SEP/);
  await twoLooks(page, "runs");
  assert.equal(await search.inputValue(), "SEP");
  assert.ok(await search.evaluate((field) => field === document.activeElement));

  const head = (name) => page.getByRole("columnheader", { name });
  const models = () => page.locator("table.runs tbody .c-model").allInnerTexts();
  const byText = (a, b) => (a < b ? -1 : Number(a > b));
  await head("Model").getByRole("link").focus();
  await page.keyboard.press("Enter");
  await page.locator("th.c-model[aria-sort=ascending]").waitFor();
  assert.deepEqual(await models(), (await models()).sort(byText));
  await twoLooks(page, "runs");
  assert.ok(await head("Model").getByRole("link").evaluate((link) => link === document.activeElement));
  await page.keyboard.press("Enter");
  await page.locator("th.c-model[aria-sort=descending]").waitFor();
  assert.deepEqual(await models(), (await models()).sort(byText).reverse());

  const model = page.getByRole("search").getByLabel("Model");
  await model.selectOption({ label: await model.locator("option", { hasText: /^8845 / }).innerText() });
  await page.waitForURL(/model=/);
  await page.waitForFunction(() => [...document.querySelectorAll("table.runs tbody .c-model")].every((cell) => cell.textContent === "8845"));
  await search.fill("no such phone");
  await page.getByRole("heading", { name: "No phone of this job fits" }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole("link", { name: "Show all" }).click();
  await page.waitForFunction(() => document.querySelectorAll("table.runs tbody tr").length === 30);

  // What sorts stays in reach on a narrow screen.
  await page.setViewportSize(NARROW);
  await head("State").getByRole("link").click();
  await page.locator("th.c-state[aria-sort=ascending]").waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= NARROW.width, `the job is ${wide} wide`);

  await page.getByRole("button", { name: "Pause" }).click();
  await reached(page, "Paused");
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "Cancel the job" }).click();
  await reached(page, "Cancelled");
  assert.deepEqual(await violations(page), []);
  await close();
});

test("the list of jobs tells what is under way, what failed and what is over", async () => {
  const { page, close } = await visitAs("admin");
  const titles = () => page.locator("table.jobs tbody th").allInnerTexts();
  await page.goto("/jobs?show=over");
  assert.ok((await titles()).includes("Slow facts"));
  await page.goto("/jobs?show=running");
  await page.getByText("Nothing is under way now.").waitFor();
  assert.deepEqual(await violations(page), []);
  await page.goto("/jobs?show=failed");
  assert.ok(!(await titles()).includes("Slow facts"));
  await page.getByRole("navigation", { name: "Which jobs" }).getByRole("link", { name: "All" }).click();
  await page.waitForURL(/\/jobs$/);
  assert.ok((await titles()).includes("Slow facts"));
  await close();
});

test("a schedule tells its next starts before and after it is made", async () => {
  const { page, close } = await visitAs("admin");
  await page.goto("/jobs/new?action=readiness&when=daily");
  await page.locator("#f-zone").fill("Europe/Paris");
  await page.locator("#times", { hasText: "Europe/Paris" }).waitFor();
  assert.equal(await page.locator("#times .starts span").count(), 3);
  await page.getByRole("button", { name: "Show what it would do" }).last().click();
  await page.getByRole("button", { name: "Keep the schedule" }).click();
  await page.waitForURL(/\/jobs\/schedules\/\d+$/);
  assert.deepEqual(await violations(page), []);
  await page.goto("/jobs");
  await page.locator(".schedules a").click();
  await page.getByRole("button", { name: "Remove the schedule" }).click();
  await page.getByText("The schedule is gone").waitFor();
  await close();
});

test("without script a job is made, followed and held on a narrow screen", async () => {
  const { page, close } = await visitAs("admin", { javaScriptEnabled: false, viewport: NARROW });
  await page.goto(`/phones?q=${encodeURIComponent(MODEL)}`);
  await page.locator("td.c-select input").first().check();
  await page.getByRole("button", { name: "Keep the selection" }).click();
  await page.waitForURL(/\/phones\?.*ids=/);
  assert.equal(await page.locator("td.c-select input").first().isChecked(), true);
  await page.getByRole("button", { name: "Do with these" }).click();
  await page.waitForURL(/\/jobs\/new/);
  await page.getByText("Read the facts").click();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= NARROW.width, `the form is ${wide} wide`);
  await page.getByRole("button", { name: "Show what it would do" }).last().click();
  await page.getByRole("button", { name: "Start it on 1 phone" }).click();
  await job(page);
  while ((await page.locator(".progress-head .state").first().innerText()) !== "Succeeded") await page.reload();
  await page.locator("table.runs tbody th a").click();
  await page.getByRole("heading", { name: "Steps" }).waitFor();
  await close();
});

test("a search is kept, shared and used", async () => {
  const { page, close } = await visitAs("admin");
  await page.goto(`/phones?q=${encodeURIComponent(MODEL)}`);
  await page.getByText("Filters you keep").click();
  await page.getByLabel("Keep this search as").fill("Lobby phones");
  await page.getByLabel(/Share it with everybody/).check();
  await page.getByRole("button", { name: "Keep it" }).click();
  await page.getByText("“Lobby phones” is saved.").waitFor();
  await page.goto("/phones");
  await page.getByText("Filters you keep").click();
  await page.getByRole("link", { name: "Lobby phones" }).click();
  await page.waitForURL(/q=model%3A8845/);
  await page.goto("/jobs/new");
  await page.getByText("A saved filter").click();
  await page.locator("#f-filter").selectOption({ label: "Lobby phones" });
  await close();
});

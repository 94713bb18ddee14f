// What all suites share: one demo, one browser, a signed-in session for each role, and a watch over every page.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { startDemo } from "./server.js";

export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 390, height: 844 };

export const world = { url: "", passwords: {}, browser: null };
const sessions = new Map();
let demo;

before(async () => {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  [demo, world.browser] = await Promise.all([startDemo(), chromium.launch({ executablePath, args: ["--no-sandbox"] })]);
  world.url = demo.url;
  world.passwords = demo.passwords;
});

after(async () => {
  await world.browser?.close();
  await demo?.stop();
});

// A page whose every request stays on the server and whose console stays clean; `close` proves it.
export async function open({ url = world.url, ...options } = {}) {
  const context = await world.browser.newContext({ viewport: WIDE, baseURL: url, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const wrongs = [];
  const expected = [];
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (!["data:", "blob:"].includes(protocol) && host !== new URL(url).host) wrongs.push(`request to ${request.url()}`);
  });
  page.on("pageerror", (error) => wrongs.push(`script error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() !== "error" && !/Content.Security.Policy/i.test(message.text())) return;
    if (!expected.some((pattern) => pattern.test(message.text()))) wrongs.push(`console: ${message.text()} at ${page.url()}`);
  });
  return {
    page,
    context,
    // A failure that the test itself provokes, such as a 403.
    expect: (pattern) => expected.push(pattern),
    async close() {
      await context.close();
      assert.deepEqual(wrongs, []);
    },
  };
}

export async function signIn(page, name, password) {
  await page.goto("/login");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/phones");
}

// A page of a signed-in role; the sign-in itself happens once a role.
export async function as(role, options = {}) {
  if (!sessions.has(role)) {
    const first = await open();
    await signIn(first.page, role, world.passwords[role]);
    sessions.set(role, await first.context.storageState());
    await first.close();
  }
  return open({ storageState: sessions.get(role), ...options });
}

// A demo for one suite alone, whose phones are as they started; the answer lets roles in, each visit with a session of its own.
export function ownDemo(phones, options = {}) {
  let own;
  before(async () => {
    own = await startDemo({ phones, ...options });
  });
  after(() => own?.stop());
  return async (role, options = {}) => {
    const visit = await open({ url: own.url, ...options });
    await signIn(visit.page, role, own.passwords[role]);
    return visit;
  };
}

// The address of the first phone that a search finds.
export async function phoneFound(page, query) {
  await page.goto(`/phones?q=${encodeURIComponent(query)}`);
  return page.locator("table.phones tbody th a").first().getAttribute("href");
}

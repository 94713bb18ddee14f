import assert from "node:assert/strict";
import { test } from "node:test";
import { open, signIn, world } from "../world.js";

test("a wrong password is told, and the name kept", async () => {
  const { page, expect, close } = await open();
  expect(/status of 422/);
  await page.goto("/phones");
  await page.getByLabel("Name").fill("helpdesk");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "helpdesk");
  assert.equal(await page.getByLabel("Password").inputValue(), "");
  await close();
});

test("one signs in where one wanted to go, and out again", async () => {
  const { page, close } = await open();
  await page.goto("/account");
  assert.match(page.url(), /\/login/);
  await page.getByLabel("Name").fill("helpdesk");
  await page.getByLabel("Password").fill(world.passwords.helpdesk);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Your account" }).waitFor();
  await page.getByRole("main").getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/login/);
  await page.goto("/phones");
  assert.match(page.url(), /\/login/);
  await signIn(page, "helpdesk", world.passwords.helpdesk);
  await close();
});

test("the theme is switched and kept", async () => {
  const { page, close } = await open();
  await page.goto("/login");
  await signIn(page, "helpdesk", world.passwords.helpdesk);
  const theme = () => page.locator("html").getAttribute("data-theme");
  assert.equal(await theme(), "system");
  await page.locator(".rail [data-theme-switch]").click();
  assert.equal(await theme(), "light");
  await page.locator(".rail [data-theme-switch]").click();
  await page.reload();
  assert.equal(await theme(), "dark");
  await close();
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { shown, state } from "../screen.js";
import { open, phoneFound, signIn, world } from "../world.js";

// Stands between the browser and the demo, so that the server can go away and come back for one page alone.
async function wire() {
  const sockets = new Set();
  const server = createServer((near) => {
    const far = connect(Number(new URL(world.url).port), "127.0.0.1");
    for (const [socket, other] of [[near, far], [far, near]]) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on("error", () => other.destroy());
      socket.on("close", () => sockets.delete(socket));
    }
  });
  const listen = async (port) => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  await listen(0);
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    mend: () => listen(port),
    async cut() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export function connection() {
  test("a page says that the server is gone, sends nothing meanwhile, and goes on by itself", async () => {
    const line = await wire();
    const { page, expect, close } = await open({ url: line.url });
    expect(/WebSocket connection|ERR_CONNECTION|ERR_EMPTY_RESPONSE/);
    await signIn(page, "helpdesk", world.passwords.helpdesk);
    await page.goto(await phoneFound(page, "model:8845"));
    await shown(page);
    await state(page, "Live");

    await line.cut();
    await state(page, "Lost");
    await page.locator("[data-panel]").getByText("The connection to Sidetone is lost").waitFor();
    await page.locator('button.key[value="KeyPad1"]').click();
    await page.locator(".chip.failed", { hasText: "not sent" }).waitFor();

    await line.mend();
    await page.locator("[data-live-state]", { hasText: "Live" }).waitFor({ timeout: 30_000 });
    await page.locator('button.key[value="KeyPad2"]').click();
    await page.locator(".chip.sent", { hasText: "2" }).waitFor();
    assert.equal(await page.locator("[data-panel]").isVisible(), false);
    await close();
    await line.cut();
  });

  test("a page whose session ends elsewhere goes to the sign-in", async () => {
    const { page, context, close } = await open();
    await signIn(page, "supervisor", world.passwords.supervisor);
    await page.goto(await phoneFound(page, "model:8845"));
    await shown(page);
    const other = await context.newPage();
    await other.goto("/account");
    await other.getByRole("main").getByRole("button", { name: "Sign out" }).click();
    await other.waitForURL(/\/login/);
    await page.waitForURL(/\/login/);
    await close();
  });
}

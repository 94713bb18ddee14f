import assert from "node:assert/strict";
import { test } from "node:test";
import { violations } from "./accessibility.js";
import { shown } from "../screen.js";
import { NARROW, as, phoneFound } from "../world.js";

const idOf = (address) => address.split("/").at(-1);

// A tone of so many seconds, 8 kHz and 16 bits.
function tone(seconds) {
  const samples = 8000 * seconds;
  const bytes = Buffer.alloc(44 + 2 * samples);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(36 + 2 * samples, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(8000, 24);
  bytes.writeUInt32LE(16000, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data", 36);
  bytes.writeUInt32LE(2 * samples, 40);
  for (let at = 0; at < samples; at += 1) bytes.writeInt16LE(Math.round(9000 * Math.sin(at / 3)), 44 + 2 * at);
  return bytes;
}

// A picture, painted by the browser itself.
async function painted(page, width, height) {
  const address = await page.evaluate(([w, h]) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [w, h];
    const pen = canvas.getContext("2d");
    const sky = pen.createLinearGradient(0, 0, w, h);
    sky.addColorStop(0, "#0b6e72");
    sky.addColorStop(1, "#e6b450");
    pen.fillStyle = sky;
    pen.fillRect(0, 0, w, h);
    pen.fillStyle = "#fff";
    pen.beginPath();
    pen.arc(w * 0.7, h * 0.35, h / 5, 0, 7);
    pen.fill();
    return canvas.toDataURL("image/png");
  }, [width, height]);
  return Buffer.from(address.split(",")[1], "base64");
}

test("a message is counted while it is typed, kept as a template, and shown by a phone", async () => {
  const { page, close } = await as("helpdesk");
  const name = await phoneFound(page, "model:8845").then(idOf);
  await page.goto("/messages");
  await page.getByLabel("Heading").fill("x".repeat(33));
  await page.locator("#m_title-left", { hasText: "1 too many" }).waitFor();
  await page.getByLabel("Heading").fill("Fire drill");
  await page.locator("#m_title-left", { hasText: "22 of 32 left" }).waitFor();
  await page.getByLabel("Text", { exact: true }).fill("Leave by the north stairs.");
  await page.getByText("Buttons that dial").first().click();
  await page.getByLabel("Button 1").fill("Desk");
  await page.getByLabel("dials").first().fill("4711");
  await page.getByLabel("Keep it as a template named").fill("Drill");
  await page.getByRole("button", { name: "Keep", exact: true }).click();
  await page.waitForURL(/template=\d+/);
  await page.goto("/messages");
  await page.getByRole("link", { name: "Use Drill" }).click();
  assert.equal(await page.getByLabel("Heading").inputValue(), "Fire drill");
  assert.equal(await page.getByLabel("Button 1").inputValue(), "Desk");
  assert.deepEqual(await violations(page), []);
  await page.getByRole("searchbox").fill("8845");
  await page.locator(`.pick-row input[value="${name}"]`).check();
  // What is chosen stays, though it is not found any more.
  await page.getByRole("searchbox").fill("7841");
  await page.locator(".pick-row", { hasText: "7841" }).first().waitFor();
  await page.getByRole("button", { name: "Show it on the phone" }).click();
  await page.locator(".banner.done", { hasText: "took the message" }).waitFor();
  await page.locator(".sent-list li", { hasText: "delivered" }).first().waitFor();
  await page.getByRole("button", { name: "Remove Drill" }).click();
  await page.getByText("The template is removed.").waitFor();
  await close();
});

test("a phone is rung and written to from its page", async () => {
  const { page, close } = await as("helpdesk");
  await page.goto(await phoneFound(page, "model:8821"));
  await shown(page);
  const bar = page.locator("[data-reach-bar]");
  await bar.getByText("Ring it").click();
  await bar.getByRole("button", { name: "Ring", exact: true }).click();
  await bar.locator(".notice.done", { hasText: "It rang once." }).waitFor();
  await page.keyboard.press("Escape");
  await bar.getByText("Vibrate").first().click();
  await bar.getByRole("button", { name: "Vibrate", exact: true }).click();
  await bar.locator(".notice.done", { hasText: "It vibrates 3 times." }).waitFor();
  await page.keyboard.press("Escape");
  await bar.getByText("Message", { exact: true }).click();
  await bar.getByLabel("Text").fill("Your parcel is here.");
  await bar.getByText("3980 of 4000 left").waitFor();
  await bar.getByRole("button", { name: "Show it" }).click();
  await bar.locator(".notice.done", { hasText: "took the message" }).waitFor();
  assert.deepEqual(await violations(page), []);
  await close();
});

test("a sound is uploaded, played on a phone and stopped", async () => {
  const { page, close } = await as("helpdesk");
  const phone = idOf(await phoneFound(page, "model:8845"));
  await page.goto(`/announcements?phone=${phone}`);
  await page.getByLabel("WAV file").setInputFiles({ name: "gong.wav", mimeType: "audio/wav", buffer: tone(60) });
  await page.getByRole("button", { name: "Add it" }).click();
  await page.locator(".banner.done", { hasText: "“gong” is kept" }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.goto(`/announcements?phone=${phone}`);
  await page.getByRole("button", { name: "Play it" }).click();
  await page.waitForURL(/announcements\/\d+$/);
  await page.locator(".hearing .state", { hasText: "listening" }).waitFor();
  await page.waitForFunction(() => document.querySelector("progress").value > 0);
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "Stop it on every phone" }).click();
  await page.locator("h2 .state", { hasText: "stopped by a person" }).waitFor();
  await page.locator(".hearing .state", { hasText: "heard it" }).waitFor();
  await page.goto("/announcements");
  await page.locator(".sent-list li", { hasText: "stopped by a person" }).waitFor();
  await close();
});

test("a browser that does not let the page record says so", async () => {
  const { page, close } = await as("helpdesk");
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  await page.goto("/announcements");
  await page.getByRole("button", { name: "Record with the microphone" }).click();
  await page.getByText("does not let this page use the microphone").waitFor();
  await close();
});

test("a sound is recorded and becomes a file", async () => {
  const { page, close } = await as("helpdesk");
  // A microphone that hums.
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      const context = new AudioContext();
      const [hum, out] = [context.createOscillator(), context.createMediaStreamDestination()];
      hum.connect(out);
      hum.start();
      await context.resume();
      return out.stream;
    };
  });
  await page.goto("/announcements");
  await page.getByRole("button", { name: "Record with the microphone" }).click();
  await page.getByText("It records.").waitFor();
  await page.locator("[data-record-time]", { hasText: "0:01" }).waitFor();
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await page.getByText("Recorded 0:0").waitFor();
  await page.locator("[data-record-heard]").waitFor();
  await page.getByLabel("Name", { exact: true }).fill("Hum");
  await page.getByRole("button", { name: "Add it" }).click();
  await page.locator(".banner.done", { hasText: "“Hum” is kept" }).waitFor();
  await close();
});

test("a background is cropped, previewed, set and proved", async () => {
  const { page, close } = await as("admin");
  // The last of them: no other test opens a menu or a call on it, which would cover the background.
  await page.goto("/phones?q=model:8845&status=registered");
  const phone = idOf(await page.locator("table.phones tbody th a").last().getAttribute("href"));
  await page.goto(`/backgrounds?phone=${phone}`);
  const picture = { name: "Hills.png", mimeType: "image/png", buffer: await painted(page, 1200, 700) };
  await page.getByLabel("Picture").setInputFiles(picture);
  const frame = page.locator("[data-crop-frame]");
  await frame.scrollIntoViewIfNeeded();
  const box = await frame.boundingBox();
  await page.mouse.move(box.x + box.width / 4, box.y + box.height / 4);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 5, box.y + box.height - 5, { steps: 5 });
  await page.mouse.up();
  const width = Number(await page.getByLabel("Width").inputValue());
  assert.ok(width > 700, String(width));
  await frame.focus();
  const left = Number(await page.getByLabel("From the left").inputValue());
  await page.keyboard.press("ArrowLeft");
  assert.ok(Number(await page.getByLabel("From the left").inputValue()) < left);
  await page.keyboard.press("Shift+ArrowLeft");
  assert.ok(Number(await page.getByLabel("Width").inputValue()) < width);
  assert.equal(await page.locator("#f-name").inputValue(), "Hills");
  assert.deepEqual(await violations(page), []);
  await page.locator("form[data-crop]").getByRole("button", { name: "Add it" }).click();
  await page.waitForURL(/background=\d+/);
  const previews = page.locator(".kept[open] .previews img");
  await previews.first().waitFor();
  for (const preview of await previews.all()) {
    await preview.scrollIntoViewIfNeeded();
    await preview.evaluate((image) => image.decode());
  }
  await page.getByRole("searchbox").first().fill("8845");
  await page.locator(`.pick-row input[id="phone-${phone}"]`).check();
  await page.getByRole("button", { name: "Set it and prove it" }).click();
  const shots = page.locator("[data-proof] img");
  await shots.nth(1).waitFor();
  assert.notEqual(await shots.nth(0).getAttribute("src"), await shots.nth(1).getAttribute("src"));
  await page.getByText("of the screen changed").waitFor();
  assert.deepEqual(await violations(page), []);
  await close();
});

test("a message is checked and sent without script, and pages hold on a narrow screen", async () => {
  const { page, close, expect } = await as("helpdesk", { javaScriptEnabled: false, viewport: NARROW });
  expect(/status of 422/);
  await page.goto("/messages");
  await page.getByLabel("Heading").fill("y".repeat(40));
  await page.getByLabel("Text", { exact: true }).fill("Hello");
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByText("8 too many").waitFor();
  assert.equal(await page.getByLabel("Heading").inputValue(), "y".repeat(40));
  await page.getByLabel("Heading").fill("Hello");
  await page.getByRole("searchbox").fill("8865");
  await page.getByRole("button", { name: "Find" }).click();
  await page.locator(".pick-row").first().click();
  await page.getByRole("button", { name: "Show it on the phone" }).click();
  await page.locator(".banner.done", { hasText: "took the message" }).waitFor();
  for (const path of ["/messages", "/announcements", "/backgrounds"]) {
    await page.goto(path);
    const [scrollWidth, clientWidth] = await page.evaluate(() => {
      const root = document.documentElement;
      return [root.scrollWidth, root.clientWidth];
    });
    assert.ok(scrollWidth <= clientWidth, `${path} is ${scrollWidth} wide`);
  }
  await close();
});

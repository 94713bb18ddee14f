import assert from "node:assert/strict";
import { test } from "node:test";
import { shown } from "../screen.js";
import { NARROW, WIDE, ownDemo, phoneFound } from "../world.js";

// What a part of the picture means depends on what the phone shows: no other suite has pressed keys of these.
const as = ownDemo(30);

// The keys that the page sends, in their order.
function keysSent(page) {
  const keys = [];
  page.on("websocket", (socket) =>
    socket.on("framesent", ({ payload }) => {
      if (typeof payload === "string" && payload.includes('"press"')) keys.push(JSON.parse(payload).press.key);
    }),
  );
  return keys;
}

// A place of the picture, in its own pixels, as a place of the page.
async function onPicture(page, x, y) {
  const { box, pixels } = await page.locator("canvas.shot").evaluate((canvas) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return { box: { left, top, width, height }, pixels: { width: canvas.width, height: canvas.height } };
  });
  return [box.left + (x / pixels.width) * box.width, box.top + (y / pixels.height) * box.height];
}

const HOVERS = 500;

// Moves the mouse there; the key that the picture offers, once its name stands beside it. What the phone tells of its screen
// may come meanwhile, rename the key and take the hint away: the mouse moves on the spot until both agree.
async function hover(page, x, y) {
  for (let tries = 0; tries < HOVERS; tries += 1) {
    await page.mouse.move(x + (tries % 2), y);
    const key = await page.evaluate(() => {
      const button = document.querySelector("button.key.hinted");
      const region = document.querySelector("[data-region]");
      return button && region.checkVisibility() && region.textContent.includes(button.querySelector(".cap").textContent) ? button.value : null;
    });
    if (key) return key;
  }
  return null;
}

// Places in pixels of the picture, and the keys beside them. Lines come first: a softkey may open a menu, whose rows are digits.
const CLICKS = {
  8845: [[100, 172, "Line2"], [600, 100, "Session1"], [100, 455, "Soft1"], [700, 455, "Soft4"]],
  7841: [[40, 152, "Soft1"], [350, 152, "Soft4"]],
  7941: [[280, 38, "Line1"], [120, 212, "Soft2"]],
  7975: [[280, 60, "Line2"], [95, 230, "Soft2"]],
  7960: [[180, 20, "Line1"], [140, 105, "Soft3"]],
};

for (const [model, clicks] of Object.entries(CLICKS)) {
  test(`a click on the picture of a ${model} presses the key beside it`, async () => {
    const { page, close } = await as("helpdesk");
    const sent = keysSent(page);
    await page.goto(await phoneFound(page, `model:${model}`));
    await shown(page);
    for (const [x, y, key] of clicks) {
      assert.equal(await hover(page, ...(await onPicture(page, x, y))), key);
      const chips = await page.locator("[data-chips] .chip").count();
      await page.mouse.click(...(await onPicture(page, x, y)));
      await page.locator("[data-chips] .chip").nth(chips).waitFor();
      assert.equal(sent.at(-1), key);
    }
    assert.equal(sent.length, clicks.length);
    await close();
  });
}

test("a tap on the picture presses too, and elsewhere the picture takes the keyboard", async () => {
  const { page, close } = await as("helpdesk", { viewport: NARROW, hasTouch: true });
  const sent = keysSent(page);
  await page.goto(await phoneFound(page, "model:8845"));
  await shown(page);
  await page.touchscreen.tap(...(await onPicture(page, 300, 455)));
  await page.locator("[data-chips] .chip").first().waitFor();
  assert.deepEqual(sent, ["Soft2"]);
  assert.equal(await page.evaluate(() => document.activeElement.matches("[data-screen]")), false);
  await page.touchscreen.tap(...(await onPicture(page, 300, 20)));
  await page.waitForFunction(() => document.activeElement.matches("[data-screen]"));
  assert.equal(sent.length, 1);
  await close();
});

// Words about the screen, given to the page's own script as the live channel would.
function withFaceplate(page, act) {
  return page.evaluate(`(async () => {
    const at = document.querySelector('link[href*="faceplate.css"]').href.replace("faceplate.css", "faceplate.js");
    const { Faceplate } = await import(at);
    window.pressed ??= [];
    window.plate ??= new Faceplate(document.querySelector(".faceplate"), { press: (button) => window.pressed.push(button.value) });
    ${act}
  })()`);
}

test("rows of a menu act as the digits that choose them, and only then", async () => {
  const { page, close } = await as("helpdesk");
  await page.goto(await phoneFound(page, "model:7941"));
  await shown(page);
  const row = await onPicture(page, 40, 61);
  await withFaceplate(page, "");
  await page.mouse.click(...row);
  await withFaceplate(page, 'plate.setText({ available: true, title: "Settings", rows: [{ name: "1" }, { name: "2" }] })');
  await page.mouse.click(...row);
  // The third row is empty.
  await page.mouse.click(...(await onPicture(page, 40, 85)));
  // In a call and while a number is entered a digit would dial.
  await withFaceplate(page, 'plate.setText({ available: true, title: "Connected", rows: [{}, {}], calls: [{ line: 1 }] })');
  await page.mouse.click(...row);
  await withFaceplate(page, 'plate.setText({ available: true, title: "Dial", rows: [{}, {}], prompt: "Enter number" })');
  await page.mouse.click(...row);
  assert.deepEqual(await page.evaluate("pressed"), ["KeyPad2"]);
  await close();
});

test("lamps and labels tell what LineInfo says, in words too", async () => {
  const { page, close } = await as("helpdesk");
  // What the phone itself tells must not come in between.
  await page.routeWebSocket(/\/live$/, () => {});
  await page.goto(await phoneFound(page, "model:8845"));
  await withFaceplate(
    page,
    `plate.setLines([{ position: 1, number: "2041", label: "Reception", state: "RINGING", message_waiting: true }, { position: 2, number: "2042", state: "ONHOOK" }]);
    plate.setSoftkeys([{ position: 1, label: "Answer" }]);`,
  );
  const line = page.locator('button.key[value="Line1"]');
  assert.match(await line.textContent(), /Line 1\s+2041\s+ringing, message waiting/);
  assert.equal(await line.getAttribute("title"), "Reception · ringing · message waiting");
  assert.equal(await page.locator('button.key[value="Line2"] .lamp').count(), 0);
  await page.getByRole("button", { name: "Answer" }).waitFor();
  await withFaceplate(page, 'plate.setLines([{ position: 1, number: "2041", state: "ONHOOK" }]); plate.setSoftkeys([]);');
  assert.equal(await page.locator(".lamp").count(), 0);
  assert.equal(await page.locator('button.key[value="Soft1"] .cap').textContent(), "Softkey 1");
  await close();
});

// What is wrong with the places of keys and screen, as the browser laid them out.
function misplaced(smallest) {
  const screen = document.querySelector("[data-screen]");
  const parts = [screen, ...document.querySelectorAll(".device button.key")].map((part) => ({
    name: part.value ?? "screen",
    box: part.getBoundingClientRect(),
  }));
  const wrong = [];
  for (const [index, { name, box }] of parts.entries()) {
    if (Math.min(box.width, box.height) < smallest - 0.5) wrong.push(`${name} is ${box.width} by ${box.height}`);
    if (box.left < 0 || box.right > innerWidth) wrong.push(`${name} is beyond the page`);
    for (const other of parts.slice(index + 1)) {
      const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
      const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
      if (across > 0.5 && down > 0.5) wrong.push(`${name} overlaps ${other.name}`);
    }
  }
  const beyond = document.documentElement.scrollWidth - innerWidth;
  if (beyond > 0) wrong.push(`the page is ${beyond} px too wide`);
  return wrong;
}

test("keys and screen lie apart on every model, wide, middling and narrow", async () => {
  const { page, close } = await as("helpdesk");
  await page.goto("/phones");
  const models = new Set(await page.locator("table.phones td.c-model").allTextContents());
  const found = {};
  for (const model of [...models].filter((name) => /^\d{4}/.test(name))) {
    await page.goto(await phoneFound(page, `model:${model}`));
    for (const [viewport, smallest] of [[WIDE, 32], [{ width: 1120, height: 800 }, 32], [NARROW, 32]]) {
      await page.setViewportSize(viewport);
      await page.waitForFunction(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true)))));
      const wrong = await page.evaluate(`(${misplaced})(${smallest})`);
      if (wrong.length > 0) found[`${model} at ${viewport.width}`] = wrong;
    }
    await page.setViewportSize(WIDE);
  }
  assert.ok(models.size > 8);
  assert.deepEqual(found, {});
  await close();
});

test("the screen and its softkeys are in sight at once", async () => {
  const { page, close } = await as("helpdesk");
  for (const model of ["8845", "7841", "7941", "7975", "7960", "6941", "8821", "8831", "9951"]) {
    await page.goto(await phoneFound(page, `model:${model}`));
    const last = await page.locator('button.key[value="Soft1"]').boundingBox();
    assert.ok(last.y + last.height <= WIDE.height, `${model}: the softkeys end at ${last.y + last.height}`);
  }
  await close();
});

// The live picture: its state in a word, its age, and the drawing of it.

import { find, hasPictures, name, page } from "./page.js";
import { troublePanel } from "./trouble.js";

const WORDS = { connecting: "Connecting", live: "Live", slow: "Slow", stale: "Stale", lost: "Lost" };
const canvas = find("canvas.shot");
const panel = find("[data-panel]");

let capturedAt = null;
let version = 0;
let paused = false;

// The way to the diagnosis, for those who may ask for one.
function whyNot() {
  const link = find("a[data-why-not]");
  if (!link) return [];
  const place = document.createElement("p");
  place.className = "why-not";
  place.append(link.cloneNode(true));
  place.firstElementChild.className = "button small";
  return [place];
}

export function showState(state, trouble) {
  page.dataset.state = state;
  const word = find("[data-live-state]");
  word.className = `state l-${state}`;
  if (word.textContent !== WORDS[state]) word.textContent = WORDS[state] ?? state;
  if (!hasPictures) return;
  const show = Boolean(trouble?.cause_title) && (state === "lost" || canvas.hidden);
  if (show) panel.replaceChildren(troublePanel(trouble), ...whyNot());
  panel.hidden = !show;
}

export function ageInSeconds() {
  return capturedAt === null ? null : Math.max(0, (Date.now() - capturedAt) / 1000);
}

export function inWords(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min`;
}

export function tellAge() {
  const seconds = ageInSeconds();
  if (seconds === null) return;
  find("[data-live-age]").textContent = `${paused ? "paused, " : ""}${inWords(seconds)} old`;
  const clock = new Date(capturedAt).toLocaleTimeString();
  find("[data-dated]").textContent = `Picture of ${clock}`;
  canvas.setAttribute("aria-label", `Screen of ${name}, ${Math.round(seconds)} s old`);
}

// The event `phone` tells the age by the server's clock.
export function noteAge(milliseconds) {
  capturedAt = Date.now() - milliseconds;
}

export function setPaused(now) {
  paused = now;
  if (!paused) forget();
  tellAge();
}

// The next picture is drawn whatever its version: a server that began anew counts anew.
export function forget() {
  version = 0;
}

// Draws a picture unless a newer one is there; true when it was drawn.
export async function draw(header, blob, faceplate) {
  if (paused || header.version < version) return false;
  const bitmap = await createImageBitmap(blob);
  if (paused || header.version < version) {
    bitmap.close();
    return false;
  }
  version = header.version;
  capturedAt = Date.parse(header.captured_at);
  faceplate.resize(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  canvas.hidden = false;
  if (page.dataset.state !== "lost") panel.hidden = true;
  tellAge();
  return true;
}

// What is shown now, as a PNG; null before the first picture.
export function asPng() {
  if (canvas.hidden) return Promise.resolve(null);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

export function capturedTime() {
  return capturedAt === null ? null : new Date(capturedAt);
}

// The player: a clock of its own that runs over the steps of the list.

import { clockFace, readSteps, searchSteps, stepAt } from "./steps.js";

// Idle time is skipped down to this much of it, in milliseconds.
const IDLE_LEFT_MS = 1_000;
const IDLE_MS = 3_000;
const CAPTION_MS = 4_000;

class Player {
  #find;
  #steps;
  #pictures;
  #presses;
  #length;
  #at = 0;
  #playing = false;
  #last = 0;
  #shown = 0;
  #current = null;

  constructor(root) {
    this.#find = (selector) => root.querySelector(selector);
    this.#steps = readSteps(this.#find("[data-steps]"));
    this.#pictures = this.#steps.filter((step) => step.kind === "picture");
    this.#presses = this.#steps.filter((step) => step.kind === "press");
    this.#length = Number(root.dataset.length);
    this.address = (n) => `/recordings/${root.dataset.recording}/pictures/${n}`;
    this.#find("[data-tools]").hidden = false;
    this.#find("[data-seek]").hidden = false;
    this.#listen(root);
    searchSteps(root, this.#steps);
    const asked = Number(new URLSearchParams(location.search).get("step"));
    this.seek(this.#steps.find((step) => step.n === asked)?.at ?? 0);
  }

  #listen(root) {
    this.#find("[data-play]").addEventListener("click", () => this.toggle());
    this.#find("[data-previous]").addEventListener("click", () => this.step(-1));
    this.#find("[data-next]").addEventListener("click", () => this.step(1));
    this.#find("[data-seek]").addEventListener("input", (event) => this.seek(Number(event.target.value)));
    this.#find("[data-steps]").addEventListener("click", (event) => this.#jump(event));
    root.querySelector("[data-picture]").addEventListener("load", (event) => this.#fit(event.target));
    addEventListener("resize", () => this.#fit(root.querySelector("[data-picture]")));
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  toggle() {
    this.#playing = !this.#playing;
    // At its end it begins anew.
    if (this.#playing && this.#at >= this.#length) this.seek(0);
    this.#find("[data-icon-play]").hidden = this.#playing;
    this.#find("[data-icon-pause]").hidden = !this.#playing;
    this.#find("[data-play-word]").textContent = this.#playing ? "Pause" : "Play";
    if (!this.#playing) return;
    this.#last = performance.now();
    requestAnimationFrame((now) => this.#tick(now));
  }

  #tick(now) {
    if (!this.#playing) return;
    const speed = Number(this.#find("[data-speed]").value);
    let at = this.#at + (now - this.#last) * speed;
    this.#last = now;
    if (this.#find("[data-skip]").checked) at = this.#withoutIdle(at);
    if (at >= this.#length) {
      this.seek(this.#length);
      this.toggle();
      return;
    }
    this.#show(at);
    requestAnimationFrame((next) => this.#tick(next));
  }

  // Where to go on when nothing happens for a while: shortly before the next step, or at the end.
  #withoutIdle(at) {
    const index = stepAt(this.#steps, at);
    const since = at - (this.#steps[index]?.at ?? 0);
    const next = this.#steps[index + 1]?.at ?? this.#length;
    if (since < IDLE_LEFT_MS || next - at < IDLE_MS) return at;
    return next - IDLE_LEFT_MS;
  }

  // To the step before or after, among those of the list that a search left.
  step(by) {
    if (this.#playing) this.toggle();
    const index = this.#current === null ? -1 : this.#steps.indexOf(this.#current);
    for (let at = index + by; at >= 0 && at < this.#steps.length; at += by) {
      if (this.#steps[at].item.hidden) continue;
      this.#show(this.#steps[at].at, this.#steps[at]);
      return;
    }
  }

  seek(at) {
    this.#show(Math.min(Math.max(at, 0), this.#length));
  }

  #jump(event) {
    const link = event.target.closest("a");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const step = this.#steps.find((one) => one.link === link);
    if (this.#playing) this.toggle();
    this.#show(step.at, step);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inRange = event.target.matches("[data-seek]");
    if (!inRange && event.target.closest("input, select, textarea, summary")) return;
    if (event.key === " " && event.target.closest("button, a")) return;
    const act = {
      " ": () => this.toggle(),
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      Home: () => this.seek(0),
      End: () => this.seek(this.#length),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  // Shows a moment; `exact` is the step meant when several happened in it.
  #show(at, exact = null) {
    this.#at = at;
    const step = exact ?? this.#steps[stepAt(this.#steps, at)] ?? null;
    this.#picture(step, at);
    this.#caption(step, at);
    this.#mark(step);
    const seek = this.#find("[data-seek]");
    seek.value = String(at);
    seek.setAttribute("aria-valuetext", clockFace(at));
    this.#find("[data-time]").textContent = clockFace(at);
  }

  #picture(step, at) {
    let index = stepAt(this.#pictures, at);
    // Steps of one moment keep their order: a press comes with the picture before it.
    while (step && index > 0 && this.#pictures[index].at === step.at && this.#steps.indexOf(this.#pictures[index]) > this.#steps.indexOf(step)) index -= 1;
    const picture = this.#pictures[Math.max(index, 0)];
    if (!picture || picture.n === this.#shown) return;
    this.#shown = picture.n;
    const image = this.#find("[data-picture]");
    image.src = this.address(picture.n);
    image.width = picture.width;
    image.height = picture.height;
    image.alt = `Screen at ${clockFace(picture.at)}`;
    const next = this.#pictures[index + 1];
    if (next) new Image().src = this.address(next.n);
  }

  // Small displays are shown in whole multiples of their pixels.
  #fit(image) {
    const frame = image.parentElement;
    const scale = Math.floor(Math.min(frame.clientWidth / image.naturalWidth, frame.clientHeight / image.naturalHeight, 3));
    image.classList.toggle("crisp", scale >= 2);
    image.style.width = scale >= 2 ? `${image.naturalWidth * scale}px` : "";
  }

  #caption(step, at) {
    const press = step?.kind === "press" ? step : this.#presses[stepAt(this.#presses, at)];
    const fresh = press && at - press.at < CAPTION_MS;
    const lost = step?.kind === "lost" ? step : null;
    const told = lost ?? (fresh ? press : null);
    const text = told ? `${clockFace(told.at)} ${told.text}` : "";
    const caption = this.#find("[data-caption]");
    if (caption.textContent !== text) caption.textContent = text;
  }

  #mark(step) {
    if (step === this.#current) return;
    this.#current?.link.removeAttribute("aria-current");
    this.#current = step;
    if (!step) return;
    step.link.setAttribute("aria-current", "step");
    const list = step.item.parentElement;
    const top = step.item.offsetTop - list.offsetTop;
    const isSeen = top >= list.scrollTop && top + step.item.offsetHeight <= list.scrollTop + list.clientHeight;
    if (!isSeen) list.scrollTop = top - list.clientHeight / 3;
  }
}

export function startPlayer(root) {
  return new Player(root);
}

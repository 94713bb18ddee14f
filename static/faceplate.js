// The drawn device: its size on whole pixels, its lamps and labels, and the parts of the picture that act as keys.

const LARGEST_PIXEL = 3;
const LARGEST_UNIT = 2;
// A screen without its device around it, in CSS pixels and as a part of the window's height; the stylesheet knows the latter.
const WIDEST_ALONE = 800;
const TALLEST_ALONE = 0.55;
// Regions are used while the picture has the shape that they were measured on.
const SHAPE_TOLERANCE = 0.03;
// A device may be so much smaller than its room for the sake of whole pixels.
const WHOLE_WORTH = 0.84;
const FLASH_MS = 220;

// States of a line as phones name them (LineInfo), with the word, the colour and the sign that tell them.
const LAMPS = {
  ONHOOK: null,
  OFFHOOK: ["off the hook", "active", "phone"],
  RINGING: ["ringing", "ringing", "phone-incoming"],
  RINGOUT: ["calling", "active", "phone-call"],
  PROCEEDING: ["calling", "active", "phone-call"],
  CONNECTED: ["in a call", "active", "phone-call"],
  ONHOLD: ["on hold", "held", "player-pause"],
  HOLD: ["on hold", "held", "player-pause"],
  REMOTELY_IN_USE: ["in use elsewhere", "remote", "users"],
  BLF_BUSY: ["busy", "remote", "users"],
  BLF_IDLE: null,
  BLF_ALERTING: ["ringing", "ringing", "phone-incoming"],
  BLF_DND: ["do not disturb", "remote", "circle-minus"],
};

function lampOf(state) {
  const name = String(state ?? "").toUpperCase().replaceAll(/[\s-]+/g, "_");
  if (name in LAMPS) return LAMPS[name];
  return name === "" || name === "UNKNOWN" ? null : [name.toLowerCase().replaceAll("_", " "), "other", "circle-dot"];
}

export class Faceplate {
  #device;
  #room;
  #screen;
  #canvas;
  #outline;
  #plate;
  #press;
  #menu = null;
  #rows = 0;
  #hinted = null;

  // root: the faceplate's section. press(button): a part of the picture was pressed that acts as this button.
  constructor(root, { press } = {}) {
    this.#device = root.querySelector("[data-device]");
    this.#room = root.querySelector(".room");
    this.#screen = root.querySelector("[data-screen]");
    this.#canvas = root.querySelector("canvas.shot");
    this.#outline = root.querySelector("[data-region]");
    this.#plate = this.#device.dataset.plate ? JSON.parse(this.#device.dataset.plate) : null;
    this.#press = press;
    if (press && this.#plate?.regions.length > 0) this.#usePicture();
    new ResizeObserver(() => this.fit()).observe(this.#room);
    this.fit();
  }

  // Makes the device as large as its room allows, and the picture as large as whole pixels of the display allow.
  fit() {
    // Hidden, or not laid out yet: the observer calls again when there is room.
    if (this.#room.clientWidth === 0) return;
    const drawn = this.#plate && getComputedStyle(this.#device).getPropertyValue("--drawn").trim() === "1";
    // A phone in the hand has two or three pixels for one of the page.
    const fine = devicePixelRatio || 1;
    if (drawn) this.#device.style.setProperty("--u", `${this.#unit(fine)}px`);
    else this.#device.style.removeProperty("--u");
    const { width, height } = this.#canvas;
    const space = drawn ? this.#screen.getBoundingClientRect() : this.#spaceAlone(width, height);
    const full = Math.min(space.width / width, space.height / height, LARGEST_PIXEL);
    const whole = Math.floor(full * fine + 0.001) / fine;
    const crisp = whole > 0 && whole >= full * WHOLE_WORTH;
    const scale = crisp ? whole : full;
    this.#screen.classList.toggle("crisp", crisp);
    if (drawn) this.#center(space, width * scale, height * scale, fine);
    else this.#takeSpace(width * scale, height * scale);
  }

  // The picture has these pixels now.
  resize(width, height) {
    if (this.#canvas.width === width && this.#canvas.height === height) return;
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.fit();
  }

  // The labels of the softkeys: [{position, label}]; a softkey without one keeps its number.
  setSoftkeys(softkeys) {
    for (const button of this.#device.querySelectorAll('button[value^="Soft"]')) {
      const cap = button.querySelector(".cap");
      button.dataset.label ??= cap.textContent;
      const known = softkeys.find(({ position }) => button.value === `Soft${position}`);
      const label = known?.label || button.dataset.label;
      button.classList.toggle("blank", !known?.label && softkeys.length > 0);
      if (cap.textContent !== label) cap.textContent = label;
    }
  }

  // The lines: [{position, number, label, state, message_waiting}].
  setLines(lines) {
    for (const button of this.#device.querySelectorAll('button[value^="Line"]')) {
      const line = lines.find(({ position }) => button.value === `Line${position}`);
      this.#showLamp(button, line);
      if (line) this.#nameLine(button, line);
    }
    this.#device.classList.toggle("waiting", lines.some((line) => line.message_waiting));
  }

  // The screen in words: {available, title, rows, softkeys, lines}; rows of a menu act as the digits that choose them.
  setText(text) {
    if (!text?.available) {
      this.#menu = null;
      return;
    }
    // A call and a number being entered have a title and rows too: a digit would dial there.
    const lines = text.lines ?? [];
    const calling = (text.calls?.length ?? 0) > 0 || lines.some(({ state }) => lampOf(state)?.[1] === "active");
    const entering = /\benter\b/i.test(text.prompt ?? "");
    const rows = text.rows?.length ?? 0;
    this.#menu = !calling && !entering && (rows > 0 || Boolean(text.title));
    // A page with one row is a text.
    this.#rows = rows > 1 ? rows : 0;
    if (text.softkeys) this.setSoftkeys(text.softkeys);
    if (text.lines) this.setLines(text.lines);
    this.#hint(null);
  }

  #unit(fine) {
    const { width, height, zoom } = this.#plate;
    const tallest = Math.max(1, (innerHeight * 0.8) / height);
    const full = Math.min(this.#room.clientWidth / width, tallest, LARGEST_UNIT, LARGEST_PIXEL / zoom);
    const whole = Math.floor(full * zoom * fine + 0.001) / fine / zoom;
    return whole >= full * WHOLE_WORTH || (full > 1 && whole >= 1) ? whole : Math.min(full, 1);
  }

  #spaceAlone(width, height) {
    const { paddingLeft, paddingRight } = getComputedStyle(this.#device);
    const border = this.#screen.offsetWidth - this.#screen.clientWidth;
    const room = this.#device.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - border;
    const across = Math.min(room, Math.max(WIDEST_ALONE, width));
    return { width: across, height: Math.min((across * height) / width, innerHeight * TALLEST_ALONE) };
  }

  #center(space, width, height, fine) {
    const onPixel = (value) => Math.round(value * fine) / fine;
    const { style } = this.#canvas;
    style.width = `${width}px`;
    style.height = `${height}px`;
    style.left = `${onPixel((space.width - width) / 2)}px`;
    style.top = `${onPixel((space.height - height) / 2)}px`;
  }

  #takeSpace(width, height) {
    for (const name of ["width", "height", "left", "top"]) this.#canvas.style.removeProperty(name);
    const sizer = this.#screen.querySelector(".sizer");
    sizer.setAttribute("viewBox", `0 0 ${this.#canvas.width} ${this.#canvas.height}`);
    sizer.setAttribute("width", width);
    sizer.setAttribute("height", height);
  }

  #icon(name) {
    const known = document.querySelector("svg.icon use");
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("class", "icon");
    icon.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", known.getAttribute("href").replace(/#.*$/, `#${name}`));
    icon.append(use);
    return icon;
  }

  #showLamp(button, line) {
    const lamp = lampOf(line?.state);
    const words = [lamp?.[0], line?.message_waiting ? "message waiting" : null].filter(Boolean).join(", ");
    if ((button.dataset.words ?? "") === words) return;
    button.dataset.words = words;
    button.dataset.lamp = lamp ? lamp[1] : words ? "waiting" : "";
    button.querySelector(".lamp")?.remove();
    if (!words) return;
    const sign = document.createElement("span");
    sign.className = "lamp";
    const spoken = document.createElement("span");
    spoken.className = "sr";
    spoken.textContent = ` ${words}`;
    sign.append(this.#icon(lamp ? lamp[2] : "mail"), spoken);
    button.append(sign);
  }

  #nameLine(button, { number, label, state, message_waiting }) {
    let small = button.querySelector(".dn");
    if (!small && number) {
      small = document.createElement("small");
      small.className = "dn";
      button.append(" ", small);
    }
    if (number && small.textContent !== number) small.textContent = number;
    const words = lampOf(state)?.[0];
    button.title = [label || number, words, message_waiting ? "message waiting" : null].filter(Boolean).join(" · ");
  }

  // Clicks on the picture

  #usePicture() {
    this.#screen.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") this.#hint(this.#at(event));
    });
    this.#screen.addEventListener("pointerleave", () => this.#hint(null));
    // The keyboard stays where it is when the picture is used as a key.
    this.#screen.addEventListener("mousedown", (event) => {
      if (this.#at(event)) event.preventDefault();
    });
    this.#screen.addEventListener("click", (event) => this.#click(event), { capture: true });
  }

  #click(event) {
    const found = this.#at(event);
    if (!found) return;
    event.preventDefault();
    event.stopPropagation();
    this.#hint(found);
    if (event.pointerType === "touch") setTimeout(() => this.#hint(null), FLASH_MS);
    this.#press(found.button);
  }

  // The region under the pointer and the button that it stands for.
  #at({ clientX, clientY, target }) {
    if (this.#canvas.hidden || target.closest("[data-panel], [data-keyboard-sign]")) return null;
    const box = this.#canvas.getBoundingClientRect();
    const { width, height } = this.#plate.pixels;
    const x = ((clientX - box.left) / box.width) * width;
    const y = ((clientY - box.top) / box.height) * height;
    const inside = (area) => x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height;
    const region = this.#active().find(inside);
    const button = region && this.#device.querySelector(`button[value="${region.key}"]`);
    return button ? { region, button } : null;
  }

  // Rows of a menu are known only from the screen in words, and only while all of them are in sight.
  #active() {
    const { regions, pixels } = this.#plate;
    const shape = (this.#canvas.width / this.#canvas.height) * (pixels.height / pixels.width);
    if (Math.abs(shape - 1) > SHAPE_TOLERANCE) return [];
    const rows = regions.filter(({ when }) => when === "menu");
    const listed = this.#menu && this.#rows <= rows.length ? rows.slice(0, this.#rows) : [];
    const always = regions.filter(({ when }) => when === "always" || (when === "no-menu" && !this.#menu));
    return [...always, ...listed];
  }

  #hint(found) {
    if (this.#hinted === (found?.region ?? null)) return;
    this.#hinted = found?.region ?? null;
    this.#device.querySelector(".key.hinted")?.classList.remove("hinted");
    this.#outline.hidden = !found;
    this.#screen.classList.toggle("pointing", Boolean(found));
    if (!found) return;
    found.button.classList.add("hinted");
    this.#outline.querySelector("span").textContent = found.button.querySelector(".cap").textContent;
    this.#placeOutline(found.region);
  }

  #placeOutline({ x, y, width, height }) {
    const { pixels } = this.#plate;
    const across = this.#canvas.offsetWidth / pixels.width;
    const down = this.#canvas.offsetHeight / pixels.height;
    const { style } = this.#outline;
    style.left = `${this.#canvas.offsetLeft + x * across}px`;
    style.top = `${this.#canvas.offsetTop + y * down}px`;
    style.width = `${width * across}px`;
    style.height = `${height * down}px`;
    this.#outline.classList.toggle("low", height * down < 40);
  }
}

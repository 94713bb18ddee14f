// One tile: its picture, its state in words, how old it is, what became of the last key.

const WORDS = { connecting: "Connecting", live: "Live", slow: "Slow", stale: "Stale", lost: "Lost" };

export function age(since) {
  const seconds = Math.max(0, Math.round((Date.now() - since) / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

// Draws a picture into the room there is: on whole pixels where that wastes little of it, else scaled smoothly by the
// canvas itself, for browsers make a large canvas small in a coarse way.
export function paint(canvas, bitmap, room) {
  const fine = devicePixelRatio || 1;
  const most = Math.min(room.width / bitmap.width, room.height / bitmap.height) * fine;
  const isWhole = Math.floor(most) >= 1 && Math.floor(most) >= most * 0.8;
  const scale = isWhole ? Math.floor(most) : most;
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  canvas.style.width = `${width / fine}px`;
  canvas.style.height = `${height / fine}px`;
  canvas.classList.toggle("whole", isWhole);
  canvas.width = isWhole ? bitmap.width : Math.max(1, Math.round(width));
  canvas.height = isWhole ? bitmap.height : Math.max(1, Math.round(height));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
}

export class Tile {
  inView = false;
  pacedByBudget = false;
  trouble = null;
  driver = "";
  isYours = false;
  bitmap = null;
  #room = null;
  #causes;
  #freshAt = null;
  #version = 0;
  #known = false;
  #isAttended = false;
  #paused = false;

  constructor(element, causes) {
    this.element = element;
    this.id = Number(element.dataset.phone);
    this.name = element.dataset.name;
    this.title = element.dataset.title;
    this.model = Number(element.dataset.model);
    this.hasKeys = element.hasAttribute("data-keys");
    this.hasPictures = element.hasAttribute("data-pictures");
    this.canvas = element.querySelector("canvas");
    this.#causes = causes;
  }

  get state() {
    return this.element.dataset.state;
  }

  #part(name) {
    return this.element.querySelector(`[data-${name}]`);
  }

  told(event) {
    if (!this.#isAttended) return;
    this.#known = true;
    this.trouble = event.cause_title || event.evidence ? event : null;
    this.pacedByBudget = event.paced_by === "budget";
    if (typeof event.age_ms === "number") this.#freshAt = Date.now() - event.age_ms;
    this.#show(event.state);
    const why = this.#part("why");
    const text = this.trouble ? (this.#causes.get(event.cause) ?? event.cause_title ?? event.evidence) : "";
    // A slow phone has its picture; the words would hide it.
    why.hidden = !text || (event.state !== "lost" && !this.canvas.hidden);
    if (why.textContent !== text) why.textContent = text;
    why.title = this.trouble?.cause_title ?? "";
    this.tellAge();
  }

  driven(event) {
    this.isYours = event.you;
    this.driver = event.driver && !event.you ? `${event.driver.user} drives` : "";
    const place = this.#part("driver");
    place.textContent = this.driver;
    place.hidden = !this.driver;
  }

  #show(state) {
    if (this.state === state) return;
    this.element.dataset.state = state;
    const word = this.#part("word");
    word.className = `state l-${state}`;
    word.textContent = WORDS[state] ?? state;
  }

  // A connection of its own numbers nothing anew, but what was shown may be old.
  relinked() {
    if (!this.hasPictures) return;
    this.#known = false;
    this.#version = 0;
    if (this.#isAttended) this.#show("connecting");
  }

  async draw(header, blob) {
    if (header.version < this.#version) return;
    // Only changed pictures come; what is said of the age of an old one comes after it, before it is decoded.
    this.#freshAt = Date.now();
    const bitmap = await createImageBitmap(blob);
    if (header.version < this.#version || this.#paused) return bitmap.close();
    this.#version = header.version;
    this.bitmap?.close();
    this.bitmap = bitmap;
    this.fit(this.#room);
    this.canvas.hidden = false;
    if (this.state !== "lost") this.#part("why").hidden = true;
  }

  // The room for the picture, in CSS pixels.
  fit(room) {
    this.#room = room;
    if (this.bitmap && room?.width > 0 && room.height > 0) paint(this.canvas, this.bitmap, room);
  }

  // Whether it is looked at now; until the first answer nobody knows how it stands.
  attended(is) {
    if (is === this.#isAttended) return;
    this.#isAttended = is;
    this.#known = false;
    this.pacedByBudget = false;
    if (is) this.#show("connecting");
  }

  pause(paused) {
    this.#paused = paused;
  }

  get ageText() {
    if (!this.#freshAt || !this.hasPictures) return "";
    return this.#paused ? `paused, ${age(this.#freshAt)} old` : age(this.#freshAt);
  }

  tellAge() {
    const text = this.#freshAt && this.hasPictures ? age(this.#freshAt) : "";
    const place = this.#part("age");
    if (place.textContent !== text) place.textContent = text;
  }

  countedAs(paused, unlinked) {
    if (!this.hasPictures) return "without picture";
    if (paused) return "paused";
    if (unlinked) return "not updated";
    if (!this.#isAttended) return "out of view";
    return this.#known ? this.state : "connecting";
  }

  // The cause of an event in a few words.
  inWords(event) {
    return this.#causes.get(event.cause) ?? "";
  }

  // What became of a key: `kind` is nothing while nobody knows.
  outcome(text, kind = "", whole = text) {
    const place = this.#part("told");
    place.className = `told ${kind}`;
    place.textContent = text;
    place.title = whole;
    place.hidden = !text;
  }
}

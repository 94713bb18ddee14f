// The part of a picture to be shown: drawn with a pointer, moved with the keyboard. The number fields are what is sent.

const FIELDS = ["x", "y", "width", "height"];
// As the server has it, in pixels.
const LEAST = 8;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

class Crop {
  #form;
  #frame;
  #picture;
  #size = [0, 0];

  constructor(form) {
    this.#form = form;
    this.#frame = form.querySelector("[data-crop-frame]");
    this.#picture = form.querySelector("[data-crop-picture]");
    const input = form.querySelector("[data-file]");
    input.addEventListener("change", () => this.#open(input.files[0], true));
    for (const name of FIELDS) form.elements[name].addEventListener("input", () => this.#paint());
    this.#frame.addEventListener("keydown", (event) => this.#key(event));
    this.#drawing();
    if (input.files[0]) this.#open(input.files[0], false);
  }

  #open(file, anew) {
    if (this.#picture.src) URL.revokeObjectURL(this.#picture.src);
    this.#frame.hidden = true;
    if (anew) this.#put(null);
    if (!file) return this.#picture.removeAttribute("src");
    this.#picture.onload = () => {
      this.#size = [this.#picture.naturalWidth, this.#picture.naturalHeight];
      this.#frame.hidden = false;
      this.#frame.querySelector("svg").setAttribute("viewBox", `0 0 ${this.#size.join(" ")}`);
      this.#paint();
    };
    this.#picture.src = URL.createObjectURL(file);
    if (anew && !this.#form.elements.name.value) this.#form.elements.name.value = file.name.replace(/\.[^.]*$/, "").slice(0, 64);
  }

  #values() {
    const typed = FIELDS.map((name) => this.#form.elements[name].value.trim());
    return typed.every((text) => /^\d+$/.test(text)) ? typed.map(Number) : null;
  }

  #put(values) {
    FIELDS.forEach((name, index) => {
      this.#form.elements[name].value = values ? String(values[index]) : "";
    });
    this.#paint();
  }

  #paint() {
    const values = this.#values();
    const rect = this.#frame.querySelector("rect");
    rect.toggleAttribute("hidden", !values);
    FIELDS.forEach((name, index) => rect.setAttribute(name, String(values ? values[index] : 0)));
  }

  #point(event) {
    const box = this.#picture.getBoundingClientRect();
    const within = (value, most) => Math.round(Math.min(Math.max(value, 0), most));
    const [width, height] = this.#size;
    return [within(((event.clientX - box.left) / box.width) * width, width), within(((event.clientY - box.top) / box.height) * height, height)];
  }

  #drawing() {
    let start = null;
    let before = null;
    this.#frame.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      start = this.#point(event);
      before = this.#values();
      this.#frame.setPointerCapture(event.pointerId);
    });
    this.#frame.addEventListener("pointermove", (event) => {
      if (!start) return;
      const end = this.#point(event);
      const low = [0, 1].map((axis) => Math.min(start[axis], end[axis]));
      this.#put([...low, Math.abs(start[0] - end[0]), Math.abs(start[1] - end[1])]);
    });
    const finish = () => {
      if (!start) return;
      start = null;
      const values = this.#values();
      // A shorter movement was a click.
      if (!values || values[2] < LEAST || values[3] < LEAST) this.#put(before);
    };
    this.#frame.addEventListener("pointerup", finish);
    this.#frame.addEventListener("pointercancel", finish);
  }

  #key(event) {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const [width, height] = this.#size;
    const far = Math.max(1, Math.round(Math.max(width, height) / 50));
    let [x, y, w, h] = this.#values() ?? [0, 0, width, height];
    const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));
    if (event.shiftKey) {
      w = clamp(w + step[0] * far, LEAST, width - x);
      h = clamp(h + step[1] * far, LEAST, height - y);
    } else {
      x = clamp(x + step[0] * far, 0, width - w);
      y = clamp(y + step[1] * far, 0, height - h);
    }
    this.#put([x, y, w, h]);
  }
}

export const drawCrop = (form) => new Crop(form);

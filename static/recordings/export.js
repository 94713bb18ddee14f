// The export: regions drawn over the picture. The number fields are what is sent; what is drawn only fills them.

const SVG = "http://www.w3.org/2000/svg";
const FIELDS = ["x", "y", "width", "height"];
// A shorter movement was a click, in pixels of the picture.
const LEAST = 3;

class Regions {
  #form;
  #rows;
  #frame;
  #layer;
  #blank;
  #drawn = null;

  constructor(form) {
    this.#form = form;
    this.#rows = form.querySelector("[data-mask-rows]");
    this.#frame = form.querySelector("[data-mask-frame]");
    this.#layer = form.querySelector("[data-mask-layer]");
    this.#blank = this.#rows.firstElementChild.cloneNode(true);
    for (const row of [...this.#rows.children]) {
      if (this.#values(row).every((text) => text === "")) row.remove();
    }
    this.#restore();
    form.querySelector("[data-mask-tools]").hidden = false;
    form.querySelector("[data-add]").addEventListener("click", () => this.#add(["", "", "", ""])?.querySelector("input").focus());
    this.#rows.addEventListener("input", () => this.#paint());
    this.#rows.addEventListener("focusin", () => this.#paint());
    this.#rows.addEventListener("click", (event) => this.#remove(event));
    for (const link of form.querySelectorAll("[data-go]")) link.addEventListener("click", () => this.#keep());
    if (this.#frame) this.#drawing();
    this.#number();
  }

  #values(row) {
    return FIELDS.map((name) => row.querySelector(`[name=${name}]`).value.trim());
  }

  #add(values) {
    if (this.#rows.children.length >= Number(this.#form.dataset.most)) return null;
    const row = this.#blank.cloneNode(true);
    for (const error of row.querySelectorAll(".error")) error.remove();
    FIELDS.forEach((name, index) => {
      const input = row.querySelector(`[name=${name}]`);
      input.value = values[index];
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    });
    this.#rows.append(row);
    this.#number();
    return row;
  }

  #remove(event) {
    const button = event.target.closest("[data-remove]");
    if (!button) return;
    button.closest("li").remove();
    this.#number();
    this.#form.querySelector("[data-add]").focus();
  }

  #number() {
    [...this.#rows.children].forEach((row, index) => {
      const words = `Region ${index + 1}`;
      row.querySelector("legend").textContent = words;
      const button = row.querySelector("[data-remove]");
      button.hidden = false;
      button.title = `Remove region ${index + 1}`;
      button.querySelector(".sr").textContent = button.title;
    });
    this.#form.querySelector("[data-add]").disabled = this.#rows.children.length >= Number(this.#form.dataset.most);
    this.#paint();
  }

  #paint() {
    if (!this.#layer) return;
    const focused = document.activeElement?.closest("[data-mask-rows] > li");
    const rects = [...this.#rows.children].map((row) => {
      const rect = document.createElementNS(SVG, "rect");
      this.#values(row).forEach((value, index) => rect.setAttribute(FIELDS[index], /^\d+$/.test(value) ? value : "0"));
      rect.classList.toggle("current", row === focused || row === this.#drawn);
      return rect;
    });
    this.#layer.replaceChildren(...rects);
  }

  #drawing() {
    let start = null;
    this.#frame.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      start = this.#point(event);
      this.#drawn = this.#add(["", "", "", ""]);
      if (!this.#drawn) return;
      this.#frame.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    this.#frame.addEventListener("pointermove", (event) => {
      if (this.#drawn && start) this.#stretch(start, this.#point(event));
    });
    const end = () => {
      if (this.#drawn) {
        const [, , width, height] = this.#values(this.#drawn).map(Number);
        if (!(width >= LEAST && height >= LEAST)) this.#drawn.remove();
      }
      this.#drawn = null;
      start = null;
      this.#number();
    };
    this.#frame.addEventListener("pointerup", end);
    this.#frame.addEventListener("pointercancel", end);
  }

  // A point of the picture, in its own pixels.
  #point(event) {
    const box = this.#layer.getBoundingClientRect();
    const [width, height] = [Number(this.#frame.dataset.width), Number(this.#frame.dataset.height)];
    const within = (value, most) => Math.round(Math.min(Math.max(value, 0), most));
    return [within(((event.clientX - box.left) / box.width) * width, width), within(((event.clientY - box.top) / box.height) * height, height)];
  }

  #stretch([x1, y1], [x2, y2]) {
    const values = [Math.min(x1, x2), Math.min(y1, y2), Math.abs(x2 - x1), Math.abs(y2 - y1)];
    FIELDS.forEach((name, index) => {
      this.#drawn.querySelector(`[name=${name}]`).value = String(values[index]);
    });
    this.#paint();
  }

  // What was drawn stays when another picture is looked at.
  #keep() {
    const values = [...this.#rows.children].map((row) => this.#values(row));
    sessionStorage.setItem(this.#form.action, JSON.stringify(values));
  }

  #restore() {
    const kept = sessionStorage.getItem(this.#form.action);
    sessionStorage.removeItem(this.#form.action);
    if (kept && this.#rows.children.length === 0) for (const values of JSON.parse(kept)) this.#add(values);
  }
}

export function startExport(form) {
  new Regions(form);
  // The answer is a file: the page stays, and may be sent again.
  form.addEventListener("submit", () => setTimeout(() => delete form.dataset.sent, 1000));
}

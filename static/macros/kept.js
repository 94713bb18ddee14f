// What was typed and not saved, kept by the browser: a session that ends or a browser that crashes loses nothing.

export class Kept {
  #key;
  #base;
  #asWritten;

  // key: under which it is kept; base: the version that it was made from; asWritten: the text that the server gave;
  // use(text): the person wants the old text.
  constructor(key, form, { base, asWritten, use }) {
    this.#key = key;
    this.#base = base;
    this.#asWritten = asWritten;
    const bar = document.querySelector("[data-kept]");
    const old = this.#read();
    const same = (a, b) => a.replaceAll("\r\n", "\n").trim() === b.replaceAll("\r\n", "\n").trim();
    if (!old || same(old.text, asWritten)) return;
    bar.querySelector("[data-kept-at]").textContent = new Date(old.at).toLocaleString();
    bar.hidden = false;
    bar.querySelector("[data-kept-use]").addEventListener("click", () => {
      bar.hidden = true;
      use(old.text);
    });
    bar.querySelector("[data-kept-drop]").addEventListener("click", () => {
      bar.hidden = true;
      this.drop();
      form.elements.namedItem("text").focus();
    });
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.#key));
    } catch {
      return null;
    }
  }

  keep(text) {
    if (text === this.#asWritten) return;
    try {
      localStorage.setItem(this.#key, JSON.stringify({ text, base: this.#base, at: Date.now() }));
    } catch {
      // A browser that keeps nothing still warns before the page is left.
    }
  }

  drop() {
    try {
      localStorage.removeItem(this.#key);
    } catch {
      // Nothing is kept then.
    }
  }
}

// The live channel: one WebSocket a page, made again when it breaks, silent while the page is hidden.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const SILENCE_MS = 1_000;
const SIGNED_OUT = 4401;

export class Live {
  #handlers;
  #socket = null;
  #watched = [];
  #tiled = [];
  #read = [];
  #wait = FIRST_WAIT_MS;
  #timer = 0;
  #silence = 0;
  #stopped = false;
  #opened = false;
  #paused = false;

  // handlers: opened(), signedOut(), broken() at once, closed() when it stays so, picture(header, blob), and one function for each event by its name.
  constructor(handlers) {
    this.#handlers = handlers;
    document.addEventListener("visibilitychange", () => this.#tellVisible());
    // A page with an open socket cannot be kept for the Back button.
    addEventListener("pagehide", () => this.#stop());
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.#resume();
    });
    this.#connect();
  }

  // Sends now, or says that it could not.
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  // Looks at these phones, and no longer at those before.
  watch(ids) {
    this.look(ids, []);
  }

  // A paused page is as good as hidden: no pictures, but word of who drives.
  pause(paused) {
    this.#paused = paused;
    this.#tellVisible();
  }

  #tellVisible() {
    this.send({ visible: !document.hidden && !this.#paused });
  }

  // Of these phones, which are looked at too, the words of their screens are wanted.
  read(ids) {
    const gone = this.#read.filter((id) => !ids.includes(id));
    this.#read = [...ids];
    if (gone.length > 0) this.send({ unread: gone });
    if (ids.length > 0) this.send({ read: ids });
  }

  // Looks at some phones closely, at others as tiles among many and at a slower pace, and at no others any more.
  look(watched, tiled) {
    const before = new Set([...this.#watched, ...this.#tiled]);
    this.#watched = [...watched];
    this.#tiled = [...tiled];
    for (const id of [...this.#watched, ...this.#tiled]) before.delete(id);
    if (before.size > 0) this.send({ unwatch: [...before] });
    this.#wish();
  }

  // Asking for what is there already changes nothing.
  #wish() {
    if (this.#watched.length > 0) this.send({ watch: this.#watched });
    const tiles = this.#tiled.filter((id) => !this.#watched.includes(id));
    if (tiles.length > 0) this.send({ tiles });
    if (this.#read.length > 0) this.send({ read: this.#read });
  }

  #connect() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      this.#opened = true;
      clearTimeout(this.#silence);
      this.#silence = 0;
      this.#wait = FIRST_WAIT_MS;
      this.#handlers.opened?.();
      if (document.hidden || this.#paused) this.#tellVisible();
      this.#wish();
    };
    socket.onmessage = (message) => this.#take(message.data);
    socket.onclose = (event) => (event.code === SIGNED_OUT ? this.#leave() : this.#lost());
  }

  #take(data) {
    if (typeof data === "string") {
      const event = JSON.parse(data);
      this.#handlers[event.event]?.(event);
      // For parts of the page that have no say in what is watched.
      document.dispatchEvent(new CustomEvent("live", { detail: event }));
      return;
    }
    const length = new DataView(data).getUint32(0);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
    this.#handlers.picture?.(header, new Blob([new Uint8Array(data, 4 + length)], { type: header.type }));
  }

  // A short break is not worth words; after a second it is told.
  #lost() {
    if (this.#stopped) return;
    const refused = !this.#opened;
    this.#opened = false;
    this.#socket = null;
    if (refused) this.#proveSession();
    this.#handlers.broken?.();
    this.#silence ||= setTimeout(() => this.#handlers.closed?.(), SILENCE_MS);
    this.#timer = setTimeout(() => this.#connect(), this.#wait * (0.5 + Math.random()));
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
  }

  // The session ended: no new connection can be had with it.
  #leave() {
    this.#stop();
    this.#handlers.signedOut?.();
  }

  // A connection that was refused may have been so for want of a session; only a page can tell.
  async #proveSession() {
    try {
      const answer = await fetch(location.href, { method: "HEAD", credentials: "same-origin" });
      if (answer.redirected) this.#leave();
    } catch {
      // The server is away; the next try may find it.
    }
  }

  #stop() {
    this.#stopped = true;
    // What is under way will not be told any more.
    this.#handlers.broken?.();
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#socket?.close();
    this.#socket = null;
  }

  #resume() {
    this.#stopped = false;
    this.#silence = 0;
    this.#wait = FIRST_WAIT_MS;
    this.#connect();
  }
}

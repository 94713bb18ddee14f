// A sound from the microphone. It becomes the file of the form, and is uploaded like any other.

import { wav } from "./wav.js";

const WORKLET = new URL("./worklet.js", import.meta.url);
// As long as a sound may be.
const MOST_S = 300;
const REFUSALS = {
  NotAllowedError: "The browser does not let this page use the microphone. Allow it beside the address, or choose a file.",
  NotFoundError: "No microphone was found. Connect one, or choose a file.",
  NotReadableError: "The microphone is in use by another program. Close that, or choose a file.",
};
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

class Recorder {
  #part;
  #input;
  #context = null;
  #stream = null;
  #chunks = [];
  #samples = 0;
  #heardAt = "";

  constructor(part) {
    this.#part = part;
    this.#input = part.closest("form").querySelector("[data-file]");
    part.hidden = false;
    this.#at("record").addEventListener("click", () => this.#begin());
    this.#at("record-stop").addEventListener("click", () => this.#end());
    // Whoever chooses another file does not mean what was recorded.
    this.#input.addEventListener("change", (event) => event.isTrusted && this.#show(null));
    addEventListener("pagehide", () => this.#close());
  }

  #at(name) {
    return this.#part.querySelector(`[data-${name}]`);
  }

  #say(words, bad = false) {
    const said = this.#at("record-said");
    said.textContent = words;
    said.classList.toggle("bad", bad);
  }

  async #begin() {
    if (!navigator.mediaDevices || !window.AudioWorkletNode) {
      const words = window.isSecureContext ? "This browser cannot record." : "Browsers record over https only.";
      return this.#say(`${words} Choose a file.`, true);
    }
    this.#at("record").disabled = true;
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
      this.#context = new AudioContext();
      await this.#context.audioWorklet.addModule(WORKLET);
      const tap = new AudioWorkletNode(this.#context, "tap", { numberOfOutputs: 0 });
      tap.port.onmessage = ({ data }) => this.#take(data);
      this.#context.createMediaStreamSource(this.#stream).connect(tap);
    } catch (error) {
      this.#close();
      return this.#say(REFUSALS[error.name] ?? `The browser cannot record: ${error.message}`, true);
    } finally {
      this.#at("record").disabled = false;
    }
    [this.#chunks, this.#samples] = [[], 0];
    this.#show(null);
    this.#running(true);
    this.#say("It records. Speak now.");
    this.#at("record-stop").focus();
  }

  #take(samples) {
    if (!this.#context) return;
    this.#chunks.push(samples);
    this.#samples += samples.length;
    const seconds = this.#samples / this.#context.sampleRate;
    this.#at("record-time").textContent = clock(seconds);
    const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    const meter = this.#at("record-level");
    meter.value = Math.max(loudest, meter.value * 0.97);
    if (seconds >= MOST_S - 1) this.#end();
  }

  #end() {
    if (!this.#context) return;
    const rate = this.#context.sampleRate;
    this.#close();
    if (this.#samples === 0) return this.#say("Nothing came from the microphone. Try again, or choose a file.", true);
    const file = new File([wav(this.#chunks, rate)], "Recording.wav", { type: "audio/wav" });
    const files = new DataTransfer();
    files.items.add(file);
    this.#input.files = files.files;
    this.#input.dispatchEvent(new Event("change"));
    this.#show(file);
    this.#say(`Recorded ${clock(this.#samples / rate)}. Listen, give it a name, and add it.`);
    this.#chunks = [];
    this.#at("record").focus();
  }

  #close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#context?.close();
    [this.#stream, this.#context] = [null, null];
    this.#running(false);
  }

  #running(on) {
    this.#at("record").hidden = on;
    for (const name of ["record-stop", "record-time", "record-level"]) this.#at(name).hidden = !on;
    this.#at("record-time").textContent = "0:00";
  }

  #show(file) {
    if (this.#heardAt) URL.revokeObjectURL(this.#heardAt);
    this.#heardAt = file ? URL.createObjectURL(file) : "";
    const heard = this.#at("record-heard");
    heard.hidden = !file;
    if (file) heard.src = this.#heardAt;
    else heard.removeAttribute("src");
  }
}

export const record = (part) => new Recorder(part);

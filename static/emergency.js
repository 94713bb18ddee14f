// Digits pressed one by one on one phone: would the next one complete an emergency number?

// After so long without a digit a phone has begun anew, or dials what it has.
const TOGETHER_MS = 15_000;
const MOST = 24;
const SYMBOLS = { KeyPadStar: "*", KeyPadPound: "#" };

// The digit or sign of a key's name; null for any other key.
export function symbolOf(key) {
  return SYMBOLS[key] ?? key.match(/^(?:KeyPad|Key_)(\d)$/)?.[1] ?? null;
}

export class Digits {
  #numbers;
  #digits = "";
  #at = 0;

  constructor(numbers) {
    this.#numbers = numbers;
  }

  // The emergency number that this key would complete, if any; as on the server, also behind one digit for an outside line.
  wouldDial(key) {
    const symbol = symbolOf(key);
    if (symbol === null) return null;
    const text = this.#lately() + symbol;
    return this.#numbers.find((number) => text === number || (text.length === number.length + 1 && text.endsWith(number))) ?? null;
  }

  // A key was pressed, by whomever. Any other than a digit begins a new number.
  note(key) {
    const symbol = symbolOf(key);
    this.#digits = symbol === null ? "" : (this.#lately() + symbol).slice(-MOST);
    this.#at = performance.now();
  }

  #lately() {
    return performance.now() - this.#at > TOGETHER_MS ? "" : this.#digits;
  }
}

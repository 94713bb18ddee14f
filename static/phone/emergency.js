// Digits pressed one by one: would the next one complete an emergency number?

import { page } from "./page.js";

const numbers = (page.dataset.emergency ?? "").split(" ").filter(Boolean);
const SYMBOLS = { KeyPadStar: "*", KeyPadPound: "#" };
const MOST = 24;
let digits = "";

export function symbolOf(key) {
  return SYMBOLS[key] ?? key.match(/^(?:KeyPad|Key_)(\d)$/)?.[1] ?? null;
}

// As on the server: the number itself, or behind one digit for an outside line.
function completes(text) {
  return numbers.find((number) => text === number || (text.length === number.length + 1 && text.endsWith(number)));
}

// The emergency number that this key would complete, if any.
export function wouldDial(key) {
  const symbol = symbolOf(key);
  return symbol === null ? null : (completes(digits + symbol) ?? null);
}

// Any other key begins a new number.
export function noteKey(key) {
  const symbol = symbolOf(key);
  digits = symbol === null ? "" : (digits + symbol).slice(-MOST);
}

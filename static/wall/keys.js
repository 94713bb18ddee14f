import { Digits } from "../emergency.js";

// One key for all selected phones: sent to each once, a few at a time; each tile tells what became of its own.

const AT_ONCE = 6;
const ASK_ABOVE = 10;

export function keyBar(wall, chosen, byPhone, live) {
  const bar = wall.querySelector("[data-bar]");
  const say = bar.querySelector("[data-bar-say]");
  const buttons = [...bar.querySelectorAll("[data-key]")];
  const models = [...wall.querySelectorAll("[data-model-keys] li")].map((item) => ({
    name: item.dataset.model,
    // The name of a key by what stands on it: "Hold" has one name on a 7960 and another on an 8845.
    keys: new Map([...item.querySelectorAll("[data-label]")].map((key) => [key.dataset.label, key.dataset.name])),
  }));
  const numbers = (wall.dataset.emergency ?? "").split(" ").filter(Boolean);
  const digits = new Map([...byPhone.values()].map((tile) => [tile, new Digits(numbers)]));
  const waiting = [];
  const pending = new Map();
  // Phones whose wheel a key of this bar took; it is let go when they are no longer selected.
  const held = new Set();
  let lastRef = 0;
  let agreed = false;
  let round = null;

  // Which keys all selected models have, and why the others cannot be pressed.
  function refresh() {
    const tiles = chosen.tiles;
    agreed = false;
    bar.hidden = tiles.length === 0 && !chosen.mode;
    bar.querySelector("[data-bar-count]").textContent = tiles.length === 1 ? "1 phone selected" : `${tiles.length} phones selected`;
    for (const name of ["only", "without", "clear"]) bar.querySelector(`[data-${name}]`).disabled = tiles.length === 0;
    for (const button of buttons) {
      const lacking = tiles.filter((tile) => !models[tile.model].keys.has(button.dataset.key));
      button.hidden = tiles.length > 0 && lacking.length === tiles.length;
      const reason = obstacle(lacking, tiles);
      button.setAttribute("aria-disabled", String(Boolean(reason)));
      button.title = reason;
    }
    const names = new Set(tiles.map((tile) => tile.id));
    for (const tile of byPhone.values()) if (!names.has(tile.id) && !isUnderWay(tile)) tile.outcome("");
    say.textContent = tiles.length === 0 ? "Select phones; a key then goes to each of them." : "";
    letGo();
  }

  function letGo() {
    for (const tile of held) {
      if (chosen.has(tile) || isUnderWay(tile)) continue;
      held.delete(tile);
      live.send({ release: { phone: tile.id } });
    }
  }

  function obstacle(lacking, tiles) {
    if (tiles.length === 0) return "Select phones first.";
    if (lacking.length === 0) return "";
    const names = [...new Set(lacking.map((tile) => models[tile.model].name))];
    const told = names.slice(0, 3).join(", ") + (names.length > 3 ? " and others" : "");
    const count = tiles.length === 1 ? "" : `: ${lacking.length} of ${tiles.length} selected phones`;
    return `${told} ${names.length === 1 ? "has" : "have"} no such key${count}.`;
  }

  function isUnderWay(tile) {
    return waiting.some((entry) => entry.tile === tile) || [...pending.values()].some((entry) => entry.tile === tile);
  }

  const label = (button) => button.querySelector(".cap").textContent;

  async function press(button) {
    if (button.getAttribute("aria-disabled") === "true") {
      say.textContent = `${label(button)}: ${button.title}`;
      return;
    }
    if (sessionStorage.getItem("sidetone:keys-off") === "yes") {
      say.textContent = "View only: your keys are switched off in this tab, on a phone's page. Nothing was sent.";
      return;
    }
    const tiles = chosen.tiles;
    const keyOf = (tile) => models[tile.model].keys.get(button.dataset.key);
    if (tiles.length > ASK_ABOVE && !agreed && !(await agree(label(button), tiles.length))) return;
    agreed = true;
    const emergency = tiles.map((tile) => digits.get(tile).wouldDial(keyOf(tile))).find(Boolean);
    if (emergency && !(await agreeToDial(emergency, tiles.length))) {
      say.textContent = `${emergency} is an emergency number and was not dialled. Nothing was sent.`;
      return;
    }
    button.classList.add("down");
    setTimeout(() => button.classList.remove("down"), 140);
    round = { label: label(button), all: tiles.length, sent: 0, refused: 0 };
    for (const tile of tiles) {
      tile.outcome(label(button));
      digits.get(tile).note(keyOf(tile));
      waiting.push({ tile, key: keyOf(tile), label: label(button), takes: !tile.isYours && !held.has(tile), round });
    }
    tellRound();
    next();
  }

  function agree(name, count) {
    return question({
      title: `Press ${name} on ${count} phones?`,
      text: "The key goes to each of them once. You are not asked again while the same phones stay selected.",
      yes: `Press it on ${count}`,
    });
  }

  function agreeToDial(number, count) {
    return question({
      title: `${number} is an emergency number. Dial it?`,
      text: `The call is made from ${count === 1 ? "the selected phone" : `each of the ${count} selected phones`}. This digit has not been sent yet.`,
      yes: `Dial ${number}`,
    });
  }

  function question({ title, text, yes }) {
    const dialog = wall.querySelector("[data-confirm]");
    if (dialog.open) return Promise.resolve(false);
    dialog.querySelector("[data-confirm-title]").textContent = title;
    dialog.querySelector("[data-confirm-text]").textContent = text;
    dialog.querySelector("[data-confirm-yes]").textContent = yes;
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
  }

  // The keys of one phone keep their order; another phone's do not wait for them.
  function next() {
    while (pending.size < AT_ONCE && waiting.length > 0) {
      const entry = waiting.shift();
      const ref = `w${(lastRef += 1)}`;
      if (live.send({ press: { phone: entry.tile.id, key: entry.key, ref } })) pending.set(ref, entry);
      else close(entry, "failed", "not sent", "The connection to Sidetone is lost; nothing was sent.");
    }
  }

  function settle(event) {
    const entry = pending.get(event.ref);
    if (!entry) return;
    pending.delete(event.ref);
    const cause = event.cause_title ?? event.evidence ?? "";
    if (event.outcome !== "not-sent" && entry.takes) held.add(entry.tile);
    if (event.outcome === "sent") close(entry, "sent", `${event.duration_ms} ms`);
    else if (event.outcome === "not-sent") close(entry, "held", `not sent: ${event.evidence ?? cause}`, event.evidence);
    else close(entry, "failed", `${event.outcome}: ${entry.tile.inWords(event) || cause}`, cause);
    next();
  }

  function close(entry, kind, note, whole = note) {
    entry.tile.outcome(`${entry.label} ${note}`, kind, `${entry.label}: ${whole}`);
    entry.round[kind === "sent" ? "sent" : "refused"] += 1;
    tellRound();
    letGo();
  }

  function tellRound() {
    const { label: name, all, sent, refused } = round;
    const open = all - sent - refused;
    const parts = [`${sent} of ${all} sent`];
    if (refused > 0) parts.push(`${refused} not`);
    if (open > 0) parts.push(`${open} under way`);
    say.textContent = `${name}: ${parts.join(", ")}`;
  }

  // After a broken connection nobody knows whether the last presses arrived: they are reported, not repeated.
  function doubt() {
    for (const entry of pending.values()) close(entry, "failed", "outcome not known", "The connection broke before the answer came.");
    pending.clear();
    for (const entry of waiting.splice(0)) close(entry, "held", "not sent", "The connection to Sidetone broke before it was sent.");
  }

  for (const button of buttons) {
    button.addEventListener("click", () => press(button));
    button.addEventListener("focus", () => {
      if (button.title) say.textContent = `${label(button)}: ${button.title}`;
    });
  }
  const more = bar.querySelector("[data-more]");
  const rest = bar.querySelector("#bar-more");
  more.hidden = rest.children.length === 0;
  more.addEventListener("click", () => {
    rest.hidden = !rest.hidden;
    more.setAttribute("aria-expanded", String(!rest.hidden));
    more.textContent = rest.hidden ? "More keys" : "Fewer keys";
  });
  const show = (tiles) => {
    const size = new URLSearchParams(location.search).get("size");
    location.assign(`/wall?ids=${tiles.map((tile) => tile.id).join(",")}${size ? `&size=${size}` : ""}`);
  };
  bar.querySelector("[data-select-all]").addEventListener("click", () => chosen.all());
  bar.querySelector("[data-clear]").addEventListener("click", () => chosen.clear());
  bar.querySelector("[data-only]").addEventListener("click", () => show(chosen.tiles));
  bar.querySelector("[data-without]").addEventListener("click", () => {
    const left = [...byPhone.values()].filter((tile) => !chosen.has(tile));
    if (left.length === 0) say.textContent = "The wall would be empty; select fewer phones.";
    else show(left);
  });
  chosen.onChange(refresh);
  refresh();
  return { settle, doubt };
}

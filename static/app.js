// What every page shares. Each page works without this; it adds instant search, progress, theme and ages.

document.documentElement.classList.add("scripted");

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// Theme: the system's, light or dark; kept in a cookie so that the server can render it.
const THEMES = ["system", "light", "dark"];
const THEME_WORDS = { system: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };

function nameTheme(theme) {
  for (const button of $$("[data-theme-switch]")) {
    button.hidden = false;
    button.title = THEME_WORDS[theme];
    const word = $("[data-theme-word], .sr", button);
    if (word) word.textContent = THEME_WORDS[theme];
  }
}

function switchTheme() {
  const root = document.documentElement;
  const theme = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
  root.dataset.theme = theme;
  document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax`;
  nameTheme(theme);
}

// Ages: every <time> is told again as it grows older.
export function span(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} days`;
}

function tellAges() {
  for (const time of $$("time[datetime]")) {
    const seconds = Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000);
    if (seconds < 0) continue;
    const text = seconds < 2 ? "just now" : `${span(seconds)} ago`;
    if (time.textContent !== text) time.textContent = text;
  }
}

// Fragments: one block of a page, asked for with X-Fragment and put in place of the old one.
async function fetchFragment(url, block, signal) {
  const answer = await fetch(url, { headers: { "X-Fragment": block }, signal, credentials: "same-origin" });
  if (answer.redirected) {
    location.assign(answer.url);
    throw new Error("signed out");
  }
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.text();
}

// Puts a fragment in place and keeps the focus on the same link or button, what was ticked, and what was opened.
function place(target, html) {
  const ticked = $$("input:checked", target).map(({ name, value }) => [name, value]);
  const opened = $$("details[id][open]", target).map(({ id }) => id);
  const active = document.activeElement;
  const held = target.contains(active) ? active : null;
  const key = held && (held.getAttribute("href") || held.id || held.getAttribute("name"));
  const sort = held?.closest("th[aria-sort]")?.className;
  target.innerHTML = html;
  for (const input of $$("input[type=radio], input[type=checkbox]", target)) {
    if (ticked.some(([name, value]) => input.name === name && input.value === value)) input.checked = true;
  }
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  if (!held) return;
  const same = sort
    ? $(`th.${CSS.escape(sort)} a`, target)
    : $$("a, button, input, select, summary", target).find(
        (element) => key && [element.getAttribute("href"), element.id, element.getAttribute("name")].includes(key),
      );
  same?.focus({ preventScroll: true });
}

function search(form) {
  const target = document.getElementById(form.dataset.search);
  let timer;
  let running;

  function address() {
    const fields = new URLSearchParams(new FormData(form));
    for (const [name, value] of [...fields]) {
      if (!value || (name === "sort" && value === "name")) fields.delete(name);
    }
    const text = fields.toString();
    return form.getAttribute("action") + (text ? `?${text}` : "");
  }

  async function show(url, remember) {
    running?.abort();
    running = new AbortController();
    target.classList.add("waiting");
    try {
      const html = await fetchFragment(url, form.dataset.search, running.signal);
      place(target, html);
      target.classList.remove("waiting");
      if (remember) history.replaceState(null, "", url);
    } catch (error) {
      if (error.name === "AbortError") return;
      target.classList.remove("waiting");
      location.assign(url);
    }
  }

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => show(address(), true), 80);
  };
  form.addEventListener("input", later);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    show(address(), true);
  });
  target.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-sort], .pager a, a[data-clear]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const url = new URL(link.href);
    if (link.hasAttribute("data-sort")) {
      form.elements.sort.value = url.searchParams.get("sort") ?? "name";
    }
    if (link.hasAttribute("data-clear")) {
      for (const field of form.elements) if (field.matches("input:not([type=hidden]), select")) field.value = "";
      $("input[type=search]", form).focus();
    }
    if (link.closest(".pager")) form.scrollIntoView();
    show(url.pathname + url.search, true);
  });
  // "/" goes to the search box, as the sign in it says.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    $("input[type=search]", form).select();
  });
}

// What a fragment changed, put into the elements that stand there: focus, selection, scroll, what is typed and what is
// opened stay. An element with a name of its own is never made into another, so that no button changes under a finger.
const nameOf = (node) => node.id || node.getAttribute?.("action") || node.getAttribute?.("href") || (node.nodeName === "BUTTON" && node.value) || "";
const alike = (a, b) => a.nodeName === b.nodeName && nameOf(a) === nameOf(b);

function morph(old, next) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
    return;
  }
  // A form that is being sent waits for its answer as it is.
  if (old.matches("form[data-sent]")) return;
  for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (name !== "open" && !next.hasAttribute(name)) old.removeAttribute(name);
  morphChildren(old, next);
}

function morphChildren(old, next) {
  let place = old.firstChild;
  for (const wanted of [...next.childNodes]) {
    let there = place;
    while (there && !alike(there, wanted)) there = nameOf(wanted) ? there.nextSibling : null;
    if (!there) old.insertBefore(wanted, place);
    else if (there === place) place = place.nextSibling;
    else (old.moveBefore ?? old.insertBefore).call(old, there, place);
    if (there) morph(there, wanted);
  }
  while (place) {
    const after = place.nextSibling;
    place.remove();
    place = after;
  }
}

// Progress: fetched every second while something runs and the page is in view. What it says is read aloud when it
// stands otherwise, and else every ten seconds at most.
const ALOUD_MS = 10_000;

function poll(target) {
  const aloud = document.querySelector(`[data-aloud-of="${target.id}"]`);
  let said = "";
  let saidAt = Date.now();
  const tell = () => {
    const now = $("[data-said]", target);
    if (!aloud || !now || (now.dataset.standing === said && Date.now() - saidAt < ALOUD_MS)) return;
    if (said && aloud.textContent !== now.dataset.said) aloud.textContent = now.dataset.said;
    [said, saidAt] = [now.dataset.standing, Date.now()];
  };
  const tick = async () => {
    if (!$("[data-busy]", target)) return;
    const asked = location.href;
    if (!document.hidden) {
      try {
        const next = document.createElement("template");
        next.innerHTML = await fetchFragment(asked, target.dataset.poll);
        // An answer to what is no longer asked for is dropped.
        if (asked === location.href) morphChildren(target, next.content);
        tell();
      } catch {
        // The next second may do better; the page keeps what it had.
      }
    }
    setTimeout(tick, 1000);
  };
  tell();
  setTimeout(tick, 1000);
}

function countDown(element) {
  let left = Number(element.dataset.countdown);
  const timer = setInterval(() => {
    left -= 1;
    element.textContent = left > 0 ? `${left} s` : "now";
    if (left <= 0) clearInterval(timer);
  }, 1000);
}

function typedConfirmation(input) {
  const button = $("button", input.form);
  const check = () => {
    button.disabled = input.value !== input.dataset.mustEqual;
  };
  input.addEventListener("input", check);
  check();
}

function showsWhenUnchecked(box) {
  const part = document.getElementById(box.dataset.showsUnchecked);
  const show = () => {
    part.hidden = box.checked;
  };
  box.addEventListener("change", show);
  show();
}

function openPart(link) {
  link.addEventListener("click", (event) => {
    const part = document.getElementById(link.dataset.open);
    if (!part) return;
    event.preventDefault();
    part.open = true;
    $("input:not([type=hidden])", part)?.focus();
  });
}

function copyText(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  });
}

// A form is sent once; slow ones say that they are under way. Keys of a phone are not of this kind.
function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  const button = event.submitter;
  if (!button || button.classList.contains("key")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  if (button.dataset.busyLabel) button.lastChild.textContent = button.dataset.busyLabel;
}

function start() {
  // On a narrow screen the bar of pages scrolls; where one is stands in view.
  const rail = $(".rail-nav");
  const here = rail && $("[aria-current]", rail);
  if (here) rail.scrollLeft = here.offsetLeft - (rail.clientWidth - here.clientWidth) / 2;
  nameTheme(document.documentElement.dataset.theme);
  for (const button of $$("[data-theme-switch]")) button.addEventListener("click", switchTheme);
  for (const form of $$("form[data-search]")) search(form);
  for (const target of $$("[data-poll]")) poll(target);
  for (const element of $$("[data-countdown]")) countDown(element);
  for (const input of $$("[data-must-equal]")) typedConfirmation(input);
  for (const box of $$("[data-shows-unchecked]")) showsWhenUnchecked(box);
  for (const link of $$("[data-open]")) openPart(link);
  for (const button of $$("[data-copy]")) copyText(button);
  document.addEventListener("submit", sendOnce);
  // A page that comes back from the back/forward cache may be sent again.
  addEventListener("pageshow", () => {
    for (const form of $$("form[data-sent]")) delete form.dataset.sent;
  });
  setInterval(tellAges, 1000);
}

start();

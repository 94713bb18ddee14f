// The form of a job: counters while one types, and what follows from a choice without loading the page again.

const SOON_MS = 250;

const form = document.querySelector("[data-job-form]");

// What a text counts: the phone counts characters, not bytes.
function counter(field) {
  const place = document.querySelector(`#${field.getAttribute("aria-describedby")} [data-counter]`);
  const most = Number(field.dataset.counts);
  const show = () => {
    const length = [...field.value].length;
    place.textContent = `${length} of ${most}`;
    place.classList.toggle("over", length > most);
  };
  field.addEventListener("input", show);
  show();
}

// A part of the page, made anew by the server from what the form holds now; the file stays here.
const running = new Map();

async function refetch(part) {
  running.get(part)?.abort();
  const stop = new AbortController();
  running.set(part, stop);
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
  try {
    const answer = await fetch("/jobs/new", {
      method: "POST",
      headers: { "X-Fragment": part },
      body: fields,
      signal: stop.signal,
      credentials: "same-origin",
    });
    if (answer.ok && !answer.redirected) document.getElementById(part).innerHTML = await answer.text();
  } catch {
    // The page keeps what it had; the preview tells it in any case.
  }
}

function later(part) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(() => refetch(part), SOON_MS);
  };
}

for (const field of form.querySelectorAll("[data-counts]")) counter(field);
// Whoever is told that a field is wrong stands in it.
form.querySelector(".wrong :is(input, select, textarea)")?.focus();
const found = later("found");
for (const field of form.querySelectorAll("[data-refetch=found]")) field.addEventListener("input", found);
for (const field of form.querySelectorAll("[data-refetch=arguments]")) field.addEventListener("change", () => refetch("arguments"));
const times = later("times");
for (const part of form.querySelectorAll("[data-refetch-all=times]")) part.addEventListener("input", times);
// A file is chosen to be used.
form.querySelector("[name=file]")?.addEventListener("change", () => {
  form.querySelector("[name=which][value=names]").checked = true;
});

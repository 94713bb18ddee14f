// The steps of a recording, read from the page's own list.

export function readSteps(list) {
  return [...list.querySelectorAll("li")].map((item) => ({
    item,
    link: item.querySelector("a"),
    n: Number(item.dataset.n),
    at: Number(item.dataset.at),
    kind: item.dataset.kind,
    width: Number(item.dataset.width ?? 0),
    height: Number(item.dataset.height ?? 0),
    text: item.querySelector(".step-text").textContent.replace(/\s+/g, " ").trim(),
    person: item.querySelector("b")?.textContent ?? "",
    key: item.querySelector("kbd")?.textContent ?? "",
  }));
}

// The index of the last step that has happened at a time; -1 before the first.
export function stepAt(steps, at) {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle].at <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function clockFace(ms) {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}

// Shows the steps that fit a search, and says how many do.
export function searchSteps(root, steps) {
  const input = root.querySelector("[data-step-search]");
  const count = root.querySelector("[data-step-count]");
  const empty = root.querySelector("[data-step-empty]");
  const total = count.textContent.match(/of (\d+)/)?.[1] ?? String(steps.length);
  const search = () => {
    const wanted = input.value.trim().toLowerCase();
    let found = 0;
    for (const step of steps) {
      const fits = !wanted || [step.person, step.key].some((text) => text.toLowerCase().includes(wanted));
      step.item.hidden = !fits;
      if (fits) found += 1;
    }
    count.textContent = `${found} of ${total} steps`;
    empty.hidden = found > 0;
  };
  input.addEventListener("input", search);
  // All steps are here already unless the server has left some out.
  if (Number(total) === steps.length) input.form.addEventListener("submit", (event) => event.preventDefault());
}

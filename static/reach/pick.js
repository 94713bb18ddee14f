// Choosing phones: found as one types. What is chosen stays, also when it is not found any more.

const WAIT_MS = 120;

export function pickPhones(part) {
  const list = part.querySelector("[data-choices]");
  const search = part.querySelector("input[type=search]");
  let timer;
  let running;

  async function find() {
    running?.abort();
    running = new AbortController();
    const fields = new URLSearchParams({ q: search.value, id: part.dataset.pick });
    if (part.dataset.many !== undefined) fields.set("many", "1");
    try {
      const options = { headers: { "X-Fragment": "choices" }, signal: running.signal, credentials: "same-origin" };
      const answer = await fetch(`/reach/phones?${fields}`, options);
      if (answer.redirected) return location.reload();
      if (answer.ok) put(await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") list.querySelector(".hint").textContent = "The server does not answer. Try again.";
    }
  }

  function put(html) {
    const chosen = [...list.querySelectorAll("input:checked")].map((input) => input.closest("li"));
    const next = document.createElement("template");
    next.innerHTML = html;
    for (const row of chosen) next.content.getElementById(row.querySelector("input").id)?.closest("li").remove();
    let rows = next.content.querySelector("ul");
    if (!rows) {
      rows = document.createElement("ul");
      next.content.prepend(rows);
    }
    rows.prepend(...chosen);
    list.replaceChildren(next.content);
  }

  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, WAIT_MS);
  });
  // Enter in the search box finds; it sends nothing.
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    clearTimeout(timer);
    find();
  });
}

// Before a macro starts: a dry run needs no confirmation, and the button says what it does.

const form = document.querySelector("[data-play]");
const dry = form.querySelector("[data-dry]");
const danger = document.getElementById("danger");
const typed = form.querySelector("[data-confirm]");
const go = form.querySelector("[data-go]");

function show() {
  go.querySelector("[data-go-word]").textContent = dry.checked ? "Start the dry run" : "Play it";
  if (!danger) return;
  danger.hidden = dry.checked;
  typed.required = !dry.checked;
  go.disabled = !dry.checked && typed.value.trim() !== typed.dataset.confirm;
  go.classList.toggle("destructive", !dry.checked);
  go.classList.toggle("primary", dry.checked);
}

dry.addEventListener("change", show);
typed?.addEventListener("input", show);
show();

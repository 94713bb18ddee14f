// A file that is too large is told before anything is sent.

export function guardFile(form) {
  const input = form.querySelector("[data-file]");
  const said = form.querySelector("[data-file-error]");
  const most = Number(form.dataset.mostBytes);
  const check = () => {
    const file = input.files[0];
    const words = file && file.size > most ? `The file has ${Math.ceil(file.size / 1e6)} MB; ${Math.floor(most / 1e6)} MB is the most.` : "";
    input.setCustomValidity(words);
    said.textContent = words;
    said.hidden = !words;
  };
  input.addEventListener("change", check);
  check();
}

// How much of a field is left, told while one types. The server counts the same way: characters, not bytes.

export function countLetters(field) {
  const most = Number(field.dataset.most);
  const left = field.closest(".field").querySelector("[data-left]");
  if (!left) return;
  const tell = () => {
    const length = [...field.value].length;
    const over = length > most;
    left.textContent = over ? `${length - most} too many` : `${most - length} of ${most} left`;
    left.classList.toggle("over", over);
    field.setCustomValidity(over ? `${length - most} characters too many.` : "");
  };
  field.addEventListener("input", tell);
  tell();
}

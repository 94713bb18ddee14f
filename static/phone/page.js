// The page itself: which phone it is about, and how its parts are found.

export const page = document.querySelector("[data-phone]");
export const id = Number(page.dataset.phone);
export const name = page.dataset.name;
export const me = page.dataset.user;
export const hasPictures = page.hasAttribute("data-pictures");
export const mayPress = page.hasAttribute("data-press");
export const csrf = page.dataset.csrf;
export const find = (selector) => page.querySelector(selector);

export function element(tag, { text = "", ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(text, ...children);
  return made;
}

// A form of this page, sent by script: what comes back is for the script too.
export async function post(path, part, fields) {
  const answer = await fetch(`/phones/${id}/${path}`, {
    method: "POST",
    headers: { "X-Fragment": part },
    body: new URLSearchParams({ csrf, ...fields }),
  });
  if (answer.redirected || !answer.headers.get("content-type")?.startsWith("application/json")) {
    throw new Error(answer.status === 403 ? "not allowed" : `answer ${answer.status}`);
  }
  return answer.json();
}

// A macro that was saved needs no copy in the browser any more.

const page = document.querySelector("[data-saved-macro]");
if (document.querySelector(".banner.done")) {
  for (const path of ["/macros", `/macros/${page.dataset.savedMacro}`]) {
    try {
      localStorage.removeItem(`sidetone:macro:${path}`);
    } catch {
      // A browser that keeps nothing has nothing to forget.
    }
  }
}

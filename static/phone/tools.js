// What one does with the picture and the page: keep, copy, enlarge, pass on.

import { find, name } from "./page.js";
import { asPng, capturedTime } from "./picture.js";

function say(text) {
  find("[data-tool-said]").textContent = text;
}

// A button that cannot work here says why.
function unable(button, reason) {
  button.disabled = true;
  button.append(Object.assign(document.createElement("small"), { textContent: reason }));
}

function useDownload(link) {
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const png = await asPng();
    if (!png) {
      say("There is no picture yet.");
      return;
    }
    const time = (capturedTime() ?? new Date()).toISOString().slice(0, 19).replaceAll(":", "-");
    const address = URL.createObjectURL(png);
    const saving = Object.assign(document.createElement("a"), { href: address, download: `${name}-${time}Z.png` });
    saving.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    say("The picture is saved.");
  });
}

function useCopy(button) {
  button.hidden = false;
  if (!navigator.clipboard?.write || !window.ClipboardItem) {
    unable(button, "needs https");
    return;
  }
  button.addEventListener("click", async () => {
    const png = await asPng();
    try {
      if (!png) throw new Error("no picture");
      await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
      say("The picture is copied.");
    } catch {
      say(png ? "The browser did not allow copying." : "There is no picture yet.");
    }
  });
}

function useLink(button) {
  button.hidden = false;
  if (!navigator.clipboard?.writeText) {
    unable(button, "needs https");
    return;
  }
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(new URL(location.pathname, location.href).href);
      say("The link is copied.");
    } catch {
      say("The browser did not allow copying.");
    }
  });
}

function useFullScreen(button) {
  if (!document.fullscreenEnabled) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else find("[data-stage]").requestFullscreen().catch(() => say("The browser did not allow full screen."));
  });
}

export function useTools() {
  const uses = { "[data-download]": useDownload, "[data-copy]": useCopy, "[data-link]": useLink, "[data-full]": useFullScreen };
  for (const [selector, use] of Object.entries(uses)) {
    const tool = find(selector);
    if (tool) use(tool);
  }
}

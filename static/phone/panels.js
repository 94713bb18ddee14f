// Menus that close by themselves, and panels that stand behind tabs where there is no room for all.

import { page } from "./page.js";

const NARROW = matchMedia("(max-width: 860px)");

export function useMenus() {
  const menus = page.querySelectorAll("details.menu");
  const close = (menu) => {
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector("summary").focus();
  };
  document.addEventListener("click", (event) => {
    for (const menu of menus) if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus) if (menu.open) close(menu);
  });
}

export function useTabs() {
  const list = page.querySelector("[data-tabs]");
  if (!list) return;
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const panel = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
  let chosen = tabs[0];

  const show = () => {
    list.hidden = !NARROW.matches;
    for (const tab of tabs) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      panel(tab).classList.toggle("behind", NARROW.matches && !on);
      if (NARROW.matches) panel(tab).setAttribute("role", "tabpanel");
      else panel(tab).removeAttribute("role");
    }
  };
  const choose = (tab) => {
    chosen = tab;
    show();
    tab.focus();
  };
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) choose(tabs[(index + step + tabs.length) % tabs.length]);
    });
  }
  NARROW.addEventListener("change", show);
  show();
}

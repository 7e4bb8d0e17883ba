// On a narrow screen the sides are a drawer: opened by the menu, closed by Escape or a tap beside.

import { byId } from "./dom.js";

const narrow = matchMedia("(max-width: 820px)");

export function setUpDrawer() {
  const [menu, side, shade, chat] = ["menu", "side", "shade", "chat"].map(byId);

  function set(open) {
    const isDrawer = narrow.matches;
    side.classList.toggle("open", open);
    side.inert = isDrawer && !open;
    chat.inert = isDrawer && open;
    shade.hidden = !(isDrawer && open);
    menu.setAttribute("aria-expanded", String(open));
  }

  menu.addEventListener("click", () => set(!side.classList.contains("open")));
  shade.addEventListener("click", () => set(false));
  narrow.addEventListener("change", () => set(false));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !side.classList.contains("open")) return;
    set(false);
    menu.focus();
  });
  set(false);
  return () => set(false);
}

// What not everybody wants to see: blurred, and out of reach, until somebody asks for it.

import { focusIn, make } from "./dom.js";
import { words } from "./words.js";

// `kind` as the API has it; `label` says what a press does.
export function covered(media, kind, label) {
  const text = kind === "nsfw" ? words.marked(label) : label;
  const button = make("button", { type: "button", class: "reveal" }, make("span", {}, text));
  const held = make("div", { class: "held" }, media);
  held.inert = true;
  const cover = make("div", { class: "spoiler" }, held, button);
  button.addEventListener("click", () => {
    cover.replaceWith(media);
    focusIn(media);
  });
  return cover;
}

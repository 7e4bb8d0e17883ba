// Elements made by hand: text is only ever set as text, never as markup; and without its emoji where
// no font has them, since boxes would stand there instead.

const FIRST = /^[\p{Extended_Pictographic}\uFE0F]+\s*/u;
const ANY = /(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)+\s*/gu;

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// A link out of the page, for http(s) addresses only; the bare label for anything else.
export function link(url, label, className = "") {
  if (!/^https?:\/\//i.test(url)) return document.createTextNode(label);
  return make("a", { class: className, href: url, target: "_blank", rel: "noopener noreferrer" }, label);
}

const FOCUSABLE = ["button", "a", "select", "video[controls]"].map((one) => `${one}:not([inert] *)`).join();

// On what can have the focus in there, else on the card that it is in.
export function focusIn(box) {
  (box.querySelector(FOCUSABLE) ?? box.closest(".card"))?.focus();
}

export const byId = (id) => document.getElementById(id);

// Without the one at the beginning.
export const withoutLeadingEmoji = (text) => readable(text.replace(FIRST, ""));

// A font that has them paints them in colours of its own.
function paintsEmoji() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 16;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return true;
  context.font = "12px sans-serif";
  context.fillStyle = "#000";
  context.fillText("🔴", 0, 12);
  const { data } = context.getImageData(0, 0, 16, 16);
  return data.some((value, index) => index % 4 === 0 && value !== data[index + 2]);
}

const isPainted = paintsEmoji();

export const readable = (text) => (isPainted ? text : text.replace(ANY, ""));

// Elements made by hand: text is only ever set as text, never as markup.

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

export const byId = (id) => document.getElementById(id);

let hideToast = 0;

export function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(hideToast);
  hideToast = setTimeout(() => (box.hidden = true), 6000);
}

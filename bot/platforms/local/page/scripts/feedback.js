// What is said for a moment: a toast, to a screen reader, and that a button has copied something.

import { byId } from "./dom.js";
import { words } from "./words.js";

let hideToast = 0;

export function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(hideToast);
  hideToast = setTimeout(() => (box.hidden = true), 6000);
}

// For whoever listens to the page.
export function announce(text) {
  byId("announcer").textContent = text.slice(0, 300);
}

// Copies by the clipboard where the browser gives it, else the old way, which works without TLS. Says
// so on the button itself.
export async function copyFrom(button, text) {
  if (!(await copy(text))) return;
  const label = button.dataset.label ?? button.textContent;
  button.dataset.label = label;
  button.textContent = words.copied;
  setTimeout(() => (button.textContent = label), 1500);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyTheOldWay(text);
  }
}

function copyTheOldWay(text) {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus();
  if (!done) toast(`${words.notCopied} ${text}`);
  return done;
}

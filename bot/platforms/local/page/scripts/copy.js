// Copying: the clipboard where the browser gives it, else the old way, which works without TLS.

import { toast } from "./dom.js";
import { words } from "./words.js";

export async function copy(text) {
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

// Says so on the button itself, for a moment.
export async function copyFrom(button, text) {
  if (!(await copy(text))) return;
  const label = button.dataset.label ?? button.textContent;
  button.dataset.label = label;
  button.textContent = words.copied;
  setTimeout(() => (button.textContent = label), 1500);
}

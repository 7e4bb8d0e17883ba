// What one does is told to the view; what is seen of it beside messages is said here.

import { askWith } from "./modal.js";

const { place, person } = document.body.dataset;
const toast = document.getElementById("toast");

export const query = new URLSearchParams({ place, person });

export const suggestions = async (line) =>
  (await fetch(`suggest?${query}&${new URLSearchParams({ line })}`)).json();

export async function act(told) {
  const answer = await fetch(`act?${query}`, { method: "POST", body: JSON.stringify(told) });
  const seen = answer.ok ? await answer.json() : { toast: "The view failed: see its terminal" };
  if (seen.toast) say(seen.toast, seen.alert);
  if (seen.modal) askWith(seen.modal, act);
}

export function say(text, alert = false) {
  toast.textContent = text;
  toast.classList.toggle("alert", alert);
  toast.hidden = false;
  clearTimeout(say.timer);
  if (!alert) say.timer = setTimeout(() => (toast.hidden = true), 4000);
}

toast.addEventListener("click", () => (toast.hidden = true));

// The line that one types in, and what is offered meanwhile.

import { act, suggestions } from "./acts.js";

const form = document.getElementById("composer");
const line = document.getElementById("line");
const offers = document.getElementById("offers");
const answering = document.getElementById("answering");
let asked = 0;

export function type(text) {
  line.value = text;
  line.focus();
  offer();
}

export function answerTo(message) {
  answering.hidden = !message;
  answering.dataset.message = message?.dataset.message ?? "";
  answering.textContent = `Reply to ${message?.querySelector(".words")?.textContent ?? "this"}`;
  line.focus();
}

async function offer() {
  const mine = ++asked;
  const found = line.value.startsWith("/") ? await suggestions(line.value) : [];
  if (mine !== asked) return;
  offers.replaceChildren(...found.map(row));
  offers.hidden = !found.length;
}

function row({ line: whole, label, about }) {
  const button = document.createElement("button");
  const small = document.createElement("small");
  small.textContent = about;
  button.type = "button";
  button.setAttribute("role", "option");
  button.append(label, small);
  button.addEventListener("click", () => type(whole));
  return button;
}

function move(step) {
  const rows = [...offers.children];
  const at = rows.findIndex((one) => one.matches("[aria-selected]"));
  rows[at]?.removeAttribute("aria-selected");
  rows[(at + step + rows.length) % rows.length]?.setAttribute("aria-selected", "true");
}

line.addEventListener("input", offer);
line.addEventListener("keydown", (event) => {
  const selected = offers.querySelector("[aria-selected]");
  if (event.key === "ArrowDown") move(1);
  else if (event.key === "ArrowUp") move(-1);
  else if (event.key === "Escape") offers.hidden = true;
  else if (event.key === "Tab" && !offers.hidden) (selected ?? offers.firstChild).click();
  else if (event.key === "Enter" && selected && !offers.hidden) selected.click();
  else return;
  event.preventDefault();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = line.value.trim();
  if (!text) return;
  act({ line: text, answers: answering.hidden ? null : answering.dataset.message });
  line.value = "";
  asked++;
  offers.hidden = answering.hidden = true;
});

// Shows the messages of one place as they come and change, and tells what one does with them.

import { act, query, say } from "./acts.js";
import { answerTo, type } from "./composer.js";

const messages = document.getElementById("messages");
let atEnd = true;

new EventSource(`events?${query}`).onmessage = ({ data }) => {
  const { id, html, after } = JSON.parse(data);
  const old = document.getElementById(`m${id}`);
  if (html === null) old?.remove();
  else put(made(html), old, after && document.getElementById(`m${after}`));
  toEnd();
};

function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function put(element, old, before) {
  if (old) {
    keep(old, element);
    old.className = element.className;
    old.replaceChildren(...element.childNodes);
  } else if (before) before.after(element);
  else messages.prepend(element);
}

// What was uncovered stays so.
function keep(old, element) {
  const covered = element.querySelectorAll("[data-reveal]");
  old.querySelectorAll("[data-reveal]").forEach((one, at) => {
    if (one.classList.contains("shown")) covered[at]?.classList.add("shown");
  });
}

function toEnd() {
  if (atEnd) messages.scrollTop = messages.scrollHeight;
}

messages.addEventListener("scroll", () => {
  atEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 60;
});
messages.addEventListener("load", toEnd, true);
messages.addEventListener("loadedmetadata", toEnd, true);

const messageOf = (element) => element.closest("[data-message]")?.dataset.message;

async function press(button) {
  button.classList.add("waiting");
  try {
    await act({ press: button.dataset.press, message: messageOf(button) });
  } finally {
    button.classList.remove("waiting");
  }
}

const DOES = {
  press,
  copy: (element) => {
    navigator.clipboard?.writeText(element.dataset.copy);
    say("Copied to clipboard");
  },
  say: (element) => act({ line: element.dataset.say }),
  type: (element) => type(element.dataset.type),
  expand: (element) => element.classList.toggle("open"),
  dismiss: (element) => element.closest("article").remove(),
};

messages.addEventListener("click", (event) => {
  const covered = event.target.closest("[data-reveal]:not(.shown)");
  if (covered) {
    event.preventDefault();
    covered.classList.add("shown");
    return;
  }
  for (const [name, does] of Object.entries(DOES)) {
    const element = event.target.closest(`[data-${name}]`);
    if (element && !getSelection().toString()) {
      does(element);
      return;
    }
  }
});

// A select of one closes with the choice; one of several is told when it is closed.
const chosen = (select) => [...select.querySelectorAll("input:checked")].map((one) => one.value);
const choose = (select) =>
  act({ choose: select.dataset.choose, values: chosen(select), message: messageOf(select) });

messages.addEventListener("change", ({ target }) => {
  const select = target.closest("[data-choose]");
  if (select && !("several" in select.dataset)) {
    select.open = false;
    choose(select);
  } else if (select) select.dataset.changed = "";
});
messages.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.open || !("changed" in target.dataset)) return;
    delete target.dataset.changed;
    if (chosen(target).length >= Number(target.dataset.least)) choose(target);
  },
  true,
);
document.addEventListener("click", ({ target }) => {
  for (const open of document.querySelectorAll("details.select[open]"))
    if (!open.contains(target)) open.open = false;
});

if (document.documentElement.dataset.view === "telegram")
  messages.addEventListener("dblclick", ({ target }) => answerTo(target.closest("[data-message]")));
document.querySelector(".back").addEventListener("click", () => {
  document.body.classList.toggle("listing");
});

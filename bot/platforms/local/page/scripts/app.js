// The page: a chat with Mintcast, and beside it the coins and the status.

import * as api from "./api.js";
import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { byId, make } from "./dom.js";
import { toast } from "./feedback.js";
import { tryAllAgain } from "./loading.js";
import { setUpDrawer, Side } from "./side.js";
import { keepTimesTrue } from "./times.js";
import { words } from "./words.js";

const AGAIN = 2000;
const LONG_ENOUGH = 800;
const OFFERED = 3;

const closeDrawer = setUpDrawer();
const chat = new Chat({ onAnswer: (message) => composer.answer(message), onEmpty: offerCoins });
const composer = new Composer({ send, suggest: api.suggest });
const side = new Side({
  send: (text) => {
    closeDrawer();
    send(text);
  },
});

async function send(text, answered) {
  const taken = await chat.do(() => api.say(text, answered));
  if (taken) chat.toBottom();
  return taken !== null;
}

let laterOffers = 0;

// Whoever has nothing yet may follow a coin that is live now.
async function offerCoins() {
  clearTimeout(laterOffers);
  const found = await api.suggest("/subscribe ").catch(() => []);
  const box = byId("offers");
  const offers = found.slice(0, OFFERED);
  const key = JSON.stringify(offers);
  if (box.dataset.shown !== key) box.replaceChildren(...offers.map(offer));
  box.dataset.shown = key;
  box.hidden = offers.length === 0;
  if (!byId("empty").hidden) laterOffers = setTimeout(offerCoins, AGAIN);
}

function offer({ label, text }) {
  const subscribe = () => send(text);
  return make("button", { type: "button", class: "primary", on: { click: subscribe } }, words.subscribeTo(label));
}

let lateBanner = 0;

// A break that is over at once is not worth a word.
function showConnected(connected) {
  clearTimeout(lateBanner);
  const banner = byId("banner");
  if (connected) banner.hidden = true;
  else
    lateBanner = setTimeout(() => {
      banner.textContent = words.reconnecting;
      banner.hidden = false;
    }, LONG_ENOUGH);
}

async function begin() {
  let last;
  try {
    last = await chat.load();
  } catch (error) {
    toast(error.message);
    setTimeout(begin, AGAIN);
    return;
  }
  chat.toBottom();
  api.follow(last, {
    onEvent: (event) => {
      chat.apply(event);
      if (event.kind !== "message" && event.progress == null) side.soon();
    },
    onReset: begin, // what was missed is no longer kept: read everything anew
    onConnected: (connected) => {
      showConnected(connected);
      if (!connected) return;
      side.soon();
      tryAllAgain();
    },
  });
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-fill]"); // commands in messages come and go
  if (button) composer.fill(button.dataset.fill);
});
for (const button of document.querySelectorAll("[data-send]"))
  button.addEventListener("click", () => send(button.dataset.send));

keepTimesTrue();
begin();
if (matchMedia("(hover: hover)").matches) byId("text").focus();

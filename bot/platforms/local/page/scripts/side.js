// The sides: coins that are followed, and the status. Asked for while somebody looks. On a narrow
// screen they are a drawer: opened by the menu, closed by its button, Escape or a tap beside.

import * as api from "./api.js";
import { byId, make } from "./dom.js";
import { copyFrom } from "./feedback.js";
import { Status } from "./status.js";
import { short, words } from "./words.js";

const EVERY = 5000;
const SOON = 250;

const CONTROLS = "summary, button";

const narrow = matchMedia("(max-width: 820px)");

export class Side {
  // `send(text)` runs a command.
  constructor({ send }) {
    this.send = send;
    this.coins = new Map();
    this.status = new Status();
    document.addEventListener("visibilitychange", () => document.hidden || this.soon());
    setInterval(() => document.hidden || this.refresh(), EVERY);
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), SOON);
  }

  async refresh() {
    const report = await api.status().catch(() => null);
    if (report === null) return this.status.grow();
    byId("summary").textContent = words.summary(report.coin_count, report.live_count);
    this.showCoins(report.coins, report.coin_count);
    this.status.show(report);
  }

  showCoins(coins, count) {
    const mints = new Set(coins.map((coin) => coin.mint));
    for (const mint of [...this.coins.keys()]) if (!mints.has(mint)) this.coins.delete(mint);
    const rows = coins.map((coin) => this.coin(coin));
    const list = byId("coins");
    if (count === 0) rows.push(make("li", { class: "none" }, words.noCoins));
    if (count > coins.length) rows.push(make("li", { class: "none" }, words.moreCoins(count - coins.length)));
    const same = rows.length === list.children.length && rows.every((row, at) => row === list.children[at]);
    if (same) return;
    const focused = focusedIn(list);
    list.replaceChildren(...rows);
    if (focused) this.focus(focused, list);
  }

  focus({ mint, fromEnd }, list) {
    const row = this.coins.get(mint)?.row;
    const control = row && [...row.querySelectorAll(CONTROLS)].at(-fromEnd);
    (control ?? row?.querySelector("summary") ?? list.querySelector("summary"))?.focus({ preventScroll: true });
  }

  coin(coin) {
    const key = JSON.stringify(coin);
    const known = this.coins.get(coin.mint);
    if (known?.key === key) return known.row;
    const row = this.coinRow(coin, known?.row.querySelector("details").open ?? false);
    this.coins.set(coin.mint, { key, row });
    return row;
  }

  coinRow(coin, open) {
    const name = coin.symbol || short(coin.mint);
    const facts = [words[coin.state]];
    if (coin.state === "live" && coin.viewers !== null) facts.push(words.viewers(coin.viewers));
    if (coin.at_hand !== null) facts.push(coin.at_hand);
    return make(
      "li",
      { data: { state: coin.state, mint: coin.mint } },
      make(
        "details",
        { open },
        make(
          "summary",
          {},
          make("span", { class: "dot", "aria-hidden": "true" }),
          make("span", { class: "symbol" }, name),
          make("span", { class: "facts" }, facts.join(" · ")),
        ),
        make("p", { class: "name" }, coin.title || coin.name || coin.mint),
        make("p", { class: "actions" }, ...this.actions(coin)),
      ),
    );
  }

  actions({ mint, state, at_hand: atHand }) {
    const button = (label, act) => make("button", { type: "button", on: { click: act } }, label);
    const made = [
      button(words.history, () => this.send(`/history ${mint}`)),
      button(words.copyAddress, (event) => copyFrom(event.currentTarget, mint)),
      button(words.unsubscribe, () => this.send(`/unsubscribe ${mint}`)),
    ];
    if (state === "live" || atHand !== null) made.unshift(button(words.clip, () => this.send(`/clip ${mint}`)));
    return made;
  }
}

// Which control of which coin has the focus: its row may be made anew. Counted from the end, since
// what is to be done with a coin that goes live stands first.
function focusedIn(list) {
  const row = list.contains(document.activeElement) && document.activeElement.closest("[data-mint]");
  if (!row) return null;
  const controls = [...row.querySelectorAll(CONTROLS)];
  const at = controls.indexOf(document.activeElement);
  const isSummary = document.activeElement.matches("summary");
  return { mint: row.dataset.mint, fromEnd: isSummary ? Infinity : controls.length - at };
}

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

  menu.addEventListener("click", () => {
    set(!side.classList.contains("open"));
    if (side.classList.contains("open")) byId("close-side").focus();
  });
  const close = () => {
    set(false);
    menu.focus();
  };
  shade.addEventListener("click", close);
  byId("close-side").addEventListener("click", close);
  narrow.addEventListener("change", () => set(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && side.classList.contains("open")) close();
  });
  set(false);
  return () => set(false);
}

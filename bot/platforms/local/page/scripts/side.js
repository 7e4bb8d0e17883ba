// The sides: coins that are followed, and the status. Asked for while somebody looks. On a narrow
// screen they are a drawer: opened by the menu, closed by Escape or a tap beside.

import * as api from "./api.js";
import { byId, make } from "./dom.js";
import { copyFrom } from "./feedback.js";
import { ago } from "./times.js";
import { words } from "./words.js";

const EVERY = 5000;
const SOON = 250;
const SHORT = 4;

const narrow = matchMedia("(max-width: 820px)");

export class Side {
  // `send(text)` runs a command, `fill(text)` only types it.
  constructor({ send, fill }) {
    this.send = send;
    this.fill = fill;
    this.coins = new Map();
    this.shown = "";
    document.addEventListener("visibilitychange", () => document.hidden || this.soon());
    setInterval(() => document.hidden || this.refresh(), EVERY);
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), SOON);
  }

  async refresh() {
    const report = await api.status().catch(() => null);
    if (report === null) return; // the banner tells that nobody answers
    byId("summary").textContent = words.summary(report.coin_count, report.live_count);
    this.showCoins(report.coins, report.coin_count);
    const { parts: rows, alerts, failures, disk: usage, version } = report;
    const key = JSON.stringify([rows, alerts, failures, usage && bytes(usage.free), version]);
    if (key === this.shown || isSelecting(byId("things"))) return;
    this.shown = key;
    byId("things").replaceChildren(
      parts(rows),
      deliveries(words.lastAlerts, alerts, words.noAlerts),
      deliveries(words.failures, failures, words.noFailures),
      disk(usage),
      make("p", { class: "version" }, words.version(version)),
    );
  }

  showCoins(coins, count) {
    const mints = new Set(coins.map((coin) => coin.mint));
    for (const mint of [...this.coins.keys()]) if (!mints.has(mint)) this.coins.delete(mint);
    const rows = coins.map((coin) => this.coin(coin));
    const list = byId("coins");
    if (count === 0) rows.push(make("li", { class: "none" }, words.noCoins));
    if (count > coins.length) rows.push(make("li", { class: "none" }, words.moreCoins(count - coins.length)));
    const same = rows.length === list.children.length && rows.every((row, at) => row === list.children[at]);
    if (!same) list.replaceChildren(...rows);
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

  actions({ mint, state }) {
    const button = (label, act) => make("button", { type: "button", on: { click: act } }, label);
    const made = [
      button(words.history, () => this.send(`/history ${mint}`)),
      button(words.copyAddress, (event) => copyFrom(event.currentTarget, mint)),
      button(words.unsubscribe, () => this.fill(`/unsubscribe ${mint}`)),
    ];
    if (state === "live") made.unshift(button(words.clip, () => this.send(`/clip ${mint}`)));
    return made;
  }
}

// What fails comes first, with all that is known of it.
function parts(rows) {
  const sorted = [...rows].sort((one, other) => Number(one.ok) - Number(other.ok));
  return group(words.services, make("ul", { class: "plain-list rows parts" }, ...sorted.map(part)));
}

function part({ name, ok, detail, since }) {
  return make(
    "li",
    { data: { state: ok ? "good" : "bad" } },
    make("span", { class: "dot", "aria-hidden": "true" }),
    make("span", { class: "label" }, words.service(name)),
    make("span", { class: ok ? "detail" : "error", title: detail }, detail || (ok ? words.works : words.fails)),
    ok || !since ? null : make("span", { class: "error" }, words.since, ago(since)),
  );
}

function deliveries(title, rows, none) {
  if (rows.length === 0) return group(title, make("p", { class: "none" }, none));
  return group(title, make("ul", { class: "plain-list rows" }, ...rows.map(delivery)));
}

function delivery(row) {
  const facts = [words.states[row.state] ?? row.state, row.target].filter(Boolean).join(" · ");
  return make(
    "li",
    { data: { state: row.error ? "bad" : row.state === "sent" ? "good" : "waiting" } },
    make("span", { class: "dot", "aria-hidden": "true" }),
    make("span", { class: "label" }, row.symbol || short(row.mint ?? "") || words.kinds[row.kind]),
    make("span", { class: "detail" }, `${facts} · `, ago(row.at)),
    row.error ? make("span", { class: "error" }, row.error) : null,
  );
}

function disk(usage) {
  if (!usage) return group(words.disk, make("p", { class: "none" }, words.unknownDisk));
  const label = words.free(bytes(usage.free), bytes(usage.total));
  const used = usage.total - usage.free;
  return group(
    words.disk,
    make("meter", { min: 0, max: usage.total, high: usage.total * 0.9, value: used, "aria-label": label }),
    make("p", { class: "none" }, label),
  );
}

// Ages change all the time; whoever is copying a sentence is to keep it.
function isSelecting(element) {
  const selection = document.getSelection();
  return selection && !selection.isCollapsed && element.contains(selection.anchorNode);
}

const group = (title, ...children) => make("section", {}, make("h3", {}, title), ...children);

const short = (mint) => (mint.length > 2 * SHORT ? `${mint.slice(0, SHORT)}…${mint.slice(-SHORT)}` : mint);

function bytes(count) {
  const [unit, size] = count >= 2 ** 30 ? ["GB", 2 ** 30] : ["MB", 2 ** 20];
  return `${(count / size).toLocaleString(undefined, { maximumFractionDigits: 1 })} ${unit}`;
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

  menu.addEventListener("click", () => set(!side.classList.contains("open")));
  shade.addEventListener("click", () => set(false));
  narrow.addEventListener("change", () => set(false));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !side.classList.contains("open")) return;
    set(false);
    menu.focus();
  });
  set(false);
  return () => set(false);
}

// The status: how Mintcast's services are, the latest alerts, failures and the disk. While nobody
// answers it is grey, and says of when it is.

import { byId, make } from "./dom.js";
import { ago, timeOf } from "./times.js";
import { short, words } from "./words.js";

// Which service each part of the report belongs to, in this order; parts beginning with "alerts "
// deliver.
const SERVICES = [
  ["alerts", ["dispatcher", "updates"]],
  ["clips", ["clips", "clip service", "replay", "disk"]],
  ["pump.fun", ["watcher", "pump.fun", "pump.fun board", "whole streams"]],
  ["discord", ["discord"]],
  ["telegram", ["telegram"]],
];
const REST = "mintcast";

export class Status {
  constructor() {
    this.box = byId("things");
    this.asOf = byId("as-of");
    this.shown = "";
    this.open = new Set();
    this.at = null;
  }

  show(report) {
    this.at = new Date();
    this.setStale(false);
    const { parts, nodes, alerts, failures, disk: usage, version } = report;
    const key = JSON.stringify([parts, nodes, alerts, failures, usage && bytes(usage.free), version]);
    if (key === this.shown || isSelecting(this.box)) return;
    this.shown = key;
    const focused = this.focused();
    this.box.replaceChildren(
      this.services(parts),
      ...(nodes.length > 0 ? [group(words.nodes, make("ul", { class: "plain-list rows" }, ...nodes.map(node)))] : []),
      deliveries(words.lastAlerts, alerts, words.noAlerts),
      deliveries(words.failures, failures, words.noFailures),
      disk(usage),
      make("p", { class: "version" }, words.version(version)),
    );
    if (focused) this.box.querySelector(`[data-service="${focused}"] summary`)?.focus();
  }

  // Nobody answers: what stands here was true then.
  setStale(isStale) {
    document.body.classList.toggle("stale", isStale);
    this.asOf.hidden = !isStale;
    if (isStale) this.asOf.textContent = words.asOf(timeOf(this.at));
  }

  grow() {
    if (this.at !== null) this.setStale(true);
  }

  focused() {
    const { activeElement } = document;
    return this.box.contains(activeElement) && activeElement.closest("[data-service]")?.dataset.service;
  }

  services(parts) {
    const rows = [...grouped(parts)].map(([name, own]) => this.service(name, own));
    return group(words.services, make("ul", { class: "plain-list rows services" }, ...rows));
  }

  service(name, parts) {
    const state = stateOf(parts);
    const failing = parts.find((part) => !part.ok);
    const row = make(
      "details",
      { open: this.open.has(name) },
      make(
        "summary",
        {},
        make("span", { class: "dot", "aria-hidden": "true" }),
        make("span", { class: "label" }, words.service(name)),
        make("span", { class: "detail" }, words.serviceStates[state]),
      ),
      make("ul", { class: "plain-list" }, ...parts.map(part)),
    );
    row.addEventListener("toggle", () => (row.open ? this.open.add(name) : this.open.delete(name)));
    const why = failing ? make("p", { class: "error" }, failing.detail || words.fails, ...since(failing)) : null;
    return make("li", { data: { state, service: name } }, row, why);
  }
}

function grouped(parts) {
  const found = new Map([...SERVICES.map(([name]) => [name, []]), [REST, []]]);
  for (const one of parts) found.get(serviceOf(one.name)).push(one);
  return [...found].filter(([, own]) => own.length > 0);
}

function serviceOf(part) {
  if (part.startsWith("alerts ")) return "alerts";
  return SERVICES.find(([, names]) => names.includes(part))?.[0] ?? REST;
}

function stateOf(parts) {
  if (parts.some((one) => !one.ok)) return "bad";
  return parts.every((one) => one.off) ? "off" : "good";
}

function part({ name, ok, off, detail }) {
  return make(
    "li",
    { data: { state: off ? "off" : ok ? "good" : "bad" } },
    make("span", { class: "label" }, words.part(name)),
    make("span", { class: "detail" }, detail || (ok ? words.works : words.fails)),
  );
}

function node({ name, ok, detail }) {
  return make(
    "li",
    { data: { state: ok ? "good" : "bad" } },
    make("span", { class: "dot", "aria-hidden": "true" }),
    make("span", { class: "label" }, name),
    make("span", { class: "detail" }, detail),
  );
}

const since = ({ since: at }) => (at ? [" ", words.since, ago(at)] : []);

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

function bytes(count) {
  const [unit, size] = count >= 2 ** 30 ? ["GB", 2 ** 30] : ["MB", 2 ** 20];
  return `${(count / size).toLocaleString(undefined, { maximumFractionDigits: 1 })} ${unit}`;
}

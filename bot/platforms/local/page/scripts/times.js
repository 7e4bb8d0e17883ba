// Instants as a person reads them, in the reader's own zone; those on the page stay true.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const toSecond = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

const REFRESH = 20_000;

export function relative(at, now = new Date()) {
  const seconds = (now - at) / 1000;
  if (seconds < 45) return "just now";
  if (seconds < 5400) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  return absolute(at, now);
}

// The time of day; with the date where it is not today's.
export function absolute(at, now = new Date()) {
  const time = clock.format(at);
  if (at.toDateString() === now.toDateString()) return time;
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  if (at.toDateString() === yesterday.toDateString()) return `yesterday ${time}`;
  return `${day.format(at)}, ${time}`;
}

export const timeOf = (at) => clock.format(at);
const second = (at) => toSecond.format(at);

const HOW = { ago: relative, at: absolute, second };

function timeElement(iso, how) {
  const element = document.createElement("time");
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return element;
  element.dateTime = iso;
  element.title = full.format(at);
  element.dataset.how = how;
  show(element, new Date());
  return element;
}

export const ago = (iso) => timeElement(iso, "ago");
export const at = (iso, how = "at") => timeElement(iso, how);

function show(element, now) {
  const text = HOW[element.dataset.how](new Date(element.dateTime), now);
  if (element.textContent !== text) element.textContent = text;
}

export function keepTimesTrue() {
  setInterval(() => {
    const now = new Date();
    for (const element of document.querySelectorAll("time[data-how]")) show(element, now);
  }, REFRESH);
}

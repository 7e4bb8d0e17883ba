// The page's HTTP API. Every failure is an Error whose message is a sentence, with the `status` of the
// answer, if there was one.

import { words } from "./words.js";

// Everything is asked for beside the page, be it at / or below /mintcast/.
const ROOT = new URL("..", import.meta.url);
ROOT.username = ROOT.password = ""; // an address with a password in it may not be fetched

const AGAIN = 1000;
const LONGEST_LOOK = 10000;
const GONE = [404, 410];

export const urlOf = (path) => new URL(path.replace(/^\/+/, ""), ROOT).href;

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(urlOf(path), { credentials: "same-origin", ...options });
  } catch {
    throw new Error(words.unreachable);
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  const message = answer.error || words.failed(response.status);
  throw Object.assign(new Error(message), { status: response.status });
}

const post = async (path, body) =>
  (
    await ask(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Mintcast": "page" },
      body: JSON.stringify(body),
    })
  ).json();

export const say = (text, answered) =>
  post("/api/messages", answered ? { text, reply_to: answered } : { text });

export const press = (message, button) => post("/api/buttons", { message, button });

export const status = async () => (await ask("/api/status")).json();

export const suggest = async (text, signal) =>
  (await ask(`/api/suggest?text=${encodeURIComponent(text)}`, { signal })).json();

// The newest messages, and the event up to which they are true.
export async function history(limit) {
  const response = await ask(`/api/messages?limit=${limit}`);
  return { messages: await response.json(), last: response.headers.get("Last-Event-ID") };
}

// Whether a file is "there", "gone", or "away" where nobody can tell now; and then `why`.
export async function lookFor(path) {
  const signal = AbortSignal.timeout(LONGEST_LOOK); // the next one waits for its turn
  try {
    await ask(path, { method: "HEAD", cache: "no-store", signal });
    return { state: "there" };
  } catch ({ status, message }) {
    return { state: GONE.includes(status) ? "gone" : "away", why: status ? words.stillAway : message };
  }
}

// The events after `last`. EventSource comes back by itself with Last-Event-ID; where it gives up
// (an answer that is no stream: the service is stopping, say), we begin again from there.
export function follow(last, { onEvent, onReset, onConnected }) {
  let source = null;

  function open() {
    source = new EventSource(urlOf(`/api/events?after=${encodeURIComponent(last)}`));
    source.onopen = () => onConnected(true);
    source.onmessage = (event) => {
      last = event.lastEventId;
      onEvent(JSON.parse(event.data));
    };
    source.addEventListener("reset", () => {
      source.close();
      onReset();
    });
    source.onerror = () => {
      onConnected(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(open, AGAIN);
    };
  }

  open();
}

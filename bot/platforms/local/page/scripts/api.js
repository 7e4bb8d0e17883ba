// The page's HTTP API. Every failure is an Error whose message is a sentence.

import { words } from "./words.js";

// Everything is asked for beside the page, be it at / or below /mintcast/.
const ROOT = new URL("..", import.meta.url);
ROOT.username = ROOT.password = ""; // an address with a password in it may not be fetched

const AGAIN = 1000;

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
  throw new Error(answer.error || words.failed(response.status));
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

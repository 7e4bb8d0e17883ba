// The page's HTTP API. Every failure is an Error whose message is a sentence.

import { urlOf } from "./urls.js";
import { words } from "./words.js";

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

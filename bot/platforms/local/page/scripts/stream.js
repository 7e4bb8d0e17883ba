// The page's events. EventSource comes back by itself with Last-Event-ID; where it gives up
// (an answer that is no stream: the service is stopping, say), we begin again from there.

import { urlOf } from "./urls.js";

const AGAIN = 1000;

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

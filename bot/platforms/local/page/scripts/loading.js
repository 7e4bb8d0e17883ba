// A file that does not load is gone, or it cannot be had now: the server is asked which. What cannot
// be had is tried again by its button, once the page has its events back, and a few times after
// pauses. A page may have hundreds: only what is near the view is asked for, and few at a time.

import { lookFor } from "./api.js";
import { byId, focusIn, make } from "./dom.js";
import { announce, toast } from "./feedback.js";
import { words } from "./words.js";

const NEAR = "800px";
const PAUSES = [2000, 10000, 60000];
const AT_ONCE = 3;

const waiting = new Set();

export function tryAllAgain() {
  for (const file of waiting) file.comeBack();
}

const acts = new WeakMap();

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      const due = acts.get(target);
      acts.delete(target);
      for (const act of due) act();
    }
  },
  // What scrolls cuts off what is beyond it, so a margin around the window would find nothing.
  { root: byId("scroller"), rootMargin: NEAR },
);

// Does it once, as soon as the element is near.
export function whenNear(element, act) {
  if (!acts.has(element)) acts.set(element, new Set());
  acts.get(element).add(act);
  near.observe(element);
}

const turns = [];
let asking = 0;

async function inTurn(ask) {
  if (asking < AT_ONCE) asking += 1;
  else await new Promise((go) => turns.push(go)); // who is done leaves its place to the next
  try {
    return await ask();
  } finally {
    if (turns.length > 0) turns.shift()();
    else asking -= 1;
  }
}

export class LoadedFile {
  // `element` shows what is at `path`: a video, or a frame with an `img`. `begin(isPressed)` loads it,
  // for the first time or again. Where it does not load, what `standIn()` makes stands there; without
  // it, what is `said` of a file that is `gone`, `away` for now, or `there` and fails all the same; and
  // where nothing is said of that, nothing does.
  constructor(path, element, { begin, said, standIn = null }) {
    Object.assign(this, { path, element, begin, said, standIn });
    this.host = make("div", {}, element);
    this.tries = 0;
    this.isGone = this.isLooking = this.isPressed = false;
    this.again = () => this.tryAgain();
    (element.querySelector("img") ?? element).addEventListener("error", () => this.failed());
  }

  async failed() {
    const found = await this.look();
    if (found) this.wait(found);
  }

  async tryAgain() {
    if (!waiting.has(this)) return;
    const found = await this.look();
    if (found?.state === "there") this.load();
    // What was said to be gone stays gone where nobody answers.
    else if (found && !(this.isGone && found.state === "away")) this.wait(found);
  }

  async press() {
    this.isPressed = true; // also where it is asked for already
    this.tries = 0;
    this.button.ariaDisabled = "true"; // one that is disabled would lose the focus
    await this.tryAgain();
  }

  // Undefined where somebody does already, or nobody needs it any more.
  async look() {
    if (this.isLooking) return undefined;
    this.isLooking = true;
    const ask = () => lookFor(this.path);
    const found = await (this.isPressed ? ask() : inTurn(ask));
    this.isLooking = false;
    if (this.host.isConnected) return found;
    waiting.delete(this);
    return undefined;
  }

  load() {
    const { isPressed } = this;
    this.forget();
    this.place(this.element);
    this.begin(isPressed);
  }

  wait({ state, why }) {
    const { isPressed } = this;
    this.forget();
    this.isGone = state === "gone";
    this.standFor(state);
    // What is gone, too: a proxy that has lost the service says that of everything.
    waiting.add(this);
    if (this.isGone) return;
    if (isPressed) toast(why);
    // What is there, and does not load, will hardly do so later.
    const most = state === "there" ? 1 : PAUSES.length;
    if (this.tries < most) this.timer = setTimeout(() => this.tryWhenNear(), PAUSES[this.tries++]);
  }

  forget() {
    clearTimeout(this.timer);
    waiting.delete(this);
    this.isPressed = this.isGone = false;
    if (this.button) this.button.ariaDisabled = null;
  }

  comeBack() {
    this.tries = 0;
    this.tryWhenNear();
  }

  // A hidden host is nowhere, and hides its cover: where that is counts.
  tryWhenNear() {
    const { host } = this;
    if (!host.isConnected) waiting.delete(this);
    else whenNear(host.hidden ? (host.closest(".spoiler") ?? host).parentElement : host, this.again);
  }

  standFor(state) {
    if (!this.standIn) this.say(state);
    else if (this.element.parentElement) this.place(this.standIn());
  }

  say(state) {
    const text = this.said[state];
    const hadFocus = this.host.contains(document.activeElement);
    if (!text) this.place();
    else if (state === "gone") this.place(make("p", { class: "missing gone" }, text));
    else this.place(this.note(text));
    if (hadFocus && text) announce(text);
  }

  note(text) {
    if (!this.button) {
      const press = () => this.press();
      this.button = make("button", { type: "button", on: { click: press } }, words.tryAgain);
      this.sentence = make("p");
      this.missing = make("div", { class: "missing" }, this.sentence, this.button);
    }
    this.sentence.textContent = text;
    return this.missing;
  }

  // What stands there already keeps the focus.
  place(...nodes) {
    const { host } = this;
    if (nodes.length > 0 && nodes[0].parentElement === host) return;
    const hadFocus = host.contains(document.activeElement);
    host.replaceChildren(...nodes);
    host.hidden = nodes.length === 0;
    if (hadFocus) focusIn(host);
  }
}

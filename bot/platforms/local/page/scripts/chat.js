// The conversation: history, then events; it follows the newest message while the reader does.

import * as api from "./api.js";
import { byId, readable } from "./dom.js";
import { announce, toast } from "./feedback.js";
import { MessageView } from "./message.js";
import { words } from "./words.js";

const FIRST = 150;
const ALL = 1000;
const MOST = 300;
const NEAR_BOTTOM = 80;
const QUOTED = 80;

export class Chat {
  constructor({ onAnswer, onEmpty }) {
    this.log = byId("log");
    this.scroller = byId("scroller");
    this.pill = byId("pill");
    this.views = new Map();
    this.pressing = new Map();
    this.unseen = 0;
    this.follows = true;
    this.height = 0;
    this.held = null;
    this.handlers = {
      press: (message, button) => this.press(message, button),
      answer: onAnswer,
      empty: onEmpty,
      jump: (id) => this.jump(id),
    };
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.pill.addEventListener("click", () => this.toBottom());
    byId("earlier").addEventListener("click", () => this.showEarlier());
    const observer = new ResizeObserver(() => this.follows && this.toBottom());
    observer.observe(byId("content"));
    observer.observe(this.scroller);
  }

  // Everything as it reads now; returns the event up to which it is true. What has come meanwhile
  // is newer, or there already: applied once more, it is the same.
  async load(limit = FIRST) {
    const held = (this.held = []);
    let messages, last;
    try {
      ({ messages, last } = await api.history(limit));
    } finally {
      if (this.held === held) this.held = null;
    }
    this.views.clear();
    this.log.replaceChildren();
    for (const message of messages) this.add(message);
    for (const event of held) this.apply(event, false);
    byId("earlier").hidden = messages.length < limit || limit >= ALL;
    this.showEmpty();
    return last;
  }

  async showEarlier() {
    const below = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.follows = false;
    await this.do(() => this.load(ALL));
    this.scroller.scrollTop = this.scroller.scrollHeight - below;
    if (byId("earlier").hidden) this.scroller.focus({ preventScroll: true });
  }

  // `isNews`: nobody was told of it before.
  apply(event, isNews = true) {
    this.held?.push(event);
    const view = this.views.get(event.id);
    if (event.kind === "edit") this.edit(event);
    else if (view) view.update(this.quoting(event, view.element.previousElementSibling));
    else this.arrive(event, isNews);
  }

  arrive(message, isNews) {
    this.add(message);
    this.showEmpty();
    if (!isNews) return;
    if (this.follows) this.forgetOldest();
    if (message.kind !== "message") announce(message.text);
    if (!this.follows || document.hidden) this.unseen += 1;
    this.showUnseen();
  }

  edit(event) {
    const view = this.views.get(event.id);
    if (!view) return;
    if (event.deleted) return this.remove(event.id, view);
    const { message_kind: kind } = event;
    view.update(this.quoting({ ...event, kind }, view.element.previousElementSibling));
  }

  add(message) {
    const view = new MessageView(this.quoting(message, this.log.lastElementChild), this.handlers);
    this.views.set(message.id, view);
    this.log.append(view.element);
  }

  // Whoever stood on a button of it goes on at what was beside it.
  remove(id, view) {
    const { element } = view;
    const beside = element.nextElementSibling ?? element.previousElementSibling;
    const hadFocus = element.contains(document.activeElement);
    element.remove();
    this.views.delete(id);
    this.showEmpty();
    if (hadFocus) (beside?.querySelector(".card") ?? this.scroller).focus();
  }

  // A page that is open for days keeps what is read; the rest comes back with "Show earlier".
  forgetOldest() {
    while (this.views.size > MOST) {
      const [id, view] = this.views.entries().next().value;
      if (view.element.contains(document.activeElement)) return;
      view.element.remove();
      this.views.delete(id);
      byId("earlier").hidden = false;
    }
  }

  // What is answered is quoted where it does not stand right above.
  quoting(message, above) {
    const answered = this.views.get(message.reply_to);
    const isAbove = !answered || above === answered.element;
    return { ...message, quoted: isAbove ? null : firstLine(answered.message) };
  }

  jump(id) {
    const view = this.views.get(id);
    if (!view) return;
    view.element.scrollIntoView({ block: "center" });
    view.element.classList.add("found");
    setTimeout(() => view.element.classList.remove("found"), 1500);
  }

  // Only a move upwards leaves the newest message: when much arrives, it runs away by itself.
  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    if (scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM) this.follows = true;
    else if (scrollTop < this.height) this.follows = false;
    this.height = scrollTop;
    if (this.follows && !document.hidden) this.seen();
  }

  toBottom() {
    this.follows = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    if (!document.hidden) this.seen();
  }

  seen() {
    this.unseen = 0;
    this.showUnseen();
  }

  showUnseen() {
    this.pill.hidden = this.unseen === 0 || this.follows;
    if (!this.pill.hidden) this.pill.textContent = `↓ ${words.newMessages(this.unseen)}`;
    document.title = this.unseen ? `(${this.unseen}) Mintcast` : "Mintcast";
  }

  showEmpty() {
    const isEmpty = this.views.size === 0;
    byId("empty").hidden = !isEmpty;
    if (isEmpty) this.handlers.empty();
  }

  // One after another on a message: what the later one changes is to be seen last.
  press(message, button) {
    const before = this.pressing.get(message);
    const pressing = Promise.resolve(before).then(() => this.pressNow(message, button));
    this.pressing.set(message, pressing);
    pressing.finally(() => this.pressing.get(message) === pressing && this.pressing.delete(message));
    return pressing;
  }

  // Null where it was refused.
  async pressNow(message, button) {
    const pressed = await this.do(() => api.press(message, button));
    if (pressed?.said) toast(pressed.said);
    else if (pressed?.id) this.toBottom();
    return pressed;
  }

  async do(act) {
    try {
      return await act();
    } catch (error) {
      toast(error.message);
      return null;
    }
  }
}

export function firstLine(message) {
  const line = readable((message.title || message.text || "").split("\n")[0]);
  return line.length > QUOTED ? `${line.slice(0, QUOTED)}…` : line;
}

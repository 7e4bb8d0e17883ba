// Where one types: Enter sends, Shift+Enter breaks the line, suggestions by arrow keys and Tab.

import { firstLine } from "./chat.js";
import { byId, make } from "./dom.js";
import { announce } from "./feedback.js";
import { words } from "./words.js";

const PAUSE = 80;
const TALLEST = 180;

export class Composer {
  // `send(text, answered)` resolves to whether it was taken; `suggest(text, signal)` to a list.
  constructor({ send, suggest }) {
    this.send = send;
    this.suggest = suggest;
    this.field = byId("text");
    this.list = byId("suggestions");
    this.options = [];
    this.active = -1;
    this.answered = null;
    this.before = "";
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("blur", () => this.close());
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
  }

  fill(text) {
    this.field.value = text;
    this.field.focus();
    this.changed();
  }

  answer(message) {
    if (message === null && this.answered === null) return;
    this.answered = message?.id ?? null;
    const box = byId("answering");
    box.hidden = message === null;
    if (message === null) {
      box.replaceChildren();
      return this.field.focus();
    }
    const stop = make("button", { type: "button", class: "bare", "aria-label": words.stopAnswering }, "✕");
    stop.addEventListener("click", () => this.answer(null));
    box.replaceChildren(make("span", {}, words.answering(firstLine(message))), stop);
    this.field.focus();
  }

  async submit() {
    const text = this.field.value.trim();
    if (!text) return;
    const { answered } = this;
    this.before = text;
    this.field.value = "";
    this.changed();
    this.close();
    if (await this.send(text, answered)) return this.answered === answered && this.answer(null);
    if (!this.field.value) this.field.value = text;
    this.grow();
  }

  changed() {
    this.grow();
    clearTimeout(this.timer);
    this.request?.abort();
    const text = this.field.value;
    if (!text.startsWith("/")) return this.close();
    this.timer = setTimeout(() => this.look(text), PAUSE);
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(TALLEST, this.field.scrollHeight)}px`;
  }

  async look(text) {
    this.request = new AbortController();
    const found = await this.suggest(text, this.request.signal).catch(() => null);
    if (found === null || this.field.value !== text || document.activeElement !== this.field) return;
    this.show(found.filter((option) => option.text.trim() !== text.trim()));
  }

  show(found) {
    this.options = found;
    this.active = -1;
    this.list.replaceChildren(...found.map((option, index) => this.option(option, index)));
    this.list.hidden = found.length === 0;
    if (found.length > 0) announce(words.suggestions(found.length)); // a textarea is no combobox
    this.field.removeAttribute("aria-activedescendant");
  }

  option({ label }, index) {
    const [name, ...detail] = label.split(" – ");
    const made = make(
      "li",
      { id: `suggestion-${index}`, role: "option", "aria-selected": "false" },
      make("span", { class: "label" }, name),
      make("span", { class: "detail" }, detail.join(" – ")),
    );
    made.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
    made.addEventListener("click", () => this.take(index));
    return made;
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.show([]);
  }

  move(step) {
    const count = this.options.length;
    this.active = this.active < 0 ? (step > 0 ? 0 : count - 1) : (this.active + step + count) % count;
    [...this.list.children].forEach((child, index) => {
      child.setAttribute("aria-selected", String(index === this.active));
      if (index === this.active) child.scrollIntoView({ block: "nearest" });
    });
    this.field.setAttribute("aria-activedescendant", `suggestion-${this.active}`);
  }

  take(index) {
    this.fill(this.options[index].text);
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
  }

  key(event) {
    if (event.isComposing) return;
    if (this.options.length > 0 && this.keyInList(event)) return event.preventDefault();
    if (event.key === "Escape" && this.answered) return this.answer(null);
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && !this.field.value && this.before) {
      event.preventDefault();
      this.fill(this.before);
    }
  }

  // Whether the key was meant for the list.
  keyInList({ key, shiftKey }) {
    if (key === "ArrowDown") this.move(1);
    else if (key === "ArrowUp") this.move(-1);
    else if (key === "Escape") this.close();
    else if (key === "Tab" && !shiftKey) this.take(Math.max(0, this.active));
    else if (key === "Enter" && !shiftKey && this.active >= 0) this.take(this.active);
    else return false;
    return true;
  }
}

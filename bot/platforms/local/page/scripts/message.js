// One message: made once, then changed part by part, so that a video plays on while text changes.

import { urlOf } from "./api.js";
import { Controls } from "./controls.js";
import { focusIn, link, make, readable, withoutLeadingEmoji } from "./dom.js";
import { copyFrom } from "./feedback.js";
import { clip, movingPicture, picture } from "./media.js";
import { ago, at } from "./times.js";
import { covered } from "./spoiler.js";
import { words } from "./words.js";

export class MessageView {
  // `handlers`: press(id, button), answer(message), jump(id)
  constructor(message, handlers) {
    this.handlers = handlers;
    this.shown = {};
    this.slots = {};
    for (const name of ["reference", "media", "title", "lines", "progress", "actions", "foot"])
      this.slots[name] = make("div", { class: name });
    this.controls = new Controls((choice) => this.handlers.press(this.message.id, choice));
    this.card = make("article", { class: "card", tabindex: -1 }, ...Object.values(this.slots));
    this.slots.title.after(this.controls.element);
    this.element = make("li", { class: "message", data: { id: message.id } }, this.card);
    this.at = message.at;
    this.update(message);
  }

  get kind() {
    return this.message.kind;
  }

  update(message) {
    this.message = message;
    this.element.dataset.kind = message.kind;
    this.element.dataset.tone = message.tone ?? "plain";
    const who = message.kind === "message" ? words.you : words.mintcast;
    this.card.setAttribute("aria-label", message.title ? `${who}: ${message.title}` : who);
    const { title, link: target, lines, text } = message;
    this.put("reference", [message.reply_to, message.quoted], () => this.reference());
    this.put("media", [message.image, message.moving, message.video, message.spoiler], () => this.media());
    this.put("title", [title, target, message.tone], () => (title ? [make("h3", {}, this.title())] : []));
    this.put("lines", [lines, text], () => lines.map(line));
    this.controls.update(message.selects ?? []);
    this.put("progress", [message.progress], () => this.progress());
    this.put("actions", [message.buttons, message.video], () => this.actions());
    this.put("foot", [message.kind], () => this.foot());
  }

  put(name, facts, render) {
    const key = JSON.stringify(facts);
    if (this.shown[name] === key) return;
    this.shown[name] = key;
    const children = render();
    const slot = this.slots[name];
    const focused = slot.contains(document.activeElement) ? document.activeElement : null;
    slot.replaceChildren(...children);
    slot.hidden = children.length === 0;
    // A button that does the same again stays at hand, whatever it does it to.
    const same = focused?.dataset.verb && slot.querySelector(`[data-verb="${focused.dataset.verb}"]`);
    if (same) same.focus();
    else if (focused) focusIn(slot);
  }

  // Where a dot shows the tone, the title's own sign would say it twice.
  title() {
    const { title, link: target, tone } = this.message;
    const shown = tone === "plain" ? readable(title) : withoutLeadingEmoji(title);
    return target ? link(target, shown) : shown;
  }

  reference() {
    const { reply_to: id, quoted } = this.message;
    if (!id || !quoted) return [];
    const jump = () => this.handlers.jump(id);
    return [make("button", { type: "button", class: "quote", on: { click: jump } }, `↩ ${quoted}`)];
  }

  media() {
    const { image, image_size, moving, moving_size, video, video_size, title, spoiler } = this.message;
    if (!video && !moving && !image) return [];
    const still = () => picture(image, image_size, title);
    let shown;
    if (video) shown = clip(video, video_size, title);
    else if (moving) shown = movingPicture(moving, moving_size, title, image ? still : null);
    else shown = still();
    return [spoiler ? covered(shown, spoiler, video ? words.showClip : words.showPicture) : shown];
  }

  progress() {
    const { progress } = this.message;
    if (progress === null || progress === undefined) return [];
    const label = words.done(Math.round(progress * 100));
    return [make("progress", { max: 1, value: progress, "aria-label": label }, label)];
  }

  actions() {
    const { buttons, video } = this.message;
    const made = (buttons ?? []).flatMap((button, number) => {
      const isNew = this.kind === "clip" && number > 0 && button.row !== buttons[number - 1].row;
      return [...(isNew ? [make("span", { class: "break" })] : []), this.button(button)];
    });
    if (video)
      made.push(make("a", { class: "button", href: urlOf(`${video}?download`), download: true }, words.download));
    return made;
  }

  button(button) {
    if (button.url) return link(button.url, button.label, "button");
    const made = make("button", { type: "button", data: { verb: button.id.split(":")[0] } }, button.label);
    made.addEventListener("click", async () => {
      if (button.copy) return copyFrom(made, button.copy);
      if (made.ariaDisabled) return; // a button that is disabled would lose the focus
      made.ariaDisabled = "true";
      await this.handlers.press(this.message.id, button.id);
      made.ariaDisabled = null;
    });
    return made;
  }

  foot() {
    const parts = [ago(this.at)];
    if (["alert", "clip"].includes(this.kind)) {
      const answer = () => this.handlers.answer(this.message);
      parts.push(make("button", { type: "button", class: "bare", on: { click: answer } }, words.reply));
    }
    return parts;
  }
}

function line(spans) {
  return make("p", {}, ...spans.map(span));
}

function span({ text, bold, code, command, url, at: instant, to_second: toSecond }) {
  let node = instant ? at(instant, toSecond ? "second" : "at") : document.createTextNode(readable(text));
  if (command) node = make("button", { type: "button", class: "command", data: { fill: `/${command} ` } }, node);
  if (code) node = make("code", {}, node);
  if (bold) node = make("strong", {}, node);
  if (url) {
    const anchor = link(url, "");
    if (anchor.append) {
      anchor.append(node);
      node = anchor;
    }
  }
  return node;
}

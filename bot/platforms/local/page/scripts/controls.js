// What can be chosen in a message: a native select for each, under the heading of its group. They
// are changed in place, so that one that has the focus keeps it.

import { make } from "./dom.js";
import { words } from "./words.js";

export class Controls {
  // `choose(id)` resolves to null where it was refused.
  constructor(choose) {
    this.choose = choose;
    this.element = make("div", { class: "controls" });
    this.made = new Map();
    this.shape = "";
  }

  update(selects) {
    this.selects = selects;
    const shape = JSON.stringify(selects.map(({ id, label, group }) => [id, label, group]));
    if (shape !== this.shape) this.build(selects);
    this.shape = shape;
    for (const select of selects) this.fill(select);
    this.element.hidden = selects.length === 0;
  }

  build(selects) {
    this.made.clear();
    const groups = new Map();
    for (const select of selects) {
      if (!groups.has(select.group))
        groups.set(select.group, fieldset(select.group));
      groups.get(select.group).append(this.control(select));
    }
    this.element.replaceChildren(...groups.values());
  }

  control({ id, label }) {
    const field = make("select");
    field.addEventListener("change", async () => {
      const done = await this.choose(`${id}${field.value}`);
      if (done === null || field.dataset.rests) this.update(this.selects);
    });
    this.made.set(id, field);
    return make("label", { class: "choice" }, make("span", {}, label), field);
  }

  fill({ id, options }) {
    const field = this.made.get(id);
    const key = JSON.stringify(options.map(({ value, label }) => [value, label]));
    if (field.dataset.key !== key) {
      field.replaceChildren(...options.map(({ value, label }) => make("option", { value }, label)));
      field.dataset.key = key;
    }
    const chosen = options.find((option) => option.chosen);
    if (!chosen) rest(field);
    field.value = chosen?.value ?? "";
  }
}

// One of which nothing holds: it can be chosen from again and again.
function rest(field) {
  if (field.options[0]?.value !== "") field.prepend(make("option", { value: "", disabled: true }, words.choose));
  field.dataset.rests = true;
}

function fieldset(group) {
  return group ? make("fieldset", {}, make("legend", {}, group)) : make("div");
}

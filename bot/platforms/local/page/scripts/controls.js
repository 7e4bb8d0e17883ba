// What can be chosen in a message: a native select for each, under the heading of its group. They
// are changed in place, so that one that has the focus keeps it.

import { make } from "./dom.js";

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
        groups.set(select.group, make("fieldset", {}, make("legend", {}, select.group)));
      groups.get(select.group).append(this.control(select));
    }
    this.element.replaceChildren(...groups.values());
  }

  control({ id, label }) {
    const field = make("select");
    field.addEventListener("change", async () => {
      if ((await this.choose(`${id}${field.value}`)) === null) this.update(this.selects);
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
    field.value = options.find(({ chosen }) => chosen)?.value ?? "";
  }
}

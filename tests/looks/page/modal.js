// A form that the bot asked for.

export function askWith(html, act) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const dialog = template.content.firstElementChild;
  document.body.append(dialog);
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    act({ submit: dialog.dataset.submit, values: filled(dialog) });
    dialog.close();
  });
  dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

function filled(dialog) {
  const values = {};
  for (const field of dialog.querySelectorAll("[name]")) {
    if (field.tagName === "SELECT")
      values[field.name] = [...field.selectedOptions].map((one) => one.value);
    else if (field.type === "checkbox" || field.type === "radio") {
      values[field.name] ??= [];
      if (field.checked) values[field.name].push(field.value);
    } else values[field.name] = field.value;
  }
  return values;
}

// The parts of the form. Everything people wrote goes in as text, never as markup.

/** An element: `el("p", { class: "help" }, "Text", child)`. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
  return made;
}

let count = 0;
const newId = () => `f${(count += 1)}`;

/** A group of inputs under one question, with a place for what is wrong with it. */
export function group(field, form, question, ...inside) {
  const error = el("p", { class: "error", id: newId(), hidden: true });
  const help = field.help && el("p", { class: "help", id: newId() }, field.help);
  const described = [help?.id, error.id].filter(Boolean).join(" ");
  const { w } = form;
  const set = el("fieldset", { "aria-describedby": described, "data-at": field.at },
    el("legend", {},
      field.tag && el("span", { class: "tag" }, field.tag),
      el("span", {}, question),
      field.isRequired && el("span", { class: "required" }, w.required)),
    help, ...inside, error);
  form.places.set(field.at, { node: set, error });
  return set;
}

/** Numbers to choose from, with what the ends mean. More than eleven are typed. */
export function scale(field, form, question, on) {
  const { w, say } = form;
  const { min, max, step } = on;
  if ((max - min) / step > 10) return typed(field, form, question, on);
  const [low, high] = [say(on.min_label), say(on.max_label)];
  const name = newId();
  const values = [];
  for (let value = min; value <= max; value += step) values.push(value);
  const clear = el("button", { type: "button", class: "clear", hidden: field.get() === undefined }, w.clear);
  const radios = values.map((value) => {
    const end = value === min ? low : value === max ? high : "";
    const input = el("input", {
      type: "radio", name, value, checked: field.get() === value,
      onchange: () => { field.set(value); clear.hidden = field.isRequired; form.changed(field.at); },
    });
    return el("label", {}, input, el("span", { class: "value" }, String(value)), end && el("span", { class: "unseen" }, ` ${end}`));
  });
  clear.hidden = field.isRequired || field.get() === undefined;
  clear.addEventListener("click", () => {
    field.set(undefined);
    radios.forEach((radio) => { radio.firstChild.checked = false; });
    clear.hidden = true;
    radios[0].firstChild.focus();
    form.changed(field.at);
  });
  const row = el("div", { class: "scale", "data-values": values.length }, ...radios);
  const ends = (low || high) && el("div", { class: "ends", "aria-hidden": "true" }, el("span", {}, low), el("span", {}, high));
  return group(field, form, question, row, ends, clear);
}

function typed(field, form, question, { min, max, step }) {
  const input = el("input", {
    type: "number", min, max, step, inputmode: "numeric", "aria-label": form.w.number(min, max), class: "short",
    value: field.get(),
    oninput: () => { field.set(input.value === "" ? undefined : Number(input.value)); form.changed(field.at); },
  });
  return group({ ...field, help: form.w.number(min, max) }, form, question, input);
}

export function choice(field, form, question, choices, isMultiple) {
  const name = newId();
  const chosen = () => field.get() || [];
  const options = choices.map(({ key, wording }) => {
    const input = el("input", {
      type: isMultiple ? "checkbox" : "radio", name, value: key, checked: chosen().includes(key),
      onchange: () => {
        const others = isMultiple ? chosen().filter((one) => one !== key) : [];
        const now = input.checked ? [...others, key] : others;
        field.set(now.length ? now : undefined);
        clear.hidden = isMultiple || field.isRequired;
        form.changed(field.at);
      },
    });
    return el("label", { class: "option" }, input, el("span", {}, form.say(wording)));
  });
  const clear = el("button", {
    type: "button", class: "clear", hidden: isMultiple || field.isRequired || !chosen().length,
    onclick: () => {
      field.set(undefined);
      options.forEach((option) => { option.firstChild.checked = false; });
      clear.hidden = true;
      options[0].firstChild.focus();
      form.changed(field.at);
    },
  }, form.w.clear);
  return group({ ...field, help: isMultiple ? form.w.several : undefined }, form, question, ...options, clear);
}

/** One line or a paragraph under a label of its own. */
export function text(field, form, label, attributes = {}) {
  const id = newId();
  const error = el("p", { class: "error", id: newId(), hidden: true });
  const help = field.help && el("p", { class: "help", id: newId() }, field.help);
  const input = el(attributes.rows ? "textarea" : "input", {
    ...attributes, id, "aria-describedby": [help?.id, error.id].filter(Boolean).join(" "),
    "aria-required": field.isRequired ? "true" : undefined,
    oninput: () => { field.set(input.value.trim() === "" ? undefined : input.value); form.changed(field.at); },
  });
  input.value = field.get() ?? "";
  const node = el("div", { class: "field", "data-at": field.at },
    el("label", { for: id }, label, field.isRequired && el("span", { class: "required" }, form.w.required)),
    help, input, error);
  form.places.set(field.at, { node, error });
  return node;
}

/** A hundred points over the five dimensions. */
export function points(field, form) {
  const { w } = form;
  const values = () => field.get() || {};
  const left = el("p", { class: "help", role: "status" });
  const tell = () => {
    const given = Object.values(values());
    left.textContent = given.length ? w.pointsLeft(100 - given.reduce((sum, one) => sum + one, 0)) : "";
  };
  const rows = Object.entries(w.dimensions).map(([dimension, label]) => {
    const input = el("input", {
      type: "number", min: 0, max: 100, step: 1, inputmode: "numeric", class: "short", value: values()[dimension],
      oninput: () => {
        const { [dimension]: _, ...others } = values();
        const now = input.value === "" ? others : { ...others, [dimension]: Number(input.value) };
        field.set(Object.keys(now).length ? now : undefined);
        tell();
        form.changed(field.at);
      },
    });
    return el("label", { class: "points" }, el("span", {}, label), input);
  });
  tell();
  return group({ ...field, help: w.importanceHelp }, form, w.importance, ...rows, left);
}

/** Says what is wrong beside the field, or that nothing is. */
export function mark(place, message) {
  place.error.textContent = message || "";
  place.error.hidden = !message;
  place.node.classList.toggle("wrong", Boolean(message));
  place.node.querySelectorAll("input, textarea").forEach((input) => {
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  });
}

// The form around the path: whatever changes in it is asked at once.

import { address } from "./address.js";
import { count, go } from "./go.js";
import { pick } from "./picker.js";

const WAIT = 250;
let timer = 0;

/** Make a form that was just put in place work. */
export function steer(path) {
  const form = path.querySelector("#ask");
  if (!form) return;
  pick(form, (end, id, words) => ask(form, { [end]: id, [`${end}_text`]: words }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
  const images = path.querySelector("#images");
  images?.addEventListener("input", () => {
    images.name = "images";
    images.parentElement.querySelector("output").value = images.value;
  });
  const years = path.querySelector(".years");
  years?.addEventListener("focusout", (event) => {
    const changed = [...years.querySelectorAll("input")].some((field) => field.value !== field.defaultValue);
    if (changed && !years.contains(event.relatedTarget)) soon(form);
  });
  for (const field of form.elements) {
    if (!["range", "radio", "checkbox", "select-one"].includes(field.type)) continue;
    field.addEventListener("change", () => soon(form));
  }
}

/** Ask in a moment, unless something else is asked before. */
function soon(form) {
  clearTimeout(timer);
  const before = count();
  timer = setTimeout(() => {
    if (form.isConnected && before === count()) ask(form);
  }, WAIT);
}

/** Ask for what a form says; `changes` stand in for fields of it. */
function ask(form, changes = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value && typeof value === "string" && !/^(from|to)(_shown|_id)?$/.test(name)) query.append(name, value);
  }
  for (const end of ["from", "to"]) {
    const field = form.elements[end];
    if ("picture" in field.dataset && !(end in changes)) continue; // a visitor's own: sent beside the form
    const words = "words" in field.dataset ? field.value : "";
    const said = { [end]: words ? "" : field.dataset.id || field.value.trim(), [`${end}_text`]: words };
    for (const name of [end, `${end}_text`]) {
      const value = name in changes ? changes[name] : said[name];
      if (value) query.set(name, value);
    }
  }
  const asked = address("");
  asked.search = query;
  go(asked.href, { focus: Object.keys(changes)[0] ?? "" });
}

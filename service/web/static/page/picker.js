// The two ends as comboboxes: a few letters, a list of artworks with their pictures, the arrow keys or a click.

import { address } from "./address.js";
import { say, told } from "./strings.js";

const WAIT = 150;
const SHOWN = 8;

/** Make the fields of a form choose artworks; `chosen(end, id, words)` is told of each choice. */
export function pick(form, chosen) {
  for (const field of form.querySelectorAll(".end input[type=text]")) new Picker(field, chosen);
}

class Picker {
  constructor(field, chosen) {
    Object.assign(this, { field, chosen, rows: [], at: -1, asked: 0, timer: 0 });
    this.list = document.createElement("ul");
    Object.assign(this.list, { id: `${field.id}-list`, role: "listbox", hidden: true, className: "list" });
    this.list.setAttribute("aria-label", field.labels[0].textContent);
    field.parentElement.append(this.list);
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-expanded", "false");
    field.setAttribute("aria-controls", this.list.id);
    field.addEventListener("input", () => this.look());
    field.addEventListener("focus", () => field.select());
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const row = event.target.closest("[data-at]");
      if (row) this.take(Number(row.dataset.at));
    });
  }

  look() {
    delete this.field.dataset.id;
    delete this.field.dataset.words;
    delete this.field.dataset.picture;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(this.field.value.trim()), WAIT);
  }

  async ask(text) {
    const mine = ++this.asked;
    if (!text) {
      this.close();
      return;
    }
    let found = [];
    try {
      const answer = await fetch(address("api/v1/artworks", { q: text, limit: SHOWN }));
      if (!answer.ok) throw new Error(String(answer.status));
      found = (await answer.json()).artworks;
    } catch {
      if (mine === this.asked) say(told("js.failed"));
      return;
    }
    if (mine !== this.asked || document.activeElement !== this.field) return;
    this.rows = found.map((artwork) => ({ id: artwork.id, title: artwork.title || artwork.key, artwork }));
    if (this.field.dataset.text) this.rows.push({ words: text, title: told("js.words", { words: text }) });
    this.show();
  }

  show() {
    this.list.replaceChildren(...this.rows.map((row, at) => option(this.list.id, row, at)));
    if (!this.rows.length) {
      const none = document.createElement("li");
      none.textContent = told("js.none");
      none.className = "none";
      none.setAttribute("role", "option");
      none.setAttribute("aria-disabled", "true");
      this.list.append(none);
    }
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.move(-1);
    say(this.rows.length ? told("js.found", { n: this.rows.length }) : told("js.none"));
  }

  close() {
    this.asked++;
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.move(-1);
  }

  move(at) {
    this.at = at;
    for (const row of this.list.querySelectorAll("[data-at]")) {
      const is = Number(row.dataset.at) === at;
      row.setAttribute("aria-selected", String(is));
      if (is) row.scrollIntoView({ block: "nearest" });
    }
    if (at < 0) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", `${this.list.id}-${at}`);
  }

  key(event) {
    const open = !this.list.hidden && this.rows.length;
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    } else if (event.key === "ArrowDown" && !open) {
      event.preventDefault();
      this.ask(this.field.value.trim());
    } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.move((this.at + step + this.rows.length) % this.rows.length);
    } else if (open && event.key === "Enter" && this.at >= 0) {
      event.preventDefault();
      this.take(this.at);
    }
  }

  take(at) {
    const row = this.rows[at];
    this.field.value = row.words ?? row.title;
    this.close();
    this.chosen(this.field.id, row.id ?? "", row.words ?? "");
  }
}

function option(list, row, at) {
  const place = document.createElement("li");
  Object.assign(place, { id: `${list}-${at}`, role: "option" });
  place.dataset.at = at;
  const thumb = row.artwork?.images.thumb;
  if (thumb?.url && !row.artwork.advisory) {
    const image = Object.assign(new Image(thumb.width, thumb.height), { src: thumb.url, alt: "", loading: "lazy" });
    place.append(image);
  }
  const text = document.createElement("span");
  const title = Object.assign(document.createElement("b"), { textContent: row.title });
  const told = row.artwork ? [row.artwork.artists.join(", "), row.artwork.date_text].filter(Boolean).join(", ") : "";
  text.append(title, Object.assign(document.createElement("small"), { textContent: told }));
  if (row.artwork?.attribution) text.append(Object.assign(document.createElement("small"), { textContent: row.artwork.attribution }));
  place.append(text);
  return place;
}

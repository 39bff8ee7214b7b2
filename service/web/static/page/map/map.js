// The map of all artworks, made when somebody asks for it.

import { address } from "../address.js";
import { say, told } from "../strings.js";
import { ACTS, hands } from "./hands.js";
import { Painter } from "./paint.js";
import { Points } from "./points.js";
import { Thumbs } from "./thumbs.js";
import { View } from "./view.js";

const REACH = 26;
const LISTED = 30;
const WAIT = 200;

/** Put the map into a place of the page; `look(id)` opens an artwork. Returns a function that shows a path on it, or null where there is none. */
export async function openMap(place, look) {
  place.textContent = told("js.map.loading");
  const sent = await read();
  if (!sent) {
    place.textContent = told("js.map.none");
    return null;
  }
  const points = new Points(sent);
  const map = new Plane(place, points, look);
  return (ids) => map.show(ids);
}

async function read() {
  try {
    const answer = await fetch(address("api/v1/map"));
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

class Plane {
  constructor(place, points, look) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { id: "map-canvas", tabIndex: 0 });
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", told("js.map.label"));
    this.view = new View();
    const thumbs = new Thumbs((row) => address(`images/${points.thumbs[row]}`), () => this.draw());
    Object.assign(this, { canvas, points, look, titles: new Map(), due: 0, timer: 0 });
    this.tip = Object.assign(document.createElement("p"), { className: "tip", hidden: true });
    place.replaceChildren(canvas, this.tip, this.buttons(), this.listing());
    this.painter = new Painter(canvas, points, this.view, thumbs);
    hands(canvas, this.view, {
      moved: () => this.draw(),
      clicked: (px, py) => this.click(px, py),
      over: (px, py) => this.over(px, py),
    });
    for (const [name, middle] of [["focus", true], ["blur", false]]) {
      canvas.addEventListener(name, () => {
        this.painter.middle = middle && canvas.matches(":focus-visible");
        this.draw();
      });
    }
    new ResizeObserver(() => this.resize()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.painter.colours();
      this.draw();
    });
    this.resize();
  }

  /** Draw a path, and look at where it goes. */
  show(ids) {
    this.painter.path = ids;
    this.draw();
  }

  resize() {
    const box = this.canvas.getBoundingClientRect();
    if (!box.width) return;
    this.view.resize(box.width, box.height);
    this.draw();
  }

  draw() {
    if (this.due) return;
    this.due = requestAnimationFrame(() => {
      this.due = 0;
      this.painter.paint();
    });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.rest(), WAIT);
  }

  /** When the map stands still: say what is in the middle to who moves it by keys, and list what is in view. */
  async rest() {
    this.list();
    if (!this.painter.middle) return;
    const row = this.at(this.view.width / 2, this.view.height / 2);
    if (row >= 0 && row !== this.said) say(await this.title(this.points.ids[row]));
    this.said = row;
  }

  fit() {
    const rows = this.painter.path.map((id) => this.points.at.get(id)).filter((row) => row !== undefined);
    if (!rows.length) return;
    const across = rows.map((row) => this.points.x[row]);
    const down = rows.map((row) => this.points.y[row]);
    this.view.box(Math.min(...across), Math.min(...down), Math.max(...across), Math.max(...down));
  }

  at(px, py) {
    const row = this.painter.pictured(px, py);
    if (row >= 0) return row;
    const [x, y] = this.view.place(px, py);
    return this.points.nearest(x, y, REACH / this.view.scale)[0] ?? -1;
  }

  click(px, py) {
    const row = this.at(px, py);
    if (row >= 0) this.look(this.points.ids[row]);
  }

  over(px, py) {
    const row = px < 0 ? -1 : this.at(px, py);
    if (row === this.painter.near) return;
    this.painter.near = row;
    this.canvas.classList.toggle("over", row >= 0);
    this.tip.hidden = true;
    this.draw();
    clearTimeout(this.asking);
    if (row < 0) return;
    this.asking = setTimeout(async () => {
      const title = await this.title(this.points.ids[row]);
      if (this.painter.near !== row || !title) return;
      this.tip.textContent = title;
      this.tip.hidden = false;
      const [left, top] = this.view.pixel(this.points.x[row], this.points.y[row]);
      this.tip.style.translate = `${Math.min(left + 14, this.view.width - this.tip.offsetWidth)}px ${Math.min(top + 14, this.view.height - 40)}px`;
    }, 100);
  }

  async title(id) {
    if (!this.titles.has(id)) {
      try {
        const answer = await fetch(address(`api/v1/artworks/${id}`));
        if (answer.ok) this.titles.set(id, line(await answer.json()));
      } catch {
        return "";
      }
    }
    return this.titles.get(id) ?? "";
  }

  buttons() {
    const row = Object.assign(document.createElement("div"), { className: "row" });
    const acts = { ...ACTS, path: () => this.fit() };
    for (const name of ["in", "out", "left", "right", "up", "down", "all", "path"]) {
      const button = Object.assign(document.createElement("button"), { type: "button", id: `map-${name}`, textContent: told(`js.map.${name}`) });
      button.addEventListener("click", () => {
        acts[name](this.view);
        this.draw();
      });
      row.append(button);
    }
    return row;
  }

  listing() {
    this.details = document.createElement("details");
    this.details.id = "map-list";
    const summary = Object.assign(document.createElement("summary"), { textContent: told("js.map.list") });
    this.count = document.createElement("p");
    this.entries = document.createElement("ul");
    this.details.append(summary, this.count, this.entries);
    this.details.addEventListener("toggle", () => this.list());
    return this.details;
  }

  /** List the artworks nearest to the middle of what is in view: the map for those who cannot see it. */
  async list() {
    if (!this.details.open) return;
    const { view, points } = this;
    const [left, top] = view.place(0, 0);
    const [right, bottom] = view.place(view.width, view.height);
    let count = 0;
    points.inside(left, top, right, bottom, (row) => {
      const [x, y] = [points.x[row], points.y[row]];
      if (x >= left && x <= right && y >= top && y <= bottom) count++;
    });
    const rows = points.nearest(view.x, view.y, Math.hypot(right - left, bottom - top) / 2, LISTED);
    const ids = rows.map((row) => points.ids[row]);
    const listed = `${count} ${ids.join(" ")}`;
    if (listed === this.listed) return; // a list that is rebuilt takes the focus away
    this.listed = listed;
    await this.read(ids.filter((id) => !this.titles.has(id)));
    if (this.listed !== listed) return;
    this.count.textContent = told("js.map.count", { n: count, shown: ids.length });
    this.entries.replaceChildren(...ids.filter((id) => this.titles.has(id)).map((id) => this.entry(id)));
  }

  entry(id) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: this.titles.get(id) });
    button.addEventListener("click", () => this.look(id));
    const entry = document.createElement("li");
    entry.append(button);
    return entry;
  }

  /** Read the titles of several artworks: at once where all are there, else one by one. */
  async read(ids) {
    if (ids.length > 1) {
      try {
        const answer = await fetch(address("api/v1/path", { ids: ids.join(",") }));
        if (answer.ok) for (const artwork of (await answer.json()).artworks) this.titles.set(artwork.id, line(artwork));
      } catch {
        return;
      }
    }
    await Promise.all(ids.filter((id) => !this.titles.has(id)).map((id) => this.title(id)));
  }
}

function line(artwork) {
  return [artwork.title || artwork.key, artwork.artists.join(", "), artwork.date_text].filter(Boolean).join(", ");
}

// What part of the square is looked at: its middle, and how many pixels its side has.

const MOST = 400;
const MARGIN = 1.08;

export class View {
  constructor() {
    Object.assign(this, { x: 0.5, y: 0.5, width: 1, height: 1, scale: 1 });
  }

  resize(width, height) {
    const fresh = this.width === 1;
    Object.assign(this, { width, height });
    if (fresh) this.all();
    else this.keep();
  }

  get least() {
    return Math.min(this.width, this.height) / MARGIN;
  }

  all() {
    Object.assign(this, { x: 0.5, y: 0.5, scale: this.least });
  }

  /** Look at a box, with room around it. */
  box(left, top, right, bottom) {
    const wide = Math.max(right - left, 0.02);
    const high = Math.max(bottom - top, 0.02);
    this.scale = Math.min(this.width / wide, this.height / high) * 0.7;
    Object.assign(this, { x: (left + right) / 2, y: (top + bottom) / 2 });
    this.keep();
  }

  /** Move by pixels. */
  pan(right, down) {
    this.x += right / this.scale;
    this.y += down / this.scale;
    this.keep();
  }

  /** Come nearer by a factor; what is at a pixel stays there. */
  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.place(px, py);
    this.scale = Math.min(Math.max(this.scale * factor, this.least), this.least * MOST);
    this.x = x - (px - this.width / 2) / this.scale;
    this.y = y - (py - this.height / 2) / this.scale;
    this.keep();
  }

  /** The pixel of a place. */
  pixel(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, (y - this.y) * this.scale + this.height / 2];
  }

  /** The place of a pixel. */
  place(px, py) {
    return [this.x + (px - this.width / 2) / this.scale, this.y + (py - this.height / 2) / this.scale];
  }

  keep() {
    this.scale = Math.min(Math.max(this.scale, this.least), this.least * MOST);
    this.x = Math.min(Math.max(this.x, 0), 1);
    this.y = Math.min(Math.max(this.y, 0), 1);
  }
}

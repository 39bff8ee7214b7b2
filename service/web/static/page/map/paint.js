// The map as pixels: a dot for every artwork, small pictures where there is room, and the path over them.

const ROOM = 58;
const SMALL = 44;
const LARGE = 64;

export class Painter {
  constructor(canvas, points, view, thumbs) {
    Object.assign(this, { canvas, points, view, thumbs, path: [], near: -1, boxes: [], middle: false });
    this.context = canvas.getContext("2d", { alpha: false });
    this.colours();
  }

  /** Take the colours of the page as they are now. */
  colours() {
    const style = getComputedStyle(this.canvas);
    const said = (name) => style.getPropertyValue(name).trim();
    Object.assign(this, { ground: said("--ground"), ink: said("--ink"), accent: said("--accent") });
    Object.assign(this, { back: packed(this.ground), dot: packed(said("--edge")) });
  }

  paint() {
    this.boxes = [];
    const ratio = Math.min(devicePixelRatio, 2);
    const { width, height } = this.view;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.dots(ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.pictures();
    this.line();
    if (this.near >= 0) this.ring(this.near);
    if (this.middle) this.cross();
    this.thumbs.ask();
  }

  /** Dots are written straight into the pixels: fifty thousand cost about a millisecond. */
  dots(ratio) {
    const { points, view, dot } = this;
    if (this.image?.width !== this.canvas.width || this.image.height !== this.canvas.height) {
      this.image = new ImageData(this.canvas.width, this.canvas.height);
    }
    const { image } = this;
    const pixels = new Uint32Array(image.data.buffer).fill(this.back);
    const size = Math.max(Math.round((points.length > 20000 ? 1.5 : 2.5) * ratio), 1);
    const scale = view.scale * ratio;
    const left = (view.width * ratio) / 2 - view.x * scale - size / 2;
    const top = (view.height * ratio) / 2 - view.y * scale - size / 2;
    const right = image.width - size;
    const bottom = image.height - size;
    for (let row = 0; row < points.length; row++) {
      const px = Math.round(points.x[row] * scale + left);
      const py = Math.round(points.y[row] * scale + top);
      if (px < 0 || py < 0 || px > right || py > bottom) continue;
      for (let v = 0; v < size; v++) pixels.fill(dot, (py + v) * image.width + px, (py + v) * image.width + px + size);
    }
    this.context.putImageData(image, 0, 0);
  }

  /** One picture for each square of a grid that stands still while one moves, and becomes finer as one comes nearer. */
  pictures() {
    const { points, view } = this;
    const side = 2 ** Math.floor(Math.log2(Math.max(view.scale / ROOM, 1)));
    for (const row of points.spread(side)) {
      const [px, py] = view.pixel(points.x[row], points.y[row]);
      if (px > -ROOM && py > -ROOM && px < view.width + ROOM && py < view.height + ROOM) this.picture(row, px, py, SMALL);
    }
  }

  picture(row, px, py, size) {
    const image = this.thumbs.get(row);
    if (!image) return null;
    const factor = size / Math.max(image.width, image.height);
    const box = [px - (image.width * factor) / 2, py - (image.height * factor) / 2, image.width * factor, image.height * factor];
    this.context.drawImage(image, ...box);
    this.boxes.push([row, ...box]);
    return box;
  }

  line() {
    const { context, points, view } = this;
    const rows = this.path.map((id) => points.at.get(id)).filter((row) => row !== undefined);
    const places = rows.map((row) => view.pixel(points.x[row], points.y[row]));
    context.lineJoin = "round";
    for (const [colour, width] of [[this.ground, 6], [this.accent, 3]]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      for (const [px, py] of places) context.lineTo(px, py);
      context.stroke();
    }
    rows.forEach((row, at) => {
      const box = this.picture(row, ...places[at], LARGE) ?? [places[at][0] - 5, places[at][1] - 5, 10, 10];
      context.strokeStyle = this.accent;
      context.strokeRect(...box);
    });
  }

  /** The row whose picture lies uppermost at a pixel, or -1. */
  pictured(px, py) {
    for (let at = this.boxes.length - 1; at >= 0; at--) {
      const [row, left, top, width, height] = this.boxes[at];
      if (px >= left && py >= top && px <= left + width && py <= top + height) return row;
    }
    return -1;
  }

  /** Mark the middle, which the keyboard opens. */
  cross() {
    const { width, height } = this.view;
    this.context.strokeStyle = this.ink;
    this.context.lineWidth = 2;
    this.context.beginPath();
    for (const [right, down] of [[12, 0], [0, 12]]) {
      this.context.moveTo(width / 2 - right, height / 2 - down);
      this.context.lineTo(width / 2 + right, height / 2 + down);
    }
    this.context.stroke();
  }

  ring(row) {
    const [px, py] = this.view.pixel(this.points.x[row], this.points.y[row]);
    this.context.strokeStyle = this.ink;
    this.context.lineWidth = 2;
    this.context.beginPath();
    this.context.arc(px, py, 9, 0, 7);
    this.context.stroke();
  }
}

/** A colour as the four bytes of a pixel. */
function packed(colour) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)[0];
}

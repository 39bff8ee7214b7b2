// All artworks as points of a square, and which of them are where.

const CELLS = 128;

export class Points {
  /** `sent` is the answer of /api/v1/map: columns of one order. */
  constructor(sent) {
    this.ids = sent.ids;
    this.thumbs = sent.thumbs;
    this.x = Float32Array.from(sent.x, (value) => value / sent.side);
    this.y = Float32Array.from(sent.y, (value) => value / sent.side);
    this.at = new Map(sent.ids.map((id, row) => [id, row]));
    this.chosen = new Map();
    this.index();
  }

  get length() {
    return this.ids.length;
  }

  /** Sort rows into cells, so that a look at a few of them finds whatever is near. */
  index() {
    const starts = new Uint32Array(CELLS * CELLS + 1);
    const cells = new Uint16Array(this.length);
    for (let row = 0; row < this.length; row++) {
      cells[row] = cell(this.y[row]) * CELLS + cell(this.x[row]);
      starts[cells[row] + 1]++;
    }
    for (let at = 0; at < CELLS * CELLS; at++) starts[at + 1] += starts[at];
    const free = starts.slice();
    const rows = new Uint32Array(this.length);
    for (let row = 0; row < this.length; row++) rows[free[cells[row]]++] = row;
    Object.assign(this, { starts, rows });
  }

  /** Call a function with every row in a box, and perhaps some just outside it. */
  inside(left, top, right, bottom, call) {
    for (let v = cell(top); v <= cell(bottom); v++) {
      const first = this.starts[v * CELLS + cell(left)];
      const last = this.starts[v * CELLS + cell(right) + 1];
      for (let at = first; at < last; at++) call(this.rows[at]);
    }
  }

  /** The rows nearest to a place and no farther than `most`, nearest first. */
  nearest(x, y, most, count = 1) {
    const found = [];
    this.inside(x - most, y - most, x + most, y + most, (row) => {
      const off = Math.hypot(this.x[row] - x, this.y[row] - y);
      if (off <= most) found.push([off, row]);
    });
    found.sort((a, b) => a[0] - b[0]);
    return found.slice(0, count).map((pair) => pair[1]);
  }

  /** One row of each cell of a grid with so many cells a side: the same whatever part of it is looked at. */
  spread(side) {
    if (!this.chosen.has(side)) {
      const taken = new Set();
      const rows = [];
      for (let row = 0; row < this.length; row++) {
        const place = Math.floor(this.y[row] * side) * (side + 1) + Math.floor(this.x[row] * side);
        if (this.thumbs[row] && !taken.has(place)) {
          taken.add(place);
          rows.push(row);
        }
      }
      this.chosen.set(side, Uint32Array.from(rows));
    }
    return this.chosen.get(side);
  }
}

function cell(value) {
  return Math.min(Math.max(Math.floor(value * CELLS), 0), CELLS - 1);
}

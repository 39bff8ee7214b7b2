// Small pictures as they are needed: a few at a time, the ones used last kept.

const KEPT = 800;
const AT_ONCE = 6;
const HEIGHT = 96;

export class Thumbs {
  /** `arrived` is called when a picture that was asked for is there. */
  constructor(urlOf, arrived) {
    Object.assign(this, { urlOf, arrived, kept: new Map(), wanted: [], busy: 0 });
  }

  /** The picture of a row, or null while it is not there. */
  get(row) {
    const held = this.kept.get(row);
    if (held === undefined) {
      this.wanted.push(row);
      return null;
    }
    this.kept.delete(row);
    this.kept.set(row, held);
    return held;
  }

  /** Begin to ask for what was wanted since the last time; what is no longer wanted is not asked for. */
  ask() {
    while (this.busy < AT_ONCE && this.wanted.length) {
      const row = this.wanted.shift();
      if (!this.kept.has(row)) this.fetch(row);
    }
    this.wanted = [];
  }

  async fetch(row) {
    this.busy++;
    this.kept.set(row, null);
    try {
      const answer = await fetch(this.urlOf(row));
      if (!answer.ok) throw new Error(String(answer.status));
      this.kept.set(row, await createImageBitmap(await answer.blob(), { resizeHeight: HEIGHT, resizeQuality: "medium" }));
    } catch {
      this.kept.set(row, null);
    }
    this.busy--;
    for (const old of this.kept.keys()) {
      if (this.kept.size <= KEPT) break;
      this.kept.get(old)?.close();
      this.kept.delete(old);
    }
    this.arrived();
  }
}

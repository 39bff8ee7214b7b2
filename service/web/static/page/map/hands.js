// Moving about on the map: by pointer, fingers, wheel, keys.

const STEP = 80;
const FACTOR = 1.5;
const CLICK = 5;

/** Let a canvas be moved about; `moved` is called after each change, `clicked(px, py)` and `over(px, py)` with pixels. */
export function hands(canvas, view, { moved, clicked, over }) {
  const down = new Map();
  let travelled = 0;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    if (!down.size) travelled = 0;
    down.set(event.pointerId, at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = at(event);
    const before = down.get(event.pointerId);
    if (!before) {
      over(...now);
      return;
    }
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const gap = (point) => Math.max(Math.hypot(point[0] - other[0], point[1] - other[1]), 1);
      view.zoom(gap(now) / gap(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else {
      view.pan(before[0] - now[0], before[1] - now[1]);
    }
    travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
    down.set(event.pointerId, now);
    moved();
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, (event) => {
      const was = down.delete(event.pointerId);
      if (was && name === "pointerup" && !down.size && travelled < CLICK) clicked(...at(event));
    });
  }
  canvas.addEventListener("pointerleave", () => over(-1, -1));
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && document.activeElement !== canvas) return; // a page that scrolls past is not caught
      event.preventDefault();
      view.zoom(Math.exp(-event.deltaY / 300), ...at(event));
      moved();
    },
    { passive: false },
  );
  canvas.addEventListener("keydown", (event) => {
    const act = KEYS[event.key];
    if (event.key === "Enter") clicked(view.width / 2, view.height / 2);
    else if (act && !event.ctrlKey && !event.metaKey) act(view);
    else return;
    event.preventDefault();
    moved();
  });
}

export const ACTS = {
  in: (view) => view.zoom(FACTOR),
  out: (view) => view.zoom(1 / FACTOR),
  left: (view) => view.pan(-STEP, 0),
  right: (view) => view.pan(STEP, 0),
  up: (view) => view.pan(0, -STEP),
  down: (view) => view.pan(0, STEP),
  all: (view) => view.all(),
};

const KEYS = {
  "+": ACTS.in,
  "=": ACTS.in,
  "-": ACTS.out,
  0: ACTS.all,
  ArrowLeft: ACTS.left,
  ArrowRight: ACTS.right,
  ArrowUp: ACTS.up,
  ArrowDown: ACTS.down,
};

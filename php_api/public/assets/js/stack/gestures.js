/** Mouse wheel, dragging, pinching with two fingers, double click and keys on a frame become changes of its view. */
const WHEEL_STEP = 1.0015;
const KEY_STEP = 60;
const BUTTON_FACTOR = 1.6;
const CLICK_PIXELS = 4;

/**
 * @param {HTMLElement} frame
 * @param {import("./view.js").View} view
 * @param {() => void} changed is called after each change
 */
export function listen(frame, view, changed) {
  const pointers = new Map();
  let [moved, last] = [0, null];
  const place = (event) => {
    const box = frame.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  frame.addEventListener("wheel", (event) => {
    // A page that is scrolled over the picture goes on scrolling, unless somebody zooms.
    if (view.isFitted && !event.ctrlKey && !event.metaKey && event.deltaY > 0) {
      return;
    }
    event.preventDefault();
    const { x, y } = place(event);
    view.zoom(WHEEL_STEP ** -event.deltaY, x, y);
    changed();
  }, { passive: false });
  frame.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, place(event));
    [moved, last] = [0, spread(pointers)];
  });
  frame.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId)) {
      return;
    }
    const before = pointers.get(event.pointerId);
    const now = place(event);
    pointers.set(event.pointerId, now);
    moved += Math.hypot(now.x - before.x, now.y - before.y);
    if (moved < CLICK_PIXELS) {
      return;
    }
    frame.setPointerCapture(event.pointerId);
    const next = spread(pointers);
    if (next.distance > 0 && last.distance > 0) {
      view.zoom(next.distance / last.distance, next.x, next.y);
    }
    view.move(next.x - last.x, next.y - last.y);
    last = next;
    changed();
  });
  const end = (event) => {
    pointers.delete(event.pointerId);
    last = spread(pointers);
  };
  frame.addEventListener("pointerup", end);
  frame.addEventListener("pointercancel", end);
  // A link or a mark under a drag is not meant.
  frame.addEventListener("click", (event) => {
    if (moved >= CLICK_PIXELS) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);
  frame.addEventListener("dblclick", (event) => {
    const { x, y } = place(event);
    view.zoom(event.shiftKey ? 1 / BUTTON_FACTOR : BUTTON_FACTOR, x, y);
    changed();
  });
  frame.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (step !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      step(view);
      changed();
    }
  });
}

/** What each key does; the buttons beside the picture do the same. */
export const STEPS = {
  "+": (view) => view.zoom(BUTTON_FACTOR),
  "-": (view) => view.zoom(1 / BUTTON_FACTOR),
  0: (view) => view.fit(),
  ArrowLeft: (view) => view.move(KEY_STEP, 0),
  ArrowRight: (view) => view.move(-KEY_STEP, 0),
  ArrowUp: (view) => view.move(0, KEY_STEP),
  ArrowDown: (view) => view.move(0, -KEY_STEP),
};

/** The middle of all pointers, and the distance of two of them. */
function spread(pointers) {
  const all = [...pointers.values()];
  if (all.length === 0) {
    return null;
  }
  const middle = (axis) => all.reduce((sum, one) => sum + one[axis], 0) / all.length;
  const distance = all.length === 2 ? Math.hypot(all[0].x - all[1].x, all[0].y - all[1].y) : 0;
  return { x: middle("x"), y: middle("y"), distance };
}

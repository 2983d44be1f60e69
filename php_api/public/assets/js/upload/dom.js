// Small helpers for elements.

export const byId = (id) => document.getElementById(id);

export function element(tag, { className = '', text = null, ...attributes } = {}, ...children) {
    const made = document.createElement(tag);
    if (className !== '') made.className = className;
    if (text !== null) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
}

/** Sets the text only where it changes, so that a screen reader reads it once. */
export function setText(target, text) {
    if (target.textContent !== text) target.textContent = text;
}

/**
 * A function that calls another one at most so often, and always once more at the end.
 *
 * @param {() => void} work
 * @param {number} everyMs
 */
export function throttled(work, everyMs) {
    let timer = null;
    let last = -Infinity;
    return () => {
        if (timer !== null) return;
        timer = setTimeout(() => {
            timer = null;
            last = performance.now();
            work();
        }, Math.max(0, last + everyMs - performance.now()));
    };
}

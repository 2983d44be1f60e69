"""What tests do with the gallery in a browser: choose on the map and the timeline, and download."""

from __future__ import annotations

from typing import Any

from tests.browser.webdriver import Chromium

LISTED = """
return [...document.querySelectorAll('#results [data-id]')].map((one) => Number(one.dataset.id))
"""
COUNT = "return document.getElementById('found').textContent"
PRESS = """
const canvas = document.getElementById('timeline-canvas');
canvas.focus();
const [key, shiftKey] = arguments;
canvas.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true }));
return canvas.getAttribute('aria-valuetext');
"""
DRAG = """
const [canvas, points, shift] = arguments;
const target = document.querySelector(canvas);
const box = target.getBoundingClientRect();
const send = (kind, [x, y]) => target.dispatchEvent(new PointerEvent(kind, {
    bubbles: true, pointerId: 1, isPrimary: true, shiftKey: shift,
    clientX: box.left + x * box.width,
    clientY: box.top + y * box.height,
}));
target.setPointerCapture = () => {};
send('pointerdown', points[0]);
points.slice(1).forEach((point) => send('pointermove', point));
send('pointerup', points.at(-1));
"""
SENT = """
let sent;
const form = document.getElementById('selection');
form.addEventListener('submit', (event) => {
    event.preventDefault();
    sent = [...new FormData(form, event.submitter)];
});
form.querySelector('button[value=zip]').click();
return sent;
"""
PLACE = """
const canvas = document.getElementById('sky-canvas');
const size = [canvas.clientWidth, canvas.clientHeight];
return Promise.all(['sky', 'sky-view'].map((name) => import(`./assets/js/gallery/${name}.js`)))
    .then(([{ unitProjection }, { wholeSky }]) => {
        const view = wholeSky(size);
        const [x, y] = unitProjection()([arguments[0], arguments[1]]);
        return [(view.left + view.scale * x) / size[0], (view.top + view.scale * y) / size[1]];
    });
"""


def wait_until(browser: Chromium, script: str, expected: Any) -> None:
    """Wait until a script returns something."""
    found = None
    for _ in range(200):
        found = browser.run(script)
        if found == expected:
            return
        browser.run("return new Promise((resolve) => setTimeout(resolve, 50))")
    raise AssertionError(f"{found} instead of {expected}")


def around(at: list[float], reach: float = 0.04) -> list[list[float]]:
    """A closed line around a place of the canvas."""
    x, y = at
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -0.9)]
    return [[x + reach * dx, y + 2 * reach * dy] for dx, dy in corners]


def cookie_of(browser: Chromium) -> list[str]:
    """The cookies of the browser, those that scripts do not see included."""
    cookies = browser._call("GET", "/cookie")
    return [f"{cookie['name']}={cookie['value']}" for cookie in cookies]

// Which places of the screen are inside of what somebody drew there.

/** A function (x, y) that is true inside of the box between two corners. */
export function box([x1, y1], [x2, y2]) {
    const [west, east] = x1 < x2 ? [x1, x2] : [x2, x1];
    const [north, south] = y1 < y2 ? [y1, y2] : [y2, y1];
    return (x, y) => x >= west && x <= east && y >= north && y <= south;
}

/** A function (x, y) that is true inside of a line that is closed from its last point to its first (even-odd rule). */
export function lasso(line) {
    const inBounds = box(
        [Math.min(...line.map(([x]) => x)), Math.min(...line.map(([, y]) => y))],
        [Math.max(...line.map(([x]) => x)), Math.max(...line.map(([, y]) => y))],
    );
    return (x, y) => inBounds(x, y) && isInside(line, x, y);
}

function isInside(line, x, y) {
    let inside = false;
    for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
        const [x1, y1] = line[i];
        const [x2, y2] = line[j];
        if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) {
            inside = !inside;
        }
    }
    return inside;
}

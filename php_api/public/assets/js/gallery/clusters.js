// Joins stacks that are nearly at one place of the screen, so that thousands are drawn as a few hundred dots.

/** Screen pixels between two dots. */
const CELL = 9;

/**
 * Puts points into cells of the map, which move with it: dragging it does not join others.
 *
 * x and y are places on the unit map, isShown and isPicked say which count, view is {scale, left, top} with the screen's
 * pixels = left + scale * x, and size is the screen's [width, height]. Returns the cells on the screen as a list of
 * {x, y, count, picked, key} in screen pixels.
 */
export function cluster(x, y, isShown, isPicked, view, [width, height]) {
    const cells = new Map();
    const unit = view.scale / CELL;
    for (let i = 0; i < x.length; i++) {
        if (!isShown[i]) {
            continue;
        }
        const px = view.left + view.scale * x[i];
        const py = view.top + view.scale * y[i];
        if (!(px > -CELL && py > -CELL && px < width + CELL && py < height + CELL)) {
            continue;
        }
        const key = keyOf(x[i], y[i], unit);
        let cell = cells.get(key);
        if (cell === undefined) {
            cell = { x: 0, y: 0, count: 0, picked: 0, key };
            cells.set(key, cell);
        }
        cell.x += px;
        cell.y += py;
        cell.count++;
        cell.picked += isPicked[i];
    }
    const found = [...cells.values()];
    for (const cell of found) {
        cell.x /= cell.count;
        cell.y /= cell.count;
    }
    return found;
}

/** The numbers of the points in a cell of cluster(). */
export function members(x, y, isShown, view, cell) {
    const unit = view.scale / CELL;
    const found = [];
    for (let i = 0; i < x.length; i++) {
        if (isShown[i] && keyOf(x[i], y[i], unit) === cell.key) {
            found.push(i);
        }
    }
    return found;
}

/** The cell whose dot is nearest to a place of the screen, within its reach in pixels; null if there is none. */
export function nearest(cells, px, py, reach) {
    let best = null;
    let least = reach * reach;
    for (const cell of cells) {
        const distance = (cell.x - px) ** 2 + (cell.y - py) ** 2;
        if (distance <= least) {
            [best, least] = [cell, distance];
        }
    }
    return best;
}

/** Radius of a dot in pixels: it grows with the number of its stacks, but slowly. */
export function radius(count) {
    return 2.2 + 1.3 * Math.log2(count);
}

function keyOf(x, y, unit) {
    return Math.floor(x * unit) * 1048576 + Math.floor(y * unit);
}

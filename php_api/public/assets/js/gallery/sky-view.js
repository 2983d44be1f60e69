// Which part of the unit map a canvas shows: {scale, left, top} with pixel = left + scale * x.

const HALF_WIDTH = Math.PI;
const HALF_HEIGHT = Math.PI / 2;
const MARGIN = 10;
const MOST_ZOOM = 400;

/** The whole sky in the middle of a canvas of [width, height] pixels. */
export function wholeSky([width, height]) {
    const scale = Math.max(1, Math.min((width - 2 * MARGIN) / (2 * HALF_WIDTH), (height - 2 * MARGIN) / (2 * HALF_HEIGHT)));
    return { scale, left: width / 2, top: height / 2 };
}

/** The view magnified by a factor, so that what is at a place of the screen stays there. */
export function zoomed(view, factor, [px, py], size) {
    const least = wholeSky(size).scale;
    const scale = Math.min(least * MOST_ZOOM, Math.max(least, view.scale * factor));
    const ratio = scale / view.scale;
    return within({ scale, left: px - (px - view.left) * ratio, top: py - (py - view.top) * ratio }, size);
}

export function moved(view, dx, dy, size) {
    return within({ scale: view.scale, left: view.left + dx, top: view.top + dy }, size);
}

/** Keeps some of the sky in sight, and all of it in the middle while all of it fits. */
function within({ scale, left, top }, [width, height]) {
    const limit = (at, half, length) => {
        const reach = scale * half;
        return 2 * reach <= length ? length / 2 : Math.min(reach + MARGIN, Math.max(length - reach - MARGIN, at));
    };
    return { scale, left: limit(left, HALF_WIDTH, width), top: limit(top, HALF_HEIGHT, height) };
}

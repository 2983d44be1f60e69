// Where a pixel of one solved picture is in another one.
//
// Both are gnomonic projections of the sky, so that the way from one to the other is a projective map: with homogeneous
// coordinates a matrix of 3 by 3, given by rows (Calabretta & Greisen 2002, A&A 395, 1077).

const RADIANS = Math.PI / 180;

/** The matrix from pixels of one plate to pixels of another; the centre of the first pixel is (0, 0). */
export function alignment(from, to) {
    return product(inverse(toSky(to)), toSky(from));
}

/** Applies a matrix to a point. */
export function applied(matrix, [x, y]) {
    const [u, v, w] = [0, 3, 6].map((row) => matrix[row] * x + matrix[row + 1] * y + matrix[row + 2]);
    return [u / w, v / w];
}

/**
 * The transform of an element that shows one picture, `fromScale` screen pixels for each of its own, so that it lies on
 * the other one that is shown with `toScale`. Its origin must be the upper left corner. Pixels are squares around their
 * places: the first one begins at -0.5.
 */
export function transform(from, fromScale, to, toScale) {
    const onScreen = (scale) => [scale, 0, scale / 2, 0, scale, scale / 2, 0, 0, 1];
    const m = product(product(onScreen(toScale), alignment(from, to)), inverse(onScreen(fromScale)));
    const [a, b, c, d, e, f, g, h, i] = m.map((value) => value / m[8]);
    return `matrix3d(${[a, d, 0, g, b, e, 0, h, 0, 0, 1, 0, c, f, 0, i].join(", ")})`;
}

/** The matrix from a pixel to a direction, not of unit length: the columns are the directions of its coordinates. */
function toSky({ crval, crpix, cd }) {
    const [ra, dec] = crval.map((angle) => angle * RADIANS);
    const towards = [Math.cos(dec) * Math.cos(ra), Math.cos(dec) * Math.sin(ra), Math.sin(dec)];
    const east = [-Math.sin(ra), Math.cos(ra), 0];
    const north = [-Math.sin(dec) * Math.cos(ra), -Math.sin(dec) * Math.sin(ra), Math.cos(dec)];
    const axes = [0, 1, 2].flatMap((row) => [east[row], north[row], towards[row]]);
    const [a, b, c, d] = cd.map((value) => value * RADIANS);
    const [x, y] = crpix.map((value) => value - 1);
    return product(axes, [a, b, -a * x - b * y, c, d, -c * x - d * y, 0, 0, 1]);
}

function product(left, right) {
    return Array.from({ length: 9 }, (_, at) => {
        const [row, column] = [3 * Math.floor(at / 3), at % 3];
        return left[row] * right[column] + left[row + 1] * right[column + 3] + left[row + 2] * right[column + 6];
    });
}

function inverse([a, b, c, d, e, f, g, h, i]) {
    const size = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
    const adjoint = [
        e * i - f * h, c * h - b * i, b * f - c * e,
        f * g - d * i, a * i - c * g, c * d - a * f,
        d * h - e * g, b * g - a * h, a * e - b * d,
    ];
    return adjoint.map((value) => value / size);
}

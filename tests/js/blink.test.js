import assert from "node:assert/strict";
import { test } from "node:test";

import { alignment, applied, transform } from "../../php_api/public/assets/js/blink/alignment.js";

const DEGREE = Math.PI / 180;

/** A plate of a picture, whose middle is at a place, turned by an angle, with so many arcseconds a pixel. */
function plate(ra, dec, turn, scale, mirrored = false) {
    const step = scale / 3600;
    const [c, s] = [Math.cos(turn * DEGREE) * step, Math.sin(turn * DEGREE) * step];
    const sign = mirrored ? 1 : -1;
    return { crval: [ra, dec], crpix: [540.5, 960.5], cd: [sign * c, s, sign * -s, c], width: 1080, height: 1920 };
}

/** The pixel of a place, by the formulas of the gnomonic projection. */
function pixelOf({ crval, crpix, cd }, ra, dec) {
    const [a, d, a0, d0] = [ra, dec, ...crval].map((angle) => angle * DEGREE);
    const towards = Math.sin(d0) * Math.sin(d) + Math.cos(d0) * Math.cos(d) * Math.cos(a - a0);
    const xi = (Math.cos(d) * Math.sin(a - a0)) / towards / DEGREE;
    const eta = (Math.cos(d0) * Math.sin(d) - Math.sin(d0) * Math.cos(d) * Math.cos(a - a0)) / towards / DEGREE;
    const size = cd[0] * cd[3] - cd[1] * cd[2];
    return [crpix[0] - 1 + (cd[3] * xi - cd[1] * eta) / size, crpix[1] - 1 + (cd[0] * eta - cd[2] * xi) / size];
}

const near = (actual, expected, tolerance = 1e-6) =>
    actual.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < tolerance, `${actual} is not ${expected}`));

test("a star is at its place in both pictures", () => {
    const pairs = [
        [plate(10.7, 41.3, 12, 2.4), plate(10.9, 41.1, -140, 3.7)],
        [plate(359.95, 0.02, 0, 2.4), plate(0.1, -0.2, 90, 2.4, true)],
        [plate(40, 89.6, 30, 2.4), plate(200, 89.7, 77, 2.4)],
    ];
    for (const [first, second] of pairs) {
        const matrix = alignment(second, first);
        const [ra, dec] = first.crval;
        for (const [dra, ddec] of [[0, 0], [0.1, 0.05], [-0.2, 0.3]]) {
            near(applied(matrix, pixelOf(second, ra + dra, dec + ddec)), pixelOf(first, ra + dra, dec + ddec));
        }
    }
});

test("the same picture stays where it is", () => {
    const one = plate(83.8, -5.4, 33, 2.4);
    near(applied(alignment(one, one), [17, 1234]), [17, 1234]);
});

test("on the screen the upper left corner of the first pixel is the origin", () => {
    const [first, second] = [plate(83.8, -5.4, 0, 2.4), plate(83.8, -5.4, 0, 4.8)];
    const numbers = transform(second, 0.5, first, 0.25).match(/-?[\d.]+(e-?\d+)?/g).slice(1).map(Number);
    const [a, b, , , c, d] = numbers;
    // Twice as many arcseconds a pixel, but also twice as many screen pixels: nothing is stretched.
    near([a, b, c, d], [1, 0, 0, 1]);
    near([numbers[12], numbers[13]], [540 * 0.25 - 540 * 0.5, 960 * 0.25 - 960 * 0.5]);
});

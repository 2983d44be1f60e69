// Which of the chosen subs show the same exposure as an earlier one, so that their light counts once (src/Chunks/Exposure.php).
// Equal pixels under different headers are found by the site alone, which has the pixels.

import { SAME_EXPOSURE } from './chunk_grouping.js';

/** Microseconds between two starts that are one. */
const SAME_START = 1000;
/** Seconds of exposure from which a start in whole seconds may be that of one with fractions. */
const MIN_WHOLE_SECONDS = 1;

/**
 * @param {object[]} subs facts as readSub gives them, with `sha256` where it is known
 * @returns {Map<object, object>} the first sub of its exposure by each copy
 */
export function copiesAmong(subs) {
    const seen = new Map();
    const copies = new Map();
    for (const sub of subs) {
        const file = sub.sha256 ? `file ${sub.sha256}` : null;
        const beginning = beginningOf(sub);
        const first = seen.get(file)?.[0] ?? seen.get(beginning)?.find((earlier) => isOfTimeOf(earlier, sub));
        if (first !== undefined) {
            copies.set(sub, first);
            continue;
        }
        for (const mark of [file, beginning]) {
            if (mark !== null) seen.set(mark, [...(seen.get(mark) ?? []), sub]);
        }
    }
    return copies;
}

/** The second in which a certain telescope began it; null for a telescope whose name names no unit. */
function beginningOf(sub) {
    if (sub.telescope === null || !/_[0-9A-Za-z]{4,}$/.test(sub.telescope)) return null;
    const camera = sub.isWide ? `${sub.instrument} (wide)` : sub.instrument;
    return JSON.stringify([sub.telescope, camera, sub.begun.seconds]);
}

function isOfTimeOf(one, other) {
    const [shorter, longer] = [one.exposure, other.exposure].sort((a, b) => a - b);
    if (longer > shorter * SAME_EXPOSURE) return false;
    const starts = [one.begun.microsecond, other.begun.microsecond];
    return Math.abs(starts[0] - starts[1]) <= SAME_START || (shorter >= MIN_WHOLE_SECONDS && starts.includes(0));
}

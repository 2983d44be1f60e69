// Sorts subs into chunks, as the site will when the upload ends (src/Chunks/ChunkGrouping.php): equal group key, and
// exposure times and pointings linked by steps within a tolerance.

import { lower } from '../fits/bytes.js';
import { distance, toJ2000, vector } from '../fits/sky_position.js';

/** Degrees within which two pointings are the same one: headers give no more digits. */
const SAME_POINTING = 1e-6;
const RELATIVE_ERROR = 1e-9;
const ABSOLUTE_ERROR = 1e-15;
/** Ratio of two exposure times up to which they are the same setting. */
export const SAME_EXPOSURE = 1.02;
/** Cubes on each side in which a near pointing can be. */
const REACH = 2;

const OTHER_FILTERS = { uvircut: 'ircut', iruvcut: 'ircut', uvir: 'ircut', irc: 'ircut' };

/**
 * @param {object[]} subs facts as readSub gives them; may have more fields
 * @param {{chunk_minutes: number, pointing_tolerance_deg: number}} rules of the site
 * @returns {object[][]} the subs of each chunk, in their order
 */
export function chunksOf(subs, rules) {
    const tolerance = Math.max(rules.pointing_tolerance_deg, SAME_POINTING);
    const edge = cubeEdge(tolerance);
    const frames = subs.map((sub, place) => {
        const point = sub.position === null ? null : vector(toJ2000(sub.position, sub.equinox));
        const cube = point === null ? null : point.map((value) => Math.floor(value / edge)).join(' ');
        return { sub, place, point, cube };
    });
    const byKey = split(frames, ({ sub }) => groupKey(sub, rules.chunk_minutes));
    const groups = byKey.flatMap((alike) => linked(alike, tolerance));
    return groups.map((group) => group.map(({ sub }) => sub));
}

/** One form of a filter's name for comparisons: IRCUT, IR-Cut and UV/IR Cut are alike. */
export function filterForm(name) {
    const form = lower(name ?? '').replace(/[^a-z0-9]/g, '');
    const stem = form.endsWith('filter') ? form.slice(0, -'filter'.length) : form;
    const short = stem === '' ? form : stem;
    return Object.hasOwn(OTHER_FILTERS, short) ? OTHER_FILTERS[short] : short;
}

function groupKey(sub, minutes) {
    const day = Math.floor(sub.begun.seconds / 86400);
    const block = Math.floor((sub.begun.seconds - day * 86400) / (minutes * 60));
    return JSON.stringify([
        day,
        block,
        sub.telescope,
        filterForm(sub.filter),
        sub.width,
        sub.height,
        sub.bayerPattern,
        sub.eqMode,
        sub.position !== null,
        sub.clock,
        sub.isWide,
    ]);
}

/** The largest sets that are linked both in pointing and in exposure time. */
function linked(frames, tolerance) {
    const sets = [];
    const unchecked = [frames];
    while (unchecked.length > 0) {
        for (const near of linkPointings(unchecked.pop(), tolerance)) {
            const alike = linkExposures(near);
            if (alike.length === 1) sets.push(near);
            else unchecked.push(...alike);
        }
    }
    return sets.sort((one, other) => one[0].place - other[0].place);
}

/** Times are linked if no gap between them, in order, is wider than the ratio. */
function linkExposures(frames) {
    const lengths = [...new Set(frames.map(({ sub }) => sub.exposure))].sort((one, other) => one - other);
    const firstOf = new Map();
    lengths.forEach((length, index) => {
        const before = lengths[index - 1] ?? 0;
        firstOf.set(length, length > before * SAME_EXPOSURE ? length : firstOf.get(before));
    });
    return split(frames, ({ sub }) => firstOf.get(sub.exposure));
}

function linkPointings(frames, tolerance) {
    if (frames[0].point === null) return [frames];
    const cubes = split(frames, ({ cube }) => cube);
    if (cubes.length === 1) return cubes;
    const names = cubes.map(([first]) => first.cube);
    const parents = new Map(names.map((name) => [name, name]));
    const root = (name) => (parents.get(name) === name ? name : root(parents.get(name)));
    const places = new Map(names.map((name, index) => [name, cubes[index]]));
    for (const name of names) {
        for (const other of around(name)) {
            if (!places.has(other) || root(name) === root(other)) continue;
            if (anyNear(places.get(name), places.get(other), tolerance)) parents.set(root(name), root(other));
        }
    }
    return split(frames, ({ cube }) => root(cube));
}

function anyNear(some, others, tolerance) {
    return some.some(({ point }) => others.some((other) => distance(point, other.point) <= tolerance));
}

/** Space is cut into cubes so small that all pointings in one are near each other. */
function cubeEdge(tolerance) {
    const chord = 2 * Math.sin(((tolerance / 180) * Math.PI) / 2);
    const surelyNear = chord * (1 - RELATIVE_ERROR) - ABSOLUTE_ERROR;
    return surelyNear / Math.sqrt(3);
}

function around(cube) {
    const [x, y, z] = cube.split(' ').map(Number);
    const names = [];
    for (let i = x - REACH; i <= x + REACH; i++) {
        for (let j = y - REACH; j <= y + REACH; j++) {
            for (let k = z - REACH; k <= z + REACH; k++) names.push(`${i} ${j} ${k}`);
        }
    }
    return names;
}

/** The elements with the same key together, each in their order. */
function split(elements, keyOf) {
    const parts = new Map();
    for (const element of elements) {
        const key = keyOf(element);
        if (!parts.has(key)) parts.set(key, []);
        parts.get(key).push(element);
    }
    return [...parts.values()];
}

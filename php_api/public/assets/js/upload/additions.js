// What another choice of files adds to the list. The same folder once more adds nothing, but files of two cards may have
// the same names.

import { READY } from './preflight.js';
import { SENDING, STORED, WAITING } from './queue.js';

/** States of entries that another choice does not touch; all others are looked at again. */
export const KEPT = [READY, WAITING, SENDING, STORED];
/** Files that are compared at a time: a browser looks at the disk for each. */
const AT_ONCE = 50;

/**
 * @param {object[]} entries of the list
 * @param {object[]} chosen entries that were chosen now
 * @param {() => Promise<void>} rest lets the page do other things
 * @returns {Promise<{kept: object[], added: object[]}>} what stays in the list, and what comes to it
 */
export async function additions(entries, chosen, rest) {
    const byPath = new Map();
    for (const entry of entries) byPath.set(entry.path, [...(byPath.get(entry.path) ?? []), entry]);
    const added = [];
    const replaced = new Set();
    let compared = 0;
    for (const entry of chosen) {
        const same = [];
        for (const one of byPath.get(entry.path) ?? []) {
            if (++compared % AT_ONCE === 0) await rest();
            if (isSameFile(one.file, entry.file)) same.push(one);
        }
        if (same.some(({ state }) => KEPT.includes(state))) continue;
        for (const one of same) replaced.add(one);
        added.push(entry);
    }
    return { kept: entries.filter((entry) => !replaced.has(entry)), added };
}

/** What cannot be opened has neither size nor time, and is the same as what bears its name. */
function isSameFile(one, other) {
    const isUnknown = one.size === undefined || other.size === undefined;
    return isUnknown || (one.size === other.size && one.lastModified === other.lastModified);
}

// Sentences, numbers, sizes and times of the page in the reader's language.

import { Texts } from '../texts.js';

const texts = Texts.of(document);

export const say = texts.say.bind(texts);
export const count = texts.count.bind(texts);
export const number = texts.number.bind(texts);
export const plain = texts.plain.bind(texts);

/** A size in the unit that reads best (powers of 1000, as disks are sold). */
export function bytes(size) {
    const units = [say('bytes'), 'kB', 'MB', 'GB', 'TB'];
    let [value, unit] = [size, 0];
    for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
    return `${number(value, unit === 0 || value >= 100 ? 0 : 1)} ${units[unit]}`;
}

/** A length of time in words, coarse: nobody needs the seconds of an hour. */
export function duration(seconds) {
    const total = Math.max(1, Math.round(seconds));
    if (total < 60) return `${number(total)} s`;
    const minutes = Math.round(total / 60);
    if (minutes < 60) return `${number(minutes)} min`;
    return `${number(Math.floor(minutes / 60))} h ${number(minutes % 60)} min`;
}

// The start of an exposure, as the site reads it (src/Fits/ObservationTime.php and HeaderClock.php): whole seconds since
// 1970 and microseconds; UTC, or a local time as if it were UTC.

import { upper } from './bytes.js';
import { FrameRefused } from './refused.js';

const GRAMMAR = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d*))?(Z|[+-]\d{2}:\d{2})?$/;
/** 2017-01-01, since when the differences to UTC have held. */
const LAST_LEAP_SECOND = 1483228800;

/**
 * @param {string} text value of DATE-OBS
 * @param {string} system value of TIMESYS
 * @param {number} secondsOff seconds that come off, because the text is the end of the exposure
 * @param {Object<string, number>} aheadOfUtc seconds, by time system
 * @returns {{seconds: number, microsecond: number}}
 * @throws {FrameRefused} when it is no such moment
 */
export function parseTime(text, system, secondsOff, aheadOfUtc) {
    const match = GRAMMAR.exec(text);
    if (match === null) {
        throw new FrameRefused('no_date_obs', 'DATE-OBS is “{text}”, but a time like 2025-03-27T01:20:32 is needed.', { text });
    }
    const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
    const offset = offsetSeconds(match[8] ?? 'Z');
    const isDate = month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
    if (!isDate || year < 1900 || hour > 23 || minute > 59 || second > 60 || offset === null) throw impossible(text);
    const moment = Date.UTC(year, month - 1, day, hour, minute, Math.min(second, 59)) / 1000 - offset;
    if (new Date(moment * 1000).getUTCFullYear() > 9999) throw impossible(text);
    const fraction = second === 60 ? '999999' : (match[7] ?? '').padEnd(6, '0').slice(0, 6);
    return fromSystem(moment, Number(fraction) - Math.round(secondsOff * 1e6), system, aheadOfUtc);
}

function fromSystem(moment, microsecond, system, aheadOfUtc) {
    const name = upper(system);
    const ahead = Object.hasOwn(aheadOfUtc, name) ? aheadOfUtc[name] : null;
    if (ahead === null || (ahead !== 0 && moment < LAST_LEAP_SECOND)) {
        throw new FrameRefused(
            'no_date_obs',
            'The times of this sub are in TIMESYS “{system}”, not UTC, so it is not known when it was taken.',
            { system },
        );
    }
    const later = microsecond - Math.round(ahead * 1e6);
    const seconds = Math.floor(later / 1e6);
    return { seconds: moment + seconds, microsecond: later - 1e6 * seconds };
}

/** Seconds east of UTC; null for a zone that does not exist. */
function offsetSeconds(zone) {
    if (zone === 'Z') return 0;
    const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4, 6))];
    if (hours > 14 || minutes > 59) return null;
    return (zone[0] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

function impossible(text) {
    return new FrameRefused(
        'no_date_obs',
        'DATE-OBS is “{text}”, and no such date or time exists. Check the telescope\'s clock.',
        { text },
    );
}

/** Julian year, such as 2025.24. */
export function julianYear(moment) {
    return 2000 + (moment.seconds - 946728000) / (365.25 * 86400);
}

/** `YYYY-MM-DD HH:MM:SS`, the form in the site's database. */
export function stored(moment) {
    return new Date(moment.seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

/** Which clock DATE-OBS shows, and which moment of the exposure: utc-start, utc-end, local-start or local-end. */
export function headerClock(cards, facts) {
    const isModel = facts.hasLocalEndClock(cards);
    const system = cards.text('TIMESYS');
    const hasZone = /(?:Z|[+-]\d\d:\d\d)$/.test(cards.text('DATE-OBS') ?? '');
    const isLocal = !hasZone && (system === null ? isModel : upper(system) === 'LOCAL');
    const comment = cards.comment('DATE-OBS');
    const saysStart = /\b(?:start|begin)/i.test(comment);
    const saysEnd = /\bend\b/i.test(comment);
    const isEnd = saysStart !== saysEnd ? saysEnd : isModel;
    return `${isLocal ? 'local' : 'utc'}-${isEnd ? 'end' : 'start'}`;
}

/** DATE-OBS; where it has only the day, with the time of day of another card. */
export function startText(cards, timeOfDay) {
    const date = cards.text('DATE-OBS');
    if (date === null || !/^\d{4}-\d{2}-\d{2}$/.test(date)) return date;
    const keyword = timeOfDay.find((name) => cards.text(name) !== null);
    return keyword === undefined ? date : `${date}T${cards.text(keyword)}`;
}

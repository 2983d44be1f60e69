// Counts stacks along the time, in steps that fit the width of a timeline.

import { NO_DAY, dayNumber, dayText } from "./points.js";

const STEPS = ["day", "month", "year"];
/** A single night would fill the whole timeline with one bar. */
const LEAST_DAYS = 28;

/** First and last day of a timeline with all stacks whose time is known, in its middle if they are few; null for none. */
export function span(days) {
    let first = NO_DAY;
    let last = -1;
    for (const day of days) {
        if (day !== NO_DAY) {
            first = Math.min(first, day);
            last = Math.max(last, day);
        }
    }
    if (last < 0) {
        return null;
    }
    const before = Math.min(first, Math.max(0, Math.floor((LEAST_DAYS - (last + 1 - first)) / 2)));
    const from = first - before;
    return [from, Math.max(last, from + LEAST_DAYS - 1)];
}

/**
 * Bins from first to last day, not more than there is room for: {start, end, all, shown}, both days included. `all` counts
 * every stack of the days, `shown` those with a mark in isShown.
 */
export function histogram(days, isShown, [first, last], room) {
    const bins = binsOf(first, last, room);
    let at = 0;
    const binOf = new Int32Array(last - first + 1);
    for (let day = first; day <= last; day++) {
        at += day > bins[at].end ? 1 : 0;
        binOf[day - first] = at;
    }
    for (let i = 0; i < days.length; i++) {
        if (days[i] >= first && days[i] <= last) {
            const bin = bins[binOf[days[i] - first]];
            bin.all++;
            bin.shown += isShown[i] ? 1 : 0;
        }
    }
    return bins;
}

function binsOf(first, last, room) {
    for (const step of STEPS) {
        const bins = [];
        for (let start = first; start <= last; ) {
            const end = Math.min(lastOf(start, step), last);
            bins.push({ start, end, all: 0, shown: 0 });
            start = end + 1;
        }
        if (bins.length <= room || step === "year") {
            return bins;
        }
    }
    return [];
}

function lastOf(day, step) {
    if (step === "day") {
        return day;
    }
    const [year, month] = dayText(day).split("-").map(Number);
    const next = step === "month" && month < 12 ? `${year}-${String(month + 1).padStart(2, "0")}-01` : `${year + 1}-01-01`;
    return dayNumber(next) - 1;
}

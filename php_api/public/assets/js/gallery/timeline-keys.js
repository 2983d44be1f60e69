// Choosing a time with the keyboard, a bin of the timeline at a time.

/** Bins that Page Up and Page Down move by. */
const FAR = 10;

/**
 * What is chosen after a key: left and right move the chosen time, with Shift its end; Home, End and the pages move it
 * far; Escape chooses everything.
 *
 * @param {[number, number] | null} chosen first and last day; null for all
 * @param {{start: number, end: number, all: number}[]} bins all: how many stacks are in one
 * @param {string} key as of KeyboardEvent
 * @param {boolean} isShift
 * @returns {[number, number] | null | undefined} undefined for a key that means nothing here
 */
export function chosenAfter(chosen, bins, key, isShift) {
    const last = bins.length - 1;
    if (key === "Escape" && bins.length > 0) {
        return null;
    }
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -FAR, PageDown: FAR, Home: -bins.length, End: bins.length }[key];
    if (step === undefined || bins.length === 0) {
        return undefined;
    }
    if (chosen === null) {
        // A timeline of few days goes on before and after them.
        const filled = bins.filter(({ all }) => all !== 0);
        const isFirst = key === "Home" || (step > 0 && key !== "End");
        const bin = (isFirst ? filled[0] : filled.at(-1)) ?? bins[0];
        return [bin.start, bin.end];
    }
    const [from, to] = [binAt(bins, chosen[0]), binAt(bins, chosen[1])];
    if (isShift) {
        return [bins[from].start, bins[Math.min(last, Math.max(from, to + step))].end];
    }
    const shift = Math.min(last - to, Math.max(-from, step));
    return [bins[from + shift].start, bins[to + shift].end];
}

/** The bin of a day; the first or last one for a day beyond them. */
function binAt(bins, day) {
    const at = bins.findIndex(({ end }) => day <= end);
    return at < 0 ? bins.length - 1 : at;
}

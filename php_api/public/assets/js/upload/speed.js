// Time left, from the bytes of the last half minute.

const WINDOW_MS = 30000;
const MIN_MS = 2000;

export class Speed {
    #points = [];

    /** @param {number} done bytes so far; fewer than before when something has to be sent again @param {number} now ms */
    note(done, now) {
        this.#points.push([now, done]);
        while (this.#points.length > 2 && now - this.#points[0][0] > WINDOW_MS) this.#points.shift();
    }

    /** Bytes a second; null while that is not known. */
    rate() {
        if (this.#points.length < 2) return null;
        const [[from, before], [until, done]] = [this.#points[0], this.#points.at(-1)];
        return until - from < MIN_MS || done <= before ? null : ((done - before) * 1000) / (until - from);
    }

    /** Seconds for so many bytes; null while that is not known. */
    secondsFor(bytes) {
        const rate = this.rate();
        return rate === null ? null : bytes / rate;
    }

    /** After a pause, what was measured earlier does not count. */
    reset() {
        this.#points = [];
    }
}

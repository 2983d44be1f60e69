// How many requests at a time: 2 to 6, by what the line takes. One more is tried while that carries more bytes a second.

export const FEWEST = 2;
export const MOST = 6;

const MIN_WINDOW_MS = 500;
const BETTER = 1.06;
const WORSE = 0.9;

export class Parallel {
    #began = null;
    #bytes = 0;
    #requests = 0;
    #rates = new Map();
    value = FEWEST;

    /** Notes a request that has ended well. @param {number} now milliseconds */
    ended(bytes, now) {
        this.#began ??= now;
        this.#bytes += bytes;
        this.#requests++;
        if (now - this.#began < MIN_WINDOW_MS || this.#requests < 2 * this.value) return;
        this.#decide((this.#bytes * 1000) / (now - this.#began));
        [this.#began, this.#bytes, this.#requests] = [now, 0, 0];
    }

    /** The line was lost: what was measured does not hold any more. */
    reset() {
        this.value = FEWEST;
        this.#rates.clear();
        [this.#began, this.#bytes, this.#requests] = [null, 0, 0];
    }

    #decide(rate) {
        this.#rates.set(this.value, rate);
        const fewer = this.#rates.get(this.value - 1);
        const more = this.#rates.get(this.value + 1);
        if (fewer !== undefined && rate < fewer * WORSE) this.value--;
        else if (this.value < MOST && this.#isWorthMore(rate, fewer, more)) this.value++;
    }

    #isWorthMore(rate, fewer, more) {
        if (more !== undefined) return more > rate * BETTER;
        return fewer === undefined || rate > fewer * BETTER;
    }
}

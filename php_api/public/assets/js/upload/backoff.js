// How long to wait before a lost line is tried again: longer each time, up to a minute, and not all pages at once.

const FIRST_MS = 1000;
const LONGEST_MS = 60000;
const JITTER = 0.25;

export class Backoff {
    #tries = 0;

    /** @param {() => number} random from 0 to 1 */
    constructor(random = Math.random) {
        this.random = random;
    }

    /** @param {number|null} askedSeconds what the server asks for (Retry-After) @returns {number} milliseconds */
    next(askedSeconds = null) {
        const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#tries++);
        const asked = Math.min(LONGEST_MS, (askedSeconds ?? 0) * 1000);
        return Math.max(wait, asked) * (1 + JITTER * (this.random() - 0.5));
    }

    reset() {
        this.#tries = 0;
    }
}

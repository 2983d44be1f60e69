// SHA-256 of files by a few workers, which take one file after the other.

const WORKERS = 2;

export class Hashing {
    #idle = [];
    #started = 0;
    #waiting = [];

    /** @param {() => Worker} makeWorker */
    constructor(makeWorker = () => new Worker(new URL('./hash_worker.js', import.meta.url), { type: 'module' })) {
        this.makeWorker = makeWorker;
    }

    /** @returns {Promise<string|null>} hex; null for a file that cannot be read any more */
    sha256(file) {
        return new Promise((resolve) => {
            this.#waiting.push({ file, resolve });
            this.#next();
        });
    }

    #next() {
        if (this.#waiting.length === 0) return;
        if (this.#idle.length === 0) {
            if (this.#started === WORKERS) return;
            this.#started++;
            this.#idle.push(this.makeWorker());
        }
        const worker = this.#idle.pop();
        const { file, resolve } = this.#waiting.shift();
        const end = (sha256) => {
            this.#idle.push(worker);
            resolve(sha256);
            this.#next();
        };
        worker.onmessage = ({ data }) => end(data.sha256 ?? null);
        worker.onerror = () => end(null);
        worker.postMessage(file);
    }
}

// SHA-256 of files by a few workers, which take one file after the other. A browser that cannot start them, such as one
// that knows no modules there, hashes in the page, in pieces so small that nobody notices.

import { sha256OfFile } from './sha256.js';

const WORKERS = 2;

export class Hashing {
    #idle = [];
    #started = 0;
    #waiting = [];
    #isWithoutWorkers = false;

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
        if (this.#waiting.length === 0 || (this.#idle.length === 0 && this.#started === WORKERS)) return;
        const worker = this.#idle.pop() ?? this.#start();
        const { file, resolve } = this.#waiting.shift();
        const end = (sha256) => {
            this.#idle.push(worker);
            resolve(sha256);
            this.#next();
        };
        if (worker === null) {
            sha256OfFile(file).then(end, () => end(null));
            return;
        }
        worker.onmessage = ({ data }) => end(data.sha256 ?? null);
        worker.onerror = () => {
            this.#isWithoutWorkers = true;
            this.#started--;
            this.#waiting.unshift({ file, resolve });
            this.#next();
        };
        worker.postMessage(file);
    }

    /** A worker; null where the page has to do it. */
    #start() {
        this.#started++;
        try {
            return this.#isWithoutWorkers ? null : this.makeWorker();
        } catch {
            this.#isWithoutWorkers = true;
            return null;
        }
    }
}

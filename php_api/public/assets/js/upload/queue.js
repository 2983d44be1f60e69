// Sends the entries of an upload: several at a time, and after whatever has stopped it, only what is still missing. The
// site's list of what has arrived is the truth.

import { Backoff } from './backoff.js';
import { nextBatch } from './batches.js';
import { CallFailed, ENDED, LINE, LOGIN, REFUSED, ROOM } from './calls.js';
import { lossReason, noteLoss } from './losses.js';
import { Parallel } from './parallel.js';
import { UNREADABLE } from './preflight.js';
import { Speed } from './speed.js';

/** States of an entry beside those of the pre-flight. */
export const WAITING = 'waiting';
export const SENDING = 'sending';
export const STORED = 'stored';
export const FAILED = 'failed'; // the site has refused it

/** What holds the queue up. */
export const PAUSED = 'paused';

/** A new login is looked for this often. */
const LOGIN_MS = 4000;
/** What is still on its way after the line was lost gets this long. */
const QUIET_MS = 10000;

export class UploadQueue {
    #sessionPromise = null;
    #active = new Set();
    #backoff;
    #wake = null;
    #abort = new AbortController();
    #doubtful = new Set();
    parallel = new Parallel();
    speed = new Speed();
    session = null;
    entries = [];
    /** null while it runs, else PAUSED or the kind of trouble: LINE, LOGIN, ROOM, ENDED */
    held = PAUSED;
    /** what the site says about the trouble */
    message = '';
    /** when the next try begins, ms; null for none */
    nextTry = null;
    /** room that is left, bytes; null for a user without a limit */
    remaining = null;
    needsTimeZone = false;

    /**
     * @param {object} calls see calls.js
     * @param {object} hashing see hashing.js
     * @param {object} outside now() in ms, sleep(ms), random(), and onChange()
     */
    constructor(calls, hashing, { now, sleep, random, onChange }) {
        Object.assign(this, { calls, hashing, now, sleep, onChange });
        this.#backoff = new Backoff(random);
    }

    /**
     * Adds entries that are ready to be sent.
     *
     * @param {string|null} session the upload that they continue; a new one by default
     */
    add(entries, session = null) {
        if (session !== null && this.session === null) this.session = session;
        for (const entry of entries) entry.state = WAITING;
        this.entries.push(...entries);
    }

    get isRunning() {
        return this.held === null;
    }

    count(...states) {
        return this.entries.filter((entry) => states.includes(entry.state)).length;
    }

    /** Bytes that have arrived or are on their way. */
    get doneBytes() {
        return this.entries.reduce((sum, entry) => sum + (entry.state === STORED ? entry.size : entry.state === SENDING ? entry.sent : 0), 0);
    }

    /** Bytes of all that is to be sent or has been. */
    get allBytes() {
        return this.entries.reduce((sum, entry) => sum + (entry.state === FAILED ? 0 : entry.size), 0);
    }

    /** Begins, or goes on after a pause or after trouble, at once. */
    async run() {
        this.message = '';
        this.speed.reset();
        this.#abort = new AbortController();
        if (this.#wake !== null) {
            this.held = LINE; // it waits still, and asks now
            this.#wake();
            return;
        }
        const wasEnded = this.held === ENDED;
        this.held = null;
        if (wasEnded) await this.#beginAnew();
        if (this.#doubtful.size > 0 && !(await this.#isSynchronised())) return;
        this.#pump();
    }

    async #isSynchronised() {
        try {
            await this.synchronise();
            return true;
        } catch (error) {
            this.#hold(error);
            return false;
        }
    }

    /** Stops at once; what is on its way is cut off and sent again later. */
    pause() {
        this.held = PAUSED;
        this.#abort.abort();
        this.onChange();
    }

    /** Forgets the upload, which has been submitted or discarded, and what was in it. */
    forget() {
        this.pause();
        this.entries = this.entries.filter((entry) => [WAITING, SENDING].includes(entry.state));
        this.session = null;
        this.#sessionPromise = null;
        this.#doubtful.clear();
        this.needsTimeZone = false;
        this.onChange();
    }

    #pump() {
        while (this.isRunning && this.#active.size < this.parallel.value) {
            const batch = nextBatch(this.entries, WAITING);
            if (batch.length === 0) break;
            for (const entry of batch) Object.assign(entry, { state: SENDING, sent: 0 });
            const sending = this.#send(batch).finally(() => {
                this.#active.delete(sending);
                this.#pump();
            });
            this.#active.add(sending);
        }
        this.onChange();
    }

    async #send(batch) {
        const files = batch.map((entry) => entry.file);
        try {
            const session = await this.#openSession();
            const answer = await this.calls.send(session, files, (sent) => this.#spread(batch, sent), this.#abort.signal);
            this.#take(batch, answer);
        } catch (error) {
            this.#release(batch);
            this.#trouble(error, batch);
        }
    }

    #spread(batch, sent) {
        let left = sent;
        for (const entry of batch) {
            entry.sent = Math.min(entry.size, left);
            left -= entry.sent;
        }
        this.speed.note(this.doneBytes, this.now());
        this.onChange();
    }

    /** @param {{files: object[]}} answer */
    #take(batch, answer) {
        batch.forEach((entry, place) => this.#settle(entry, answer.files[place]));
        const bytes = batch.filter((entry) => entry.state === STORED).reduce((sum, entry) => sum + entry.size, 0);
        this.parallel.ended(bytes, this.now());
        this.speed.note(this.doneBytes, this.now());
        this.#backoff.reset();
        if (answer.remaining_bytes !== undefined) this.remaining = answer.remaining_bytes;
        this.needsTimeZone ||= answer.needs_time_zone === true;
    }

    #settle(entry, answer) {
        if (answer?.ok) {
            Object.assign(entry, { state: STORED, storedName: answer.filename });
        } else if (answer?.is_final) {
            Object.assign(entry, { state: FAILED, reason: { sentence: answer.error, values: {} } });
        } else {
            Object.assign(entry, { state: WAITING, isAlone: true }); // alone it gets the refusal that says what helps
        }
    }

    #release(batch) {
        for (const entry of batch.filter((one) => one.state === SENDING)) {
            Object.assign(entry, { state: WAITING, sent: 0 });
        }
    }

    #trouble(error, batch) {
        if (error.kind === REFUSED) {
            this.#refuse(error, batch);
            return;
        }
        for (const entry of batch) this.#doubtful.add(entry);
        if (!this.isRunning || this.#wake !== null) return;
        if (error.kind === LINE) noteLoss(batch, error);
        this.#hold(error);
    }

    #hold(error) {
        const failed = error instanceof CallFailed ? error : new CallFailed(LINE, String(error));
        this.held = failed.kind;
        this.message = failed.message;
        if (failed.kind === LINE || failed.kind === LOGIN) this.#waitUntilBack(failed);
        this.onChange();
    }

    #refuse(error, batch) {
        if (batch.length === 1) {
            Object.assign(batch[0], { state: FAILED, reason: { sentence: error.message, values: error.values ?? {} } });
        } else {
            for (const entry of batch) entry.isAlone = true;
        }
    }

    /** Asks, more and more seldom, until the site answers; the whole queue waits for this one question. */
    async #waitUntilBack(error) {
        let trouble = error;
        this.parallel.reset();
        while (this.held === LINE || this.held === LOGIN) {
            const wait = trouble.kind === LOGIN ? LOGIN_MS : this.#backoff.next(trouble.retryAfter);
            this.nextTry = this.now() + wait;
            this.onChange();
            await Promise.race([this.sleep(wait), new Promise((resolve) => (this.#wake = resolve))]);
            if (this.held === PAUSED) break;
            try {
                await this.#quiet();
                await this.synchronise();
                if (this.held !== PAUSED) this.held = null;
            } catch (again) {
                trouble = again instanceof CallFailed ? again : new CallFailed(LINE, String(again));
                this.held = trouble.kind;
                this.message = trouble.message;
            }
        }
        this.#wake = null;
        this.nextTry = null;
        this.#pump();
    }

    /** Tries now, if it waits for the line or a login. */
    wakeUp() {
        this.#wake?.();
    }

    /** Waits until nothing is on its way; what hangs on a dead line is cut off. */
    async #quiet() {
        await Promise.race([Promise.allSettled([...this.#active]), this.sleep(QUIET_MS)]);
        this.#abort.abort();
        await Promise.allSettled([...this.#active]);
        this.#abort = new AbortController();
    }

    /** Finds out which of the files whose answer was lost have arrived all the same. */
    async synchronise() {
        await this.calls.rules();
        if (this.session === null) {
            this.#doubtful.clear();
            return;
        }
        const answer = await this.calls.status(this.session);
        if (answer.status !== 'uploading') throw new CallFailed(ENDED, '');
        const arrived = new Set(answer.files.map((file) => file.sha256));
        for (const entry of this.#doubtful) {
            if (entry.state !== WAITING) continue;
            const sha256 = entry.sub?.sha256 ?? (await this.hashing.sha256(entry.file));
            if (arrived.has(sha256)) entry.state = STORED;
            else if (sha256 === null) Object.assign(entry, { state: FAILED, reason: { sentence: UNREADABLE, values: {} } });
            else if (lossReason(entry) !== null) Object.assign(entry, { state: FAILED, reason: lossReason(entry) });
        }
        this.#doubtful.clear();
    }

    /** The upload was ended elsewhere: what was submitted for stacking stays, all else goes into a new upload. */
    async #beginAnew() {
        const { status } = await this.calls.status(this.session).catch(() => ({ status: null }));
        if (status !== 'complete') {
            for (const entry of this.entries) if (entry.state === STORED) entry.state = WAITING;
        }
        this.entries = this.entries.filter((entry) => entry.state !== STORED);
        this.session = null;
        this.#sessionPromise = null;
    }

    /** The promise of an upload, asked for once, with the first file. */
    async #openSession() {
        if (this.session !== null) return this.session;
        this.#sessionPromise ??= this.calls.start().finally(() => {
            this.#sessionPromise = null;
        });
        this.session = await this.#sessionPromise;
        return this.session;
    }
}

export { ENDED, LINE, LOGIN, ROOM };

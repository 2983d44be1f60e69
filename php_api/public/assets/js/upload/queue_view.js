// How the upload goes: one bar with the time left, one message when it is held up, and what can be done.

import { bytes, count, duration, number, say } from './words.js';
import { byId, element, setText } from './dom.js';
import { ENDED, FAILED, LINE, LOGIN, PAUSED, ROOM, SENDING, STORED, WAITING } from './queue.js';

export class QueueView {
    /**
     * @param {import('./queue.js').UploadQueue} queue
     * @param {() => number} now milliseconds
     * @param {() => object[]} ready entries that belong to the upload, and that nobody has asked to send yet
     */
    constructor(queue, now, ready) {
        Object.assign(this, { queue, now, ready });
        this.bar = byId('bar');
    }

    update() {
        const { queue } = this;
        byId('queue').hidden = queue.entries.length === 0;
        const missing = queue.count(WAITING, SENDING);
        const stored = queue.count(STORED);
        const ready = this.ready();
        const [done, all] = [queue.doneBytes, ready.reduce((sum, entry) => sum + entry.size, queue.allBytes)];
        this.bar.max = Math.max(1, all);
        this.bar.value = done;
        setText(byId('summary'), this.#summary(stored, missing + ready.length, done, all));
        this.#showTrouble();
        byId('pause').hidden = !(missing > 0 && (queue.isRunning || queue.held === LINE));
        byId('go-on').hidden = queue.isRunning || queue.held === LOGIN || missing === 0;
        setText(byId('go-on'), queue.held === LINE ? say('Try now') : say('Go on'));
        const stack = byId('finalize');
        stack.hidden = stored === 0;
        stack.classList.toggle('second', missing + ready.length > 0);
        byId('discard').hidden = queue.session === null;
    }

    #summary(stored, missing, done, all) {
        const failed = this.queue.count(FAILED);
        const parts = [say('{stored} of {all} subs received', { stored: number(stored), all: number(stored + missing) })];
        if (missing > 0) {
            parts.push(say('{done} of {all}', { done: bytes(done), all: bytes(all) }));
            const left = this.queue.isRunning ? this.queue.speed.secondsFor(all - done) : null;
            if (left !== null) parts.push(say('{time} left', { time: duration(left) }));
        }
        if (failed > 0) parts.push(count(failed, '{n} refused', '{n} refused'));
        return parts.join(' · ');
    }

    #showTrouble() {
        const place = byId('trouble');
        const { held, message, nextTry } = this.queue;
        place.hidden = held === null || (held === PAUSED && message === '');
        const wait = nextTry === null ? 0 : Math.max(1, Math.ceil((nextTry - this.now()) / 1000));
        const sentence = {
            [LINE]: say('The connection to the site is lost. The upload goes on by itself as soon as it is back.'),
            [LOGIN]: say('You are not logged in any more. The upload goes on by itself once you have logged in.'),
            [ENDED]: say('This upload was ended elsewhere. With “Go on”, what is missing makes a new upload.'),
            [ROOM]: say('There is no room for more. Delete what you do not need, then go on.'),
        }[held] ?? message;
        setText(byId('trouble-text'), sentence);
        setText(byId('trouble-detail'), held === ROOM ? message : '');
        setText(byId('trouble-wait'), held === LINE && wait > 0 ? say('Next try in {time}.', { time: duration(wait) }) : '');
        byId('trouble-login').hidden = held !== LOGIN;
    }
}

/** What became of an upload, in sentences. @param {object} answer of finalize */
export function outcome(answer) {
    const queued = answer.queued_ids.length;
    const parts = [queued === 0
        ? say('Nothing new to stack: all of this light is in your stacks or waits for one already.')
        : count(queued, '{n} chunk now waits for a worker.', '{n} chunks now wait for a worker.')];
    if (answer.skipped.length > 0) {
        parts.push(count(answer.skipped.length, '{n} chunk was stacked before and is not stacked again.', '{n} chunks were stacked before and are not stacked again.'));
    }
    if (answer.left_out.length > 0) {
        parts.push(count(answer.left_out.length, '{n} sub is left out, because light counts once.', '{n} subs are left out, because light counts once.'));
    }
    return parts.join(' ');
}

/** Shows a note with a link. */
export function showDone(text, address, linkText) {
    const link = element('a', { text: linkText });
    link.href = address;
    byId('done').replaceChildren(`${text} `, link);
    byId('done').hidden = false;
}

// The queue of the upload page, with a site that fails in every way it can.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ANSWERED, CallFailed, ENDED, LINE, LOGIN, REFUSED, ROOM } from '../../php_api/public/assets/js/upload/calls.js';
import { FAILED, PAUSED, STORED, UploadQueue, WAITING } from '../../php_api/public/assets/js/upload/queue.js';

const SIZE = 8640;

/** A site that keeps what it is sent; `faults` are thrown by the next calls of send, in order. */
class Site {
    uploads = new Map();
    received = [];
    faults = [];
    /** thrown by rules(), which the queue asks while it waits */
    away = [];
    starts = 0;
    most = 0;
    active = 0;

    async start() {
        const token = `upload-${++this.starts}`;
        this.uploads.set(token, { status: 'uploading', files: [] });
        return token;
    }

    async rules() {
        const fault = this.away.shift();
        if (fault) throw fault;
        return {};
    }

    async status(token) {
        const upload = this.uploads.get(token);
        return upload === undefined ? { status: 'not_found', files: [] } : structuredClone(upload);
    }

    async send(token, files, onProgress) {
        this.most = Math.max(this.most, ++this.active);
        await new Promise((resolve) => setTimeout(resolve, 1));
        this.active--;
        const fault = this.faults.shift();
        if (fault && !fault.afterwards) throw fault.error;
        const upload = this.uploads.get(token);
        if (upload?.status !== 'uploading') throw new CallFailed(ENDED, 'no such upload');
        onProgress(files.reduce((sum, file) => sum + file.size, 0));
        const answers = files.map((file) => {
            if (file.isBad) return { error: 'It is bad.', code: 'not_fits', is_final: true };
            this.received.push(file.name);
            upload.files.push({ filename: file.name, sha256: `sha of ${file.name}` });
            return { ok: true, filename: file.name };
        });
        if (fault?.afterwards) throw fault.error;
        if (files.length === 1 && answers[0].error) throw new CallFailed(REFUSED, answers[0].error);
        return { files: answers, remaining_bytes: 1000 };
    }
}

function made(count, size = SIZE) {
    return Array.from({ length: count }, (_, number) => {
        const file = { name: `${number}.fit`, size };
        return { file, name: file.name, size, state: 'ready', reason: null, sub: {}, sent: 0 };
    });
}

function queueOf(site, entries, session = null) {
    const waits = [];
    let finish = () => {};
    const queue = new UploadQueue(site, { sha256: async (file) => (file.isGone ? null : `sha of ${file.name}`) }, {
        now: () => performance.now(),
        sleep: async (ms) => {
            waits.push(ms);
            await new Promise((resolve) => setTimeout(resolve, 2));
        },
        random: () => 0.5,
        onChange: () => finish(),
    });
    queue.add(entries, session);
    const ended = (isEnd) => new Promise((resolve) => {
        finish = () => isEnd(queue) && resolve();
        finish();
    });
    return { queue, waits, ended };
}

const isAllStored = (queue) => queue.count(STORED) === queue.entries.length;

test('sends all and counts each once', async () => {
    const site = new Site();
    const { queue, ended } = queueOf(site, made(100));
    await queue.run();
    await ended(isAllStored);
    assert.equal(site.received.length, 100);
    assert.equal(new Set(site.received).size, 100);
    assert.equal(site.starts, 1);
    assert.equal(queue.doneBytes, 100 * SIZE);
    assert.equal(queue.remaining, 1000);
});

test('sends large files alone, and at most six at a time', async () => {
    const site = new Site();
    const { queue, ended } = queueOf(site, made(60, 4e6));
    await queue.run();
    await ended(isAllStored);
    assert.ok(site.most >= 2 && site.most <= 6, `${site.most} at a time`);
});

test('a server that is away stops the whole queue, with one question at a time and longer waits', async () => {
    const site = new Site();
    const lost = { error: new CallFailed(LINE, 'lost') };
    site.faults = [lost, lost];
    site.away = Array.from({ length: 5 }, () => new CallFailed(LINE, 'away'));
    const { queue, waits, ended } = queueOf(site, made(300));
    await queue.run();
    await ended(isAllStored);
    assert.equal(site.received.length, 300);
    const asked = waits.filter((ms) => ms !== 10000);
    assert.deepEqual(asked, [1000, 2000, 4000, 8000, 16000, 32000]);
});

test('what arrived although its answer was lost is not sent again', async () => {
    const site = new Site();
    site.faults = [{ error: new CallFailed(LINE, 'lost'), afterwards: true }, { error: new CallFailed(LINE, 'lost'), afterwards: true }];
    const { queue, ended } = queueOf(site, made(64));
    await queue.run();
    await ended(isAllStored);
    assert.equal(new Set(site.received).size, site.received.length);
    assert.equal(site.received.length, 64);
});

test('a lost login is waited for', async () => {
    const site = new Site();
    site.faults = [{ error: new CallFailed(LOGIN, 'log in') }];
    site.away = [new CallFailed(LOGIN, 'log in'), new CallFailed(LOGIN, 'log in')];
    const { queue, waits, ended } = queueOf(site, made(20));
    await queue.run();
    await ended(isAllStored);
    assert.deepEqual(waits.filter((ms) => ms !== 10000), [4000, 4000, 4000]);
    assert.equal(site.starts, 1);
});

test('a pause keeps what has arrived, and going on sends the rest only', async () => {
    const site = new Site();
    const { queue, ended } = queueOf(site, made(200));
    await queue.run();
    await ended((one) => one.count(STORED) > 0);
    queue.pause();
    assert.equal(queue.held, PAUSED);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const before = site.received.length;
    assert.ok(before < 200);
    await queue.run();
    await ended(isAllStored);
    assert.equal(site.received.length, 200);
});

test('a bad file of a batch is refused alone', async () => {
    const site = new Site();
    const entries = made(20);
    entries[7].file.isBad = true;
    const { queue, ended } = queueOf(site, entries);
    await queue.run();
    await ended((one) => one.count(STORED) === 19 && one.count(FAILED) === 1);
    assert.equal(entries[7].reason.sentence, 'It is bad.');
});

test('a full quota stops the queue until the user goes on', async () => {
    const site = new Site();
    site.faults = [{ error: new CallFailed(ROOM, 'You have 3 MB left.') }];
    const { queue, ended } = queueOf(site, made(3, 4e6));
    await queue.run();
    await ended((one) => one.held === ROOM && one.count('sending') === 0);
    assert.equal(queue.message, 'You have 3 MB left.');
    await queue.run();
    await ended(isAllStored);
    assert.equal(site.received.length, 3);
});

test('an upload that was stacked elsewhere is not sent again; the rest makes a new one', async () => {
    const site = new Site();
    const { queue, ended } = queueOf(site, made(6, 4e6));
    await queue.run();
    await ended((one) => one.count(STORED) >= 2);
    site.uploads.get(queue.session).status = 'complete';
    await ended((one) => one.held === ENDED && one.count('sending') === 0);
    await queue.run();
    await ended(isAllStored);
    assert.equal(site.starts, 2);
    assert.equal(new Set(site.received).size, 6);
    assert.equal(site.received.length, 6);
});

test('an upload that was discarded elsewhere is sent again as a whole', async () => {
    const site = new Site();
    const { queue, ended } = queueOf(site, made(4, 4e6));
    await queue.run();
    await ended((one) => one.count(STORED) >= 2);
    site.uploads.get(queue.session).status = 'discarded';
    await ended((one) => one.held === ENDED && one.count('sending') === 0);
    await queue.run();
    await ended(isAllStored);
    assert.equal(site.uploads.get('upload-2').files.length, 4);
});

test('a file that is gone is reported, and does not stop the others', async () => {
    const site = new Site();
    const entries = made(3, 4e6);
    entries[0].file.isGone = true;
    site.faults = [{ error: new CallFailed(LINE, 'unreadable') }];
    const { queue, ended } = queueOf(site, entries);
    await queue.run();
    await ended((one) => one.count(STORED) === 2 && one.count(FAILED) === 1);
    assert.match(entries[0].reason.sentence, /cannot be read any more/);
});

test('a file that its host cuts off is set aside, and does not stop the others', async () => {
    for (const [error, words] of [
        [new CallFailed(LINE, 'The connection was lost.'), /broke 6 times/],
        [new CallFailed(LINE, ANSWERED, null, { status: 403 }), /an error \(403\)/],
    ]) {
        const site = new Site();
        const send = site.send.bind(site);
        site.send = async (token, files, ...rest) => {
            if (files.some(({ name }) => name === '7.fit')) throw error;
            return send(token, files, ...rest);
        };
        const entries = made(40);
        const { queue, ended } = queueOf(site, entries);
        await queue.run();
        await ended((one) => one.count(STORED) === 39 && one.count(FAILED) === 1);
        const { sentence, values } = entries[7].reason;
        assert.match(sentence.replace('{n}', values.n).replace('{status}', values.status), words);
        assert.equal(new Set(site.received).size, site.received.length);
    }
});

test('an upload is continued by its token', async () => {
    const site = new Site();
    const token = await site.start();
    const { queue, ended } = queueOf(site, made(5), token);
    await queue.run();
    await ended(isAllStored);
    assert.equal(site.starts, 1);
    assert.equal(site.uploads.get(token).files.length, 5);
    queue.forget();
    assert.equal(queue.session, null);
    assert.equal(queue.count(WAITING, STORED), 0);
});

// The small parts of the upload page: hashes, waits, parallel requests, speed, dropped folders, answers of the server.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { additions } from '../../php_api/public/assets/js/upload/additions.js';
import { Backoff } from '../../php_api/public/assets/js/upload/backoff.js';
import { ANSWERED, ENDED, LINE, LOGIN, read, REFUSED, ROOM, TOKEN, TOO_LARGE } from '../../php_api/public/assets/js/upload/calls.js';
import { fromDrop, fromField, fromHandles, parted } from '../../php_api/public/assets/js/upload/dropped.js';
import { Hashing } from '../../php_api/public/assets/js/upload/hashing.js';
import { Parallel } from '../../php_api/public/assets/js/upload/parallel.js';
import { takeForThisTab } from '../../php_api/public/assets/js/upload/one_tab.js';
import { canPick, pickFiles, pickFolder } from '../../php_api/public/assets/js/upload/pickers.js';
import { Sha256 } from '../../php_api/public/assets/js/upload/sha256.js';
import { Speed } from '../../php_api/public/assets/js/upload/speed.js';

const bytes = (text) => new TextEncoder().encode(text);

test('SHA-256 of the vectors of FIPS 180-4', () => {
    const vectors = {
        '': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        abc: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq: '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    };
    for (const [text, expected] of Object.entries(vectors)) assert.equal(new Sha256().update(bytes(text)).hex(), expected);
    const million = new Sha256();
    for (let i = 0; i < 1000; i++) million.update(bytes('a'.repeat(1000)));
    assert.equal(million.hex(), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0');
});

test('SHA-256 of any length in any pieces', () => {
    for (let length = 0; length < 300; length += 1) {
        const all = randomBytes(length);
        const cut = Math.floor(Math.random() * (length + 1));
        const hash = new Sha256().update(all.subarray(0, cut)).update(all.subarray(cut)).hex();
        assert.equal(hash, createHash('sha256').update(all).digest('hex'), `${length} bytes, cut at ${cut}`);
    }
});

test('files are hashed by at most two workers, and one that fails stops nothing', async () => {
    let workers = 0;
    const hashing = new Hashing(() => {
        workers++;
        return {
            postMessage(file) {
                setTimeout(() => this.onmessage({ data: file === 'bad' ? { error: 'gone' } : { sha256: `of ${file}` } }), 1);
            },
        };
    });
    const files = ['a', 'bad', 'c', 'd', 'e'];
    assert.deepEqual(await Promise.all(files.map((file) => hashing.sha256(file))), ['of a', null, 'of c', 'of d', 'of e']);
    assert.equal(workers, 2);
});

test('without workers files are hashed in the page', async () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    const fails = { postMessage() { setTimeout(() => this.onerror(), 1); } };
    for (const make of [() => { throw new Error('no workers'); }, () => ({ ...fails })]) {
        const hashing = new Hashing(make);
        const files = [new Blob(['abc']), new Blob(['abc']), new Blob(['abc'])];
        assert.deepEqual(await Promise.all(files.map((file) => hashing.sha256(file))), [abc, abc, abc]);
    }
});

test('waits double up to a minute, and no shorter than the server asks', () => {
    const backoff = new Backoff(() => 0.5);
    assert.deepEqual(Array.from({ length: 8 }, () => backoff.next()), [1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
    backoff.reset();
    assert.equal(backoff.next(30), 30000);
    assert.equal(new Backoff(() => 0).next(), 875);
});

/** How many requests at a time are in use in the end, on a line that carries so many bytes a second. */
function settled(capacity, eachAtMost) {
    const parallel = new Parallel();
    let now = 0;
    for (let i = 0; i < 400; i++) {
        const rate = Math.min(capacity, eachAtMost * parallel.value);
        now += (1e6 / rate) * 1000;
        parallel.ended(1e6, now);
    }
    return parallel.value;
}

test('as many requests at a time as the line takes', () => {
    assert.equal(settled(100e6, 1e6), 6);
    assert.equal(settled(1e6, 1e6) <= 3, true);
    assert.equal(settled(4e6, 1e6) >= 4, true);
});

test('time left follows the last half minute', () => {
    const speed = new Speed();
    assert.equal(speed.secondsFor(1e6), null);
    for (let second = 0; second <= 60; second++) speed.note(second < 30 ? second * 1e6 : 30e6 + (second - 30) * 2e6, second * 1000);
    assert.equal(speed.rate(), 2e6);
    assert.equal(speed.secondsFor(10e6), 5);
    speed.reset();
    assert.equal(speed.rate(), null);
});

/** An entry as browsers give them: a folder gives its children a hundred at a time. */
function entry(name, children) {
    if (children === null) return { name, isFile: false, createReader: () => ({ readEntries: (_, reject) => reject(new Error('gone')) }) };
    if (children === undefined) return { name, isFile: true, file: (resolve) => resolve({ name, size: 1 }) };
    return {
        name,
        isFile: false,
        createReader() {
            const left = [...children];
            return { readEntries: (resolve) => resolve(left.splice(0, 100)) };
        },
    };
}

test('a dropped folder is walked to its end', async () => {
    const night = entry('night', [...Array.from({ length: 250 }, (_, i) => entry(`${i}.fit`)), entry('more', [entry('x.FITS'), entry('.DS_Store'), entry('a.jpg')])]);
    const items = [night, entry('single.fit')].map((one) => ({ kind: 'file', webkitGetAsEntry: () => one }));
    const files = await fromDrop({ items: [...items, { kind: 'string' }] });
    assert.equal(files.length, 254);
    assert.ok(files.some(({ path }) => path === 'night/more/x.FITS'));
    const { fits, others } = parted(files);
    assert.equal(fits.length, 252);
    assert.deepEqual(others.map(({ file }) => file.name), ['a.jpg']);
});

test('what has gone while a folder is walked is listed by its name', async () => {
    const gone = { ...entry('gone.fit'), file: (_, reject) => reject(new Error('NotFoundError')) };
    const picture = { ...entry('a.jpg'), file: () => assert.fail('a picture was opened') };
    const night = entry('night', [entry('a.fit'), gone, picture, entry('card', null), entry('b.fit')]);
    const { fits, others } = parted(await fromDrop({ items: [{ kind: 'file', webkitGetAsEntry: () => night }] }));
    assert.deepEqual(fits.map(({ path }) => path).sort(), ['night/a.fit', 'night/b.fit', 'night/card', 'night/gone.fit']);
    assert.deepEqual(fits.filter(({ file }) => file.isUnreadable).map(({ file }) => file.name).sort(), ['card', 'gone.fit']);
    assert.deepEqual(others.map(({ path }) => path), ['night/a.jpg']);
});

/** The handle of a file or, with children, of a folder. */
function handle(name, children) {
    if (children === undefined) return { name, kind: 'file', getFile: async () => ({ name, size: 1 }) };
    return { name, kind: 'directory', values: async function* () { yield* children; } };
}

test('the files of a field are read a hundred at a time, and the field is emptied', async () => {
    const list = Array.from({ length: 250 }, (_, i) => ({ name: `${i}.fit`, webkitRelativePath: i === 7 ? 'night/7.fit' : '' }));
    const field = { files: list, value: 'chosen' };
    let rests = 0;
    const files = await fromField(field, async () => rests++);
    assert.deepEqual([files.length, files[6].path, files[7].path, rests, field.value], [250, '6.fit', 'night/7.fit', 3, '']);
    // Others were chosen meanwhile: they are not lost.
    const later = { files: list, value: 'chosen' };
    await fromField(later, async () => { later.files = [...list]; });
    assert.equal(later.value, 'chosen');
});

test('picked files and folders are opened one by one', async () => {
    const many = Array.from({ length: 30 }, (_, i) => handle(`${i}.fit`));
    const files = await fromHandles([handle('night', [...many, handle('more', [handle('x.fit')])]), handle('single.fit')]);
    assert.equal(files.length, 32);
    assert.ok(files.some(({ path, file }) => path === 'night/more/x.fit' && file.size === 1));
    const browser = { showOpenFilePicker: async () => many, showDirectoryPicker: async () => { throw Object.assign(new Error(), { name: 'AbortError' }); } };
    assert.equal(canPick(browser), true);
    assert.equal(canPick({}), false);
    assert.equal(await pickFiles(browser), many);
    assert.deepEqual(await pickFolder(browser), []);
});

test('an upload is sent by one tab', async () => {
    const taken = new Set();
    const locks = {
        request(name, { ifAvailable }, work) {
            assert.equal(ifAvailable, true);
            const isFree = !taken.has(name);
            taken.add(name);
            work(isFree ? { name } : null);
        },
    };
    assert.equal(await takeForThisTab('t1', locks), true);
    assert.equal(await takeForThisTab('t1', locks), true);
    taken.add('upload-t2');
    assert.equal(await takeForThisTab('t2', locks), false);
    taken.clear();
    assert.equal(await takeForThisTab('t2', locks), true);
    assert.equal(await takeForThisTab('t3', null), true);
});

test('the same folder once more adds nothing, but another file with the same path does', async () => {
    const made = (path, size, state = null, lastModified = 1) => ({ path, state, file: { size, lastModified } });
    const entries = [made('a.fit', 1, 'ready'), made('b.fit', 1, 'failed'), made('c.fit', 1, 'stored'), made('d.fit', 1, 'here')];
    const chosen = [made('a.fit', 1), made('a.fit', 2), made('b.fit', 1), made('c.fit', 1, null, 2), made('d.fit', 1), made('e.fit', 1)];
    let rests = 0;
    const { kept, added } = await additions(entries, chosen, async () => rests++);
    assert.deepEqual(kept, [entries[0], entries[2]]);
    assert.deepEqual(added, chosen.slice(1));
    const stored = Array.from({ length: 500 }, (_, i) => made(`${i}.fit`, i, 'stored'));
    assert.deepEqual((await additions(stored, structuredClone(stored), async () => rests++)).added, []);
    assert.equal(rests, 10);
});

test('what an answer of the server means', () => {
    const kind = (status, answer, retryAfter) => {
        try {
            return read(status, typeof answer === 'string' ? answer : JSON.stringify(answer), retryAfter);
        } catch (error) {
            return [error.kind, error.message, error.retryAfter];
        }
    };
    assert.deepEqual(kind(200, { ok: true }), { ok: true });
    assert.equal(kind(200, '<html>a page of a front server')[0], LINE);
    assert.deepEqual(kind(413, '<html>').slice(0, 2), [REFUSED, TOO_LARGE]);
    assert.deepEqual(kind(403, '<html>').slice(0, 2), [LINE, ANSWERED]);
    assert.equal(kind(401, { error: 'log in' })[0], LOGIN);
    assert.equal(kind(403, { error: 'x', code: 'csrf' })[0], TOKEN);
    assert.equal(kind(404, { error: 'x' })[0], ENDED);
    assert.deepEqual(kind(507, { error: 'full', code: 'quota_exceeded' }), [ROOM, 'full', null]);
    assert.deepEqual(kind(503, { error: 'busy' }, '7'), [LINE, 'busy', 7]);
    assert.equal(kind(400, { error: 'bad' })[0], REFUSED);
});

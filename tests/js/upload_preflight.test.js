// What the pre-flight of the upload page finds in chosen files, with a site that knows some of them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { arrivedIn, chunksToSend, COPY, entriesOf, examine, HERE, READY, REFUSED, uploadOfMost } from '../../php_api/public/assets/js/upload/preflight.js';

const cards = JSON.parse(readFileSync(new URL('../../php_api/src/Fits/header_cards.json', import.meta.url), 'utf8'));
const rules = { cards, max_file_bytes: 50e6, chunk_minutes: 15, pointing_tolerance_deg: 0.25 };

/** A sub of 64 x 64 pixels that began so many seconds after 01:00. */
function sub(name, seconds, changes = {}) {
    const time = new Date(Date.UTC(2025, 2, 27, 1, 0, seconds)).toISOString().slice(0, 19);
    const values = {
        SIMPLE: 'T'.padStart(20), BITPIX: '8'.padStart(20), NAXIS: '2'.padStart(20), NAXIS1: '64'.padStart(20), NAXIS2: '64'.padStart(20),
        'DATE-OBS': `'${time}'`, EXPTIME: '10.'.padStart(20), TELESCOP: "'S50_1d3fe189'", OBJECT: "'M 94    '", ...changes,
    };
    const lines = Object.entries(values).map(([card, value]) => `${card.padEnd(8)}= ${value}`.padEnd(80));
    const header = [...lines, 'END'.padEnd(80)].join('').padEnd(2880);
    const file = new Blob([header, new Uint8Array(5760).fill(seconds % 251)]);
    return { file: Object.assign(file, { name }), path: `night/${name}` };
}

/** A site that knows files by their hashes, and counts what it is asked. */
function siteWith(known) {
    const asked = { frames: 0, hashes: 0, hashed: 0 };
    const calls = {
        async preflight({ frames = [], sha256 = [] }) {
            asked.frames += frames.length;
            asked.hashes += sha256.length;
            const candidates = [...frames.keys()].filter((place) => frames[place].start < '2025-03-27 01:01:00');
            return { candidates, known: sha256.filter((hash) => hash in known).map((hash) => ({ sha256: hash, ...known[hash] })) };
        },
    };
    const hashing = {
        async sha256(file) {
            asked.hashed++;
            return `of ${file.name}`;
        },
    };
    return { site: { rules, calls, hashing }, asked };
}

test('what is here, what is twice and what cannot be used is not to be sent', async () => {
    const files = [
        sub('a.fit', 0), sub('b.fit', 11), sub('c.fit', 70), sub('d.fit', 81),
        sub('c saved again.fit', 70, { HISTORY1: "'opened'" }), sub('dark.fit', 90, { IMAGETYP: "'Dark'" }), sub('small.fit', 95, { NAXIS1: '40'.padStart(20) }),
    ];
    const { site, asked } = siteWith({ 'of a.fit': { state: 'stacked' }, 'of b.fit': { state: 'uploaded', session_token: 't1' } });
    const entries = entriesOf(files);
    assert.equal(entries[0].size, null);
    await examine(entries, [], site, () => {});
    assert.deepEqual(entries.map(({ state }) => state), [HERE, HERE, READY, READY, COPY, REFUSED, REFUSED]);
    assert.equal(entries[4].reason.values.name, 'c.fit');
    assert.match(entries[6].reason.sentence, /pixels a side/);
    assert.equal(entries[0].size, 8640);
    // Only files that may be here, and those alike, are hashed: two by the site, two by themselves.
    assert.deepEqual(asked, { frames: 5, hashes: 4, hashed: 4 });
    assert.equal(uploadOfMost(entries), 't1');
    assert.deepEqual(chunksToSend(entries, rules).map((chunk) => chunk.map(({ entry }) => entry.name)), [['c.fit', 'd.fit']]);
});

test('a copy of what was chosen before is not sent again', async () => {
    const { site, asked } = siteWith({});
    const earlier = entriesOf([sub('a.fit', 70), sub('b.fit', 81)]);
    await examine(earlier, [], site, () => {});
    earlier[0].state = 'stored';
    const copies = entriesOf([sub('a.fit', 70), sub('b.fit', 81, { HISTORY1: "'opened'" }), sub('c.fit', 92)]);
    await examine(copies, earlier, site, () => {});
    assert.deepEqual(copies.map(({ state }) => state), [COPY, COPY, READY]);
    assert.deepEqual(earlier.map(({ state }) => state), ['stored', READY]);
    assert.equal(copies[0].reason.values.name, 'a.fit');
    assert.equal(asked.hashed, 4);
});

test('thousands of files that have arrived name their upload at once', () => {
    const entries = Array.from({ length: 20000 }, (_, number) => ({ session: number % 3 === 0 ? 'other' : 'most' }));
    const began = performance.now();
    assert.equal(uploadOfMost(entries), 'most');
    assert.equal(uploadOfMost([{ session: null }]), null);
    assert.ok(performance.now() - began < 1000);
});

test('a file that is too large is refused without being read', async () => {
    const [entry] = entriesOf([sub('a.fit', 0)]);
    await examine([entry], [], siteWith({}).site, () => {});
    assert.equal(entry.state, READY);
    const [large] = entriesOf([sub('a.fit', 0)]);
    await examine([large], [], { ...siteWith({}).site, rules: { ...rules, max_file_bytes: 100 } }, () => {});
    assert.match(large.reason.sentence, /larger than/);
});

test('what has arrived counts once, however many copies of it were chosen again', () => {
    const entry = (name, sha256, session) => ({ name, session, state: HERE, reason: { sentence: 'x' }, sub: { sha256 } });
    const entries = [entry('a.fit', 'one', 't1'), entry('copy of a.fit', 'one', 't1'), entry('b.fit', 'two', 't1'), entry('c.fit', 'one', 't2')];
    assert.deepEqual(arrivedIn(entries, 't1', 'stored').map(({ name }) => name), ['a.fit', 'b.fit']);
    assert.deepEqual(entries.map(({ state }) => state), ['stored', COPY, 'stored', HERE]);
    assert.equal(entries[1].reason.values.name, 'a.fit');
});

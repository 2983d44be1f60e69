// Sorts files into chunks as the upload page does; the same input and output as tests/support/chunked_subs.php.

import { createHash } from 'node:crypto';
import { openAsBlob, readFileSync } from 'node:fs';
import { stdin } from 'node:process';
import { text } from 'node:stream/consumers';

import { chunksOf } from '../../php_api/public/assets/js/chunks/chunk_grouping.js';
import { copiesAmong } from '../../php_api/public/assets/js/chunks/copies.js';
import { stored } from '../../php_api/public/assets/js/fits/observation_time.js';
import { FrameRefused } from '../../php_api/public/assets/js/fits/refused.js';
import { readSub } from '../../php_api/public/assets/js/fits/sub_header.js';

// Enough to tell the files of the tests apart.
const beginning = async (path) => Buffer.from(await (await openAsBlob(path)).slice(0, 65536).arrayBuffer());

const table = JSON.parse(readFileSync(new URL('../../php_api/src/Fits/header_cards.json', import.meta.url), 'utf8'));
const [read, subs] = [[], []];
for (const [place, path] of JSON.parse(await text(stdin)).entries()) {
    try {
        const sub = await readSub(await openAsBlob(path), table);
        read.push({
            begun: [stored(sub.begun), sub.begun.microsecond],
            clock: sub.clock,
            exposure: sub.exposure,
            position: sub.position && [sub.position.ra, sub.position.dec],
            equinox: sub.equinox,
            texts: [sub.object, sub.filter, sub.telescope, sub.instrument],
            shape: [sub.width, sub.height, sub.bitpix],
            bayerPattern: sub.bayerPattern,
            eqMode: sub.eqMode,
            isWide: sub.isWide,
        });
        subs.push({ ...sub, place, sha256: createHash('sha256').update(await beginning(path)).digest('hex') });
    } catch (error) {
        if (!(error instanceof FrameRefused)) throw error;
        read.push({ code: error.code, message: error.message.replace(/[“”]/g, '"') });
    }
}
const copies = copiesAmong(subs);
const kept = subs.filter((sub) => !copies.has(sub));
const chunks = chunksOf(kept, { chunk_minutes: 15, pointing_tolerance_deg: 0.25 });
console.log(JSON.stringify({
    read,
    chunks: chunks.map((chunk) => chunk.map((sub) => sub.place)),
    copies: [...copies].map(([copy, first]) => [copy.place, first.place]),
}));

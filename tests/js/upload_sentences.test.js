// What the scripts of the upload page say is printed by the page, so that it has a translation.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const SCRIPTS = new URL('../../php_api/public/assets/js/', import.meta.url);
const TEMPLATE = new URL('../../php_api/templates/upload_sentences.php', import.meta.url);
const TEXT = String.raw`'((?:[^'\\]|\\.)*)'`;
const LONG = String.raw`'((?:[^'\\]|\\.)* (?:[^'\\]|\\.)*)'`;
/** Where a script has a sentence. */
const PLACES = [
    String.raw`\bsay\(\s*${TEXT}`,
    String.raw`\bcount\(\s*[^']*?,\s*${TEXT},\s*${TEXT}`,
    String.raw`\? say\(${TEXT}\)`,
    String.raw`\b(?:FrameRefused|badHeader)\(\s*(?:'\w+',\s*)?${LONG}`,
    String.raw`^ {4}\['(?:[^'\\]|\\.)+', ${TEXT}\],$`,
    String.raw`^(?:export )?const (?:UNREADABLE|COMPRESSED|ANSWERED|TOO_LARGE|BROKEN) = ${TEXT};$`,
    String.raw`^ {4}\w+: '((?:[^'\\]|\\.)+ (?:[^'\\]|\\.)+\.)',$`,
    String.raw`sentence: ${TEXT}, values`,
].map((place) => new RegExp(place, 'gm'));

const plain = (literal) => literal.replaceAll("\\'", "'");

test('the page prints every sentence of its scripts, and no other', () => {
    const printed = new Set([...readFileSync(TEMPLATE, 'utf8').matchAll(new RegExp(`^ {4}${TEXT},$`, 'gm'))].map((match) => plain(match[1])));
    const said = new Set();
    for (const folder of ['upload', 'fits', 'chunks']) {
        for (const name of readdirSync(new URL(`${folder}/`, SCRIPTS))) {
            const script = readFileSync(new URL(`${folder}/${name}`, SCRIPTS), 'utf8').replace(/'\s*\+\s*'/g, '');
            for (const place of PLACES) {
                for (const [, ...found] of script.matchAll(place)) for (const text of found) said.add(plain(text));
            }
        }
    }
    assert.ok(said.size > 80);
    assert.deepEqual([...said].filter((sentence) => !printed.has(sentence)), []);
    assert.deepEqual([...printed].filter((sentence) => !said.has(sentence)), []);
});

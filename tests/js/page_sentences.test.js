// What scripts say is printed by a page, so that it has a translation. Those of the upload have a test of their own.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const SCRIPTS = new URL("../../php_api/public/assets/js/", import.meta.url);
const TEMPLATES = new URL("../../php_api/templates/", import.meta.url);
const OWN_TEST = ["upload", "fits", "chunks"];
const TEXT = String.raw`"((?:[^"\\]|\\.)*)"`;
/** Where a script has a sentence; a sentence of a list is the last thing in its brackets. */
const PLACES = [
    String.raw`\.say\(\s*${TEXT}`,
    String.raw`\.say\([^"]*\? ${TEXT} : ${TEXT}`,
    String.raw`\.count\(\s*[^"]*?,\s*${TEXT},\s*${TEXT}`,
    String.raw`\["[a-z_]+", ${TEXT}\]`,
].map((place) => new RegExp(place, "g"));

function scripts(folder) {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const url = new URL(entry.isDirectory() ? `${entry.name}/` : entry.name, folder);
        return entry.isDirectory() ? (OWN_TEST.includes(entry.name) ? [] : scripts(url)) : [url];
    });
}

test("a page prints every sentence of its scripts, and no other", () => {
    const printed = new Set();
    for (const name of readdirSync(TEMPLATES).filter((one) => one.endsWith(".php") && one !== "upload_sentences.php")) {
        for (const [, list] of readFileSync(new URL(name, TEMPLATES), "utf8").matchAll(/\$t->script\(([\s\S]*?)\) \?>/g)) {
            for (const [, sentence] of list.matchAll(/'((?:[^'\\]|\\.)*)'/g)) printed.add(sentence);
        }
    }
    const said = new Set();
    for (const script of scripts(SCRIPTS)) {
        for (const place of PLACES) {
            for (const [, ...found] of readFileSync(script, "utf8").matchAll(place)) for (const text of found) said.add(text);
        }
    }
    assert.ok(said.size > 15);
    assert.deepEqual([...said].filter((sentence) => !printed.has(sentence)), []);
    assert.deepEqual([...printed].filter((sentence) => !said.has(sentence)), []);
});

// Looks at the chosen files before a byte is sent: which can be used, which are here already, which show the same light.

import { copiesAmong } from '../chunks/copies.js';
import { chunksOf } from '../chunks/chunk_grouping.js';
import { stored } from '../fits/observation_time.js';
import { FrameRefused } from '../fits/refused.js';
import { readSub } from '../fits/sub_header.js';

/** Headers read at a time. */
const READERS = 8;
/** Files in one question. */
const QUESTION = 500;

/** States of an entry. */
export const READY = 'ready'; // to be sent
export const REFUSED = 'refused'; // the site would not take it
export const HERE = 'here'; // its bytes are here already
export const COPY = 'copy'; // it shows the light of another one of them

export const UNREADABLE = 'The file cannot be read any more. Is the disk or card still there?';

/**
 * @param {{file: File, path: string}[]} files
 * @returns {object[]} entries of the page: file, path, size (null until it is read), state, and `reason` as {sentence, values} where there is one
 */
export function entriesOf(files) {
    // The size is asked for with the header: a browser looks at the disk for it, and that of thousands at once takes long.
    return files.map(({ file, path }) => ({ file, path, name: file.name, size: null, state: null, reason: null, sub: null, sent: 0 }));
}

/**
 * @param {object[]} entries of entriesOf(); get their states
 * @param {object[]} earlier entries of earlier choices that are to be sent or have been: what shows their light is a copy
 * @param {{rules: object, calls: object, hashing: object}} site
 * @param {(step: string, done: number, all: number) => void} onProgress
 */
export async function examine(entries, earlier, { rules, calls, hashing }, onProgress) {
    await readHeaders(entries, rules, onProgress);
    const usable = entries.filter((entry) => entry.state === READY);
    await findKnown(usable, earlier, calls, hashing, onProgress);
    markCopies(usable, earlier);
}

/** The upload, not stacked yet, in which most of the entries have arrived; null for none. */
export function uploadOfMost(entries) {
    const numbers = new Map();
    for (const { session } of entries) if (session) numbers.set(session, (numbers.get(session) ?? 0) + 1);
    return [...numbers].sort((one, other) => other[1] - one[1])[0]?.[0] ?? null;
}

/**
 * Marks what has arrived in an upload. Copies of one file arrived once, and count once.
 *
 * @returns {object[]} the entries that have arrived, without copies
 */
export function arrivedIn(entries, session, stored) {
    const first = new Map();
    const arrived = [];
    for (const entry of entries.filter((one) => one.session === session)) {
        const original = first.get(entry.sub.sha256);
        if (original === undefined) {
            first.set(entry.sub.sha256, entry);
            arrived.push(Object.assign(entry, { state: stored, reason: null }));
        } else {
            entry.state = COPY;
            entry.reason = sameLightAs(original);
        }
    }
    return arrived;
}

/** The chunks that the entries to be sent make, each with its entries, in order of time. */
export function chunksToSend(entries, rules) {
    const subs = entries
        .filter((entry) => [READY, 'waiting', 'sending', 'stored'].includes(entry.state))
        .map((entry) => ({ ...entry.sub, entry }));
    subs.sort((one, other) => one.begun.seconds - other.begun.seconds || one.begun.microsecond - other.begun.microsecond);
    const chunks = chunksOf(subs, rules);
    return chunks.sort((one, other) => one[0].begun.seconds - other[0].begun.seconds);
}

async function readHeaders(entries, rules, onProgress) {
    let next = 0;
    let done = 0;
    const read = async () => {
        while (next < entries.length) {
            await readHeader(entries[next++], rules);
            onProgress('headers', ++done, entries.length);
        }
    };
    await Promise.all(Array.from({ length: READERS }, read));
}

async function readHeader(entry, rules) {
    try {
        if (entry.file.isUnreadable) throw new Error('it could not be opened');
        entry.size = entry.file.size;
        if (entry.size > rules.max_file_bytes) {
            throw new FrameRefused('too_large', 'The file is larger than the limit of {limit} bytes.', { limit: rules.max_file_bytes });
        }
        entry.sub = await readSub(entry.file, rules.cards);
        entry.state = READY;
    } catch (error) {
        entry.state = REFUSED;
        entry.reason = error instanceof FrameRefused
            ? { sentence: error.sentence, values: error.values }
            : { sentence: UNREADABLE, values: {} };
    }
}

/** A file that is here has the same start and size as itself; only such files are hashed. */
async function findKnown(entries, earlier, calls, hashing, onProgress) {
    const candidates = new Set(alike([...earlier, ...entries]));
    for (let at = 0; at < entries.length; at += QUESTION) {
        const part = entries.slice(at, at + QUESTION);
        const frames = part.map((entry) => ({ start: stored(entry.sub.begun), bytes: entry.size }));
        const answer = await calls.preflight({ frames });
        for (const place of answer.candidates) candidates.add(part[place]);
    }
    let done = 0;
    const all = [...candidates];
    await Promise.all(all.map(async (entry) => {
        entry.sub.sha256 ??= await hashing.sha256(entry.file);
        onProgress('hashes', ++done, all.length);
    }));
    const isNew = new Set(entries);
    const hashed = all.filter((entry) => isNew.has(entry) && entry.sub.sha256 !== null);
    for (let at = 0; at < hashed.length; at += QUESTION) {
        const part = hashed.slice(at, at + QUESTION);
        const answer = await calls.preflight({ sha256: part.map((entry) => entry.sub.sha256) });
        const states = new Map(answer.known.map((known) => [known.sha256, known]));
        for (const entry of part) markKnown(entry, states.get(entry.sub.sha256));
    }
}

/** Files with the start and size of another one of them: copies of one file in two folders. */
function alike(entries) {
    const first = new Map();
    const found = [];
    for (const entry of entries) {
        const key = `${stored(entry.sub.begun)} ${entry.sub.begun.microsecond} ${entry.size}`;
        if (first.has(key)) found.push(first.get(key), entry);
        else first.set(key, entry);
    }
    return found;
}

const KNOWN = {
    uploaded: 'It has arrived in an upload that is not stacked yet.',
    queued: 'It is here and waits to be stacked.',
    stacked: 'It is here and stacked already.',
    left_out: 'Its light is in a stack already, from another file.',
    failed: 'It is here; stacking it did not succeed, and it is still kept.',
};

function markKnown(entry, known) {
    if (known === undefined) return;
    entry.state = HERE;
    entry.known = known.state;
    entry.session = known.session_token ?? null;
    entry.reason = { sentence: KNOWN[known.state], values: {} };
}

function markCopies(entries, earlier) {
    const fresh = entries.filter((entry) => entry.state === READY);
    const isNew = new Set(fresh);
    const subs = [...earlier, ...fresh].map((entry) => Object.assign(entry.sub, { entry }));
    for (const [copy, first] of copiesAmong(subs)) {
        if (!isNew.has(copy.entry)) continue;
        copy.entry.state = COPY;
        copy.entry.reason = sameLightAs(first.entry);
    }
}

function sameLightAs(entry) {
    return { sentence: 'It shows the same light as {name}; light counts once.', values: { name: entry.name } };
}

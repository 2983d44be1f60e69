// Hashes files beside the page, a piece at a time: no task of the page waits for it, and no file is in memory as a whole.

import { Sha256 } from './sha256.js';

const PIECE = 1 << 20;

async function sha256(file) {
    const hash = new Sha256();
    for (let at = 0; at < file.size; at += PIECE) {
        hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
    }
    return hash.hex();
}

globalThis.addEventListener('message', async ({ data: file }) => {
    try {
        globalThis.postMessage({ sha256: await sha256(file) });
    } catch (error) {
        globalThis.postMessage({ error: String(error) });
    }
});

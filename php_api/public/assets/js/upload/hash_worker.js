// Hashes files beside the page, a piece at a time: no task of the page waits for it, and no file is in memory as a whole.

import { sha256OfFile } from './sha256.js';

globalThis.addEventListener('message', async ({ data: file }) => {
    try {
        globalThis.postMessage({ sha256: await sha256OfFile(file) });
    } catch (error) {
        globalThis.postMessage({ error: String(error) });
    }
});

// Which files share a request.

const MOST_FILES = 25;
const MOST_BYTES = 1 << 20;

/**
 * One entry, or several that are so small that a request for each would take longer than their bytes.
 *
 * @param {object[]} entries
 * @param {string} state of those that may be taken
 */
export function nextBatch(entries, state) {
    const batch = [];
    let bytes = 0;
    for (const entry of entries) {
        if (entry.state !== state) continue;
        if (batch.length > 0 && (entry.isAlone || bytes + entry.size > MOST_BYTES)) break;
        batch.push(entry);
        bytes += entry.size;
        if (entry.isAlone || batch.length === MOST_FILES) break;
    }
    return batch;
}

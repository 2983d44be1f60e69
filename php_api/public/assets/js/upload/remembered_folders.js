// The folders of an upload, kept in the browser where it can do that, so that an upload goes on after the page was left
// without choosing them again. Browsers that cannot keep a folder ask for it once more.

const DATABASE = 'uploads';
const STORE = 'folders';
/** Files that are kept at most: the user is asked for each whether it may be read again. */
const MOST_FILES = 3;

/**
 * The handles of what was dropped. Must be called before the drop event ends.
 *
 * @param {DataTransfer} transfer
 * @returns {Promise<object[]>} empty where the browser has none
 */
export async function handlesOf(transfer) {
    const items = [...transfer.items].filter((item) => item.kind === 'file' && 'getAsFileSystemHandle' in item);
    try {
        return (await Promise.all(items.map((item) => item.getAsFileSystemHandle()))).filter(Boolean);
    } catch {
        return [];
    }
}

/** Keeps the folders of an upload; one upload is remembered at a time, and none of many single files. */
export async function remember(session, handles) {
    if (handles.filter(({ kind }) => kind === 'file').length > MOST_FILES) return;
    await inStore('readwrite', (store) => {
        store.clear();
        return store.put(handles, session);
    });
}

/**
 * The folders of an upload, if the browser still has them and the user lets it read them. Call it from a click.
 *
 * @returns {Promise<object[]|null>}
 */
export async function recall(session) {
    const handles = await inStore('readonly', (store) => store.get(session));
    if (!handles?.length) return null;
    for (const handle of handles) {
        if ((await handle.requestPermission({ mode: 'read' })) !== 'granted') return null;
    }
    return handles;
}

/** Without a store, or where handles cannot be kept, nothing is remembered. */
function inStore(mode, work) {
    return new Promise((resolve) => {
        const none = () => resolve(null);
        try {
            const opening = indexedDB.open(DATABASE, 1);
            opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
            opening.onerror = none;
            opening.onsuccess = () => {
                try {
                    const asked = work(opening.result.transaction(STORE, mode).objectStore(STORE));
                    asked.onsuccess = () => resolve(asked.result);
                    asked.onerror = none;
                } catch {
                    none();
                }
            };
        } catch {
            none();
        }
    });
}

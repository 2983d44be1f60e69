// The browser's own choice of files or of a folder, where it has one: it gives them one by one, and what was chosen can be
// kept. A file field makes all files at once, and with thousands of them the page stands still meanwhile.

const FITS = { description: 'FITS', accept: { 'image/fits': ['.fit', '.fits'] } };

/** Only pages with a secure address have it, and not in every browser. */
export function canPick(outside = window) {
    return 'showOpenFilePicker' in outside && 'showDirectoryPicker' in outside;
}

/** Call it from a click. @returns {Promise<FileSystemHandle[]>} empty when the user has chosen nothing */
export function pickFiles(outside = window) {
    return picked(() => outside.showOpenFilePicker({ multiple: true, types: [FITS] }));
}

/** Call it from a click. @returns {Promise<FileSystemHandle[]>} empty when the user has chosen nothing */
export function pickFolder(outside = window) {
    return picked(async () => [await outside.showDirectoryPicker()]);
}

async function picked(ask) {
    try {
        return await ask();
    } catch (error) {
        if (error.name === 'AbortError') return [];
        throw error;
    }
}

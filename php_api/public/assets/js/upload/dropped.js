// The files of a drop, of handles or of a file field. A browser lists a dropped folder as one small file, and gives its
// entries a hundred at a time; so folders are walked by their entries.

/** Handles that are opened at a time. */
const HANDLES = 8;
/** Entries of a drop that are opened at a time: Chromium answers several in one task, which holds the page up. */
const ENTRIES = 1;
/** Files of a field that are read at a time. */
const AT_ONCE = 100;

/** A file and its path below the folder that was chosen. What cannot be opened, or need not be, has nothing but a name. */
function found(file, path) {
    return { file, path };
}

/**
 * Reads what was chosen in a field, and empties it. With a folder, each file has its path.
 *
 * @param {HTMLInputElement} field
 * @param {() => Promise<void>} rest lets the page do other things; the browser has just made all files at once
 */
export async function fromField(field, rest) {
    const list = field.files;
    const files = [];
    for (let at = 0; at < list.length; at++) {
        if (at % AT_ONCE === 0) await rest();
        files.push(found(list[at], list[at].webkitRelativePath || list[at].name));
    }
    // Somebody may have chosen others meanwhile.
    if (field.files === list) field.value = '';
    return files;
}

/**
 * Reads what was dropped. Must be called before the drop event ends, since the browser forgets the items then.
 *
 * @param {DataTransfer} transfer
 * @returns {Promise<{file: File, path: string}[]>}
 */
export async function fromDrop(transfer) {
    const entries = [...transfer.items].filter((item) => item.kind === 'file').map((item) => item.webkitGetAsEntry());
    const files = [];
    await each(entries.filter((entry) => entry !== null), ENTRIES, (entry) => walk(ofEntry(entry), '', files));
    return files;
}

/** @param {FileSystemHandle[]} handles of files and folders @returns {Promise<{file: File, path: string}[]>} */
export async function fromHandles(handles) {
    const files = [];
    await each(handles, HANDLES, (handle) => walk(ofHandle(handle), '', files));
    return files;
}

/** Parts files by whether their name is that of a FITS file; hidden files of operating systems are in neither. */
export function parted(files) {
    const visible = files.filter(({ file }) => !file.name.startsWith('.'));
    const matters = ({ file }) => isFits(file.name) || file.isUnreadable === true;
    return { fits: visible.filter(matters), others: visible.filter((one) => !matters(one)) };
}

const isFits = (name) => /\.fits?$/i.test(name);

/** An entry of a drop, or the handle of a file or folder, in one form. */
function ofEntry(entry) {
    return {
        name: entry.name,
        isFile: entry.isFile,
        atOnce: ENTRIES,
        open: () => new Promise((resolve, reject) => entry.file(resolve, reject)),
        children: async () => (await childrenOf(entry)).map(ofEntry),
    };
}

function ofHandle(handle) {
    return {
        name: handle.name,
        isFile: handle.kind === 'file',
        atOnce: HANDLES,
        open: () => handle.getFile(),
        children: async () => {
            const all = [];
            for await (const child of handle.values()) all.push(ofHandle(child));
            return all;
        },
    };
}

async function childrenOf(folder) {
    const reader = folder.createReader();
    const all = [];
    for (;;) {
        const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (some.length === 0) return all;
        all.push(...some);
    }
}

/** Adds the files below a place. One that has gone meanwhile is listed by its name, so that nothing is missing silently. */
async function walk(place, folder, files) {
    const path = `${folder}${place.name}`;
    try {
        if (!place.isFile) {
            await each(await place.children(), place.atOnce, (child) => walk(child, `${path}/`, files));
        } else {
            // Pictures beside the subs are only counted: opening thousands of them takes time.
            files.push(found(isFits(place.name) ? await place.open() : { name: place.name }, path));
        }
    } catch {
        files.push(found({ name: place.name, isUnreadable: true }, path));
    }
}

async function each(items, atOnce, work) {
    let next = 0;
    const worker = async () => {
        while (next < items.length) await work(items[next++]);
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}

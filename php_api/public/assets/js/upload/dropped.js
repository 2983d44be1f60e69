// The files of a drop or of a file field. A browser lists a dropped folder as one small file, and gives its entries a
// hundred at a time; so folders are walked by their entries.

/** A file and its path below the folder that was chosen. */
function found(file, path) {
    return { file, path };
}

/** @param {FileList} files of a field; with a folder, each has its path */
export function fromField(files) {
    return [...files].map((file) => found(file, file.webkitRelativePath || file.name));
}

/**
 * Reads what was dropped. Must be called before the drop event ends, since the browser forgets the items then.
 *
 * @param {DataTransfer} transfer
 * @returns {Promise<{file: File, path: string}[]>}
 */
export async function fromDrop(transfer) {
    const entries = [...transfer.items].filter((item) => item.kind === 'file').map((item) => item.webkitGetAsEntry());
    const lists = await Promise.all(entries.filter((entry) => entry !== null).map((entry) => walk(entry, '')));
    return lists.flat();
}

async function walk(entry, folder) {
    const path = `${folder}${entry.name}`;
    if (entry.isFile) {
        return [found(await new Promise((resolve, reject) => entry.file(resolve, reject)), path)];
    }
    const files = [];
    for (const child of await children(entry)) files.push(...(await walk(child, `${path}/`)));
    return files;
}

async function children(folder) {
    const reader = folder.createReader();
    const all = [];
    for (;;) {
        const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (some.length === 0) return all;
        all.push(...some);
    }
}

/** @param {FileSystemDirectoryHandle[]} folders @returns {Promise<{file: File, path: string}[]>} */
export async function fromHandles(folders) {
    const files = [];
    for (const folder of folders) await walkHandle(folder, '', files);
    return files;
}

async function walkHandle(handle, folder, files) {
    const path = `${folder}${handle.name}`;
    if (handle.kind === 'file') {
        files.push(found(await handle.getFile(), path));
        return;
    }
    for await (const child of handle.values()) await walkHandle(child, `${path}/`, files);
}

/** Parts files by whether their name is that of a FITS file; hidden files of operating systems are in neither. */
export function parted(files) {
    const visible = files.filter(({ file }) => !file.name.startsWith('.'));
    const isFits = ({ file }) => /\.fits?$/i.test(file.name);
    return { fits: visible.filter(isFits), others: visible.filter((one) => !isFits(one)) };
}

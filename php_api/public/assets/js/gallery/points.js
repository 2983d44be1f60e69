// The stacks of a map as the site sends them: see src/Gallery/MapPart.php for the form of the bytes.

const MAGIC = "CSM1";
const MATCHING = "CSI1";
const PART = 512;
const NO_PLACE = -32768;
const NO_NAME = 255;
const SOLVED = 1;
const PUBLIC = 2;
const DAY_MS = 86400000;
const FIRST_DAY_MS = Date.UTC(1990, 0, 1);

export const NO_DAY = 65535;

/**
 * Reads the bytes of stacks_map.php.
 *
 * Returns columns of one value for each stack: ids, ra and dec (degrees, NaN where unknown), days (since 1990-01-01,
 * NO_DAY where unknown), solved and open (0 or 1), and names, which are indexes of nameList or -1.
 */
export function decode(buffer) {
    const bytes = new DataView(buffer);
    if (buffer.byteLength < 4 || text(buffer, 0, 4) !== MAGIC) {
        throw new Error("these are not the stacks of a map");
    }
    const parts = partsOf(bytes);
    const count = parts.reduce((sum, part) => sum + part.count, 0);
    const points = {
        count,
        ids: new Float64Array(count),
        ra: new Float32Array(count),
        dec: new Float32Array(count),
        days: new Uint16Array(count),
        solved: new Uint8Array(count),
        open: new Uint8Array(count),
        names: new Int32Array(count),
        nameList: [],
    };
    const known = new Map();
    let at = 0;
    for (const part of parts) {
        const names = part.names.map((name) => numberOf(name, known, points.nameList));
        const ids = idsOf(bytes, part);
        for (let i = 0; i < part.count; i++, at++) {
            readPoint(bytes, part, i, points, at);
            points.ids[at] = ids[i];
            const name = bytes.getUint8(part.nameNumbers + i);
            points.names[at] = name === NO_NAME ? -1 : names[name];
        }
    }
    return points;
}

/** Reads the bytes of stacks_ids.php: a function (id) that is true for the stacks that match. */
export function matching(buffer) {
    const bytes = new DataView(buffer);
    if (buffer.byteLength < 4 || text(buffer, 0, 4) !== MATCHING) {
        throw new Error("these are not the stacks that match");
    }
    const parts = new Map();
    for (let at = 4; at < buffer.byteLength; at += 4 + PART / 8) {
        parts.set(bytes.getUint32(at, true), at + 4);
    }
    return (id) => {
        const bits = parts.get(id - (id % PART));
        return bits !== undefined && (bytes.getUint8(bits + ((id % PART) >> 3)) & (1 << (id & 7))) !== 0;
    };
}

/** The day of a number of days, such as 2026-03-01. */
export function dayText(day) {
    return new Date(FIRST_DAY_MS + day * DAY_MS).toISOString().slice(0, 10);
}

/** The number of a day such as 2026-03-01; null for anything else. */
export function dayNumber(text) {
    const time = /^\d{4}-\d\d-\d\d$/.test(text ?? "") ? Date.parse(`${text}T00:00:00Z`) : NaN;
    return Number.isNaN(time) ? null : Math.round((time - FIRST_DAY_MS) / DAY_MS);
}

function partsOf(bytes) {
    const parts = [];
    let at = 4;
    while (at < bytes.byteLength) {
        const part = { first: bytes.getUint32(at, true), count: bytes.getUint16(at + 4, true), bits: at + 6 };
        part.ra = part.bits + PART / 8;
        part.dec = part.ra + 2 * part.count;
        part.days = part.dec + 2 * part.count;
        part.flags = part.days + 2 * part.count;
        part.nameNumbers = part.flags + part.count;
        const list = part.nameNumbers + part.count;
        const length = bytes.getUint16(list, true);
        part.names = JSON.parse(text(bytes.buffer, list + 2, length));
        parts.push(part);
        at = list + 2 + length;
    }
    return parts;
}

function idsOf(bytes, part) {
    const ids = [];
    for (let i = 0; i < PART; i++) {
        if (bytes.getUint8(part.bits + (i >> 3)) & (1 << (i & 7))) {
            ids.push(part.first + i);
        }
    }
    return ids;
}

function readPoint(bytes, part, i, points, at) {
    const dec = bytes.getInt16(part.dec + 2 * i, true);
    const flags = bytes.getUint8(part.flags + i);
    points.ra[at] = dec === NO_PLACE ? NaN : (bytes.getUint16(part.ra + 2 * i, true) / 65536) * 360;
    points.dec[at] = dec === NO_PLACE ? NaN : (dec / 32767) * 90;
    points.days[at] = bytes.getUint16(part.days + 2 * i, true);
    points.solved[at] = flags & SOLVED ? 1 : 0;
    points.open[at] = flags & PUBLIC ? 1 : 0;
}

function numberOf(name, known, list) {
    if (!known.has(name)) {
        known.set(name, list.length);
        list.push(name);
    }
    return known.get(name);
}

function text(buffer, from, length) {
    return new TextDecoder().decode(new Uint8Array(buffer, from, length));
}

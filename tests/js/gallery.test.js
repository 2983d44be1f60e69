import assert from "node:assert/strict";
import { test } from "node:test";

import { choiceOf, factsQuery, queryOf } from "../../php_api/public/assets/js/gallery/choice.js";
import { cluster, members, nearest, radius } from "../../php_api/public/assets/js/gallery/clusters.js";
import { histogram, span } from "../../php_api/public/assets/js/gallery/histogram.js";
import { Picked } from "../../php_api/public/assets/js/gallery/picked.js";
import { NO_DAY, dayNumber, dayText, decode, matching } from "../../php_api/public/assets/js/gallery/points.js";
import { box, lasso } from "../../php_api/public/assets/js/gallery/regions.js";
import { ecliptic, isOnSky, milkyWay, placeOf, placeText, unitProjection } from "../../php_api/public/assets/js/gallery/sky.js";
import { Texts } from "../../php_api/public/assets/js/texts.js";
import { chosenAfter } from "../../php_api/public/assets/js/gallery/timeline-keys.js";
import { moved, wholeSky, zoomed } from "../../php_api/public/assets/js/gallery/sky-view.js";
import { geoContains } from "../../php_api/public/assets/vendor/d3-geo-projection-4.0.0.js";

/** The bytes of a part, as src/Gallery/MapPart.php describes them. */
function part(first, stacks, names) {
    const list = new TextEncoder().encode(JSON.stringify(names));
    const count = stacks.length;
    const bytes = new DataView(new ArrayBuffer(6 + 64 + 8 * count + 2 + list.length));
    bytes.setUint32(0, first, true);
    bytes.setUint16(4, count, true);
    stacks.forEach(({ id, ra, dec, day, flags, name }, i) => {
        const bit = id - first;
        bytes.setUint8(6 + (bit >> 3), bytes.getUint8(6 + (bit >> 3)) | (1 << (bit & 7)));
        bytes.setUint16(70 + 2 * i, ra, true);
        bytes.setInt16(70 + 2 * count + 2 * i, dec, true);
        bytes.setUint16(70 + 4 * count + 2 * i, day, true);
        bytes.setUint8(70 + 6 * count + i, flags);
        bytes.setUint8(70 + 7 * count + i, name);
    });
    bytes.setUint16(70 + 8 * count, list.length, true);
    new Uint8Array(bytes.buffer).set(list, 72 + 8 * count);
    return new Uint8Array(bytes.buffer);
}

function joined(...pieces) {
    const all = pieces.map((piece) => (typeof piece === "string" ? new TextEncoder().encode(piece) : piece));
    return Uint8Array.from(all.flatMap((piece) => [...piece])).buffer;
}

test("the bytes of a map are its stacks", () => {
    const first = part(0, [
        { id: 7, ra: 32768, dec: 32767, day: 0, flags: 3, name: 1 },
        { id: 511, ra: 0, dec: -32768, day: NO_DAY, flags: 0, name: 255 },
    ], ["M 31", "Großer Nebel"]);
    const second = part(1024, [{ id: 1025, ra: 16384, dec: 0, day: 13000, flags: 1, name: 0 }], ["Großer Nebel"]);

    const points = decode(joined("CSM1", first, second));

    assert.deepEqual([...points.ids], [7, 511, 1025]);
    assert.deepEqual([points.ra[0], points.dec[0], points.ra[2], points.dec[2]], [180, 90, 90, 0]);
    assert.ok(Number.isNaN(points.dec[1]));
    assert.deepEqual([...points.solved], [1, 0, 1]);
    assert.deepEqual([...points.open], [1, 0, 0]);
    assert.deepEqual([...points.names].map((name) => points.nameList[name]), ["Großer Nebel", undefined, "Großer Nebel"]);
    assert.equal(decode(joined("CSM1")).count, 0);
    assert.throws(() => decode(joined("<!do")), /not the stacks/);
});

test("what matches is one bit for each id", () => {
    const bits = new Uint8Array(68);
    new DataView(bits.buffer).setUint32(0, 512, true);
    bits[4 + 1] = 0b101;

    const isMatch = matching(joined("CSI1", bits));

    assert.deepEqual([511, 512, 520, 521, 522, 1544].map(isMatch), [false, false, true, false, true, false]);
    assert.throws(() => matching(joined("{}")), /not the stacks/);
});

test("days are numbers and back", () => {
    for (const day of ["1990-01-01", "2024-02-29", "2026-11-30"]) {
        assert.equal(dayText(dayNumber(day)), day);
    }
    assert.deepEqual([dayNumber("1990-01-02"), dayNumber(""), dayNumber(undefined), dayNumber("2026-13-01")], [1, null, null, null]);
});

test("the projection is Aitoff's with the east on the left", () => {
    const project = unitProjection();
    const close = (actual, expected) => actual.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-6, `${actual} is not ${expected}`));
    close(project([180, 0]), [0, 0]);
    close(project([270, 0]), [-Math.PI / 2, 0]);
    close(project([180, 90]), [0, -Math.PI / 2]);
    // By the formula: alpha = acos(cos(dec) cos(lon / 2)), x = 2 cos(dec) sin(lon / 2) / sinc(alpha), y = sin(dec) / sinc(alpha).
    const [dec, half] = [(40 * Math.PI) / 180, (50 * Math.PI) / 180];
    const alpha = Math.acos(Math.cos(dec) * Math.cos(half));
    const sinc = Math.sin(alpha) / alpha;
    close(project([280, 40]), [(-2 * Math.cos(dec) * Math.sin(half)) / sinc, -Math.sin(dec) / sinc]);
    for (const place of [[10, -80], [83.8, -5.4], [359, 60]]) {
        close(placeOf(project, ...project(place)), place);
    }
    assert.equal(placeOf(project, 3, 1.2), null, "the inverse answers outside of the oval too");
    assert.ok(isOnSky(0, 1.57) && !isOnSky(0, 1.58));
});

test("the Milky Way is where it is", () => {
    const band = milkyWay(10);
    const places = {
        "centre of the Galaxy": [266.4, -29, true],
        Deneb: [310.4, 45.3, true],
        Sirius: [101.3, -16.7, true],
        "M 31": [10.7, 41.3, false],
        "M 94": [192.7, 41.1, false],
        "south pole of the Galaxy": [12.86, -27.1, false],
    };
    for (const [name, [ra, dec, isInside]] of Object.entries(places)) {
        assert.equal(geoContains(band, [ra > 180 ? ra - 360 : ra, dec]), isInside, name);
    }
    const sun = ecliptic().coordinates.map(([, dec]) => dec);
    assert.ok(Math.abs(Math.max(...sun) - 23.4393) < 0.1 && Math.abs(Math.min(...sun) + 23.4393) < 0.1);
});

test("places have words", () => {
    assert.equal(placeText([83.63, 22.01], new Texts({}, "en")), "05h 35m, +22.0°");
    assert.equal(placeText([359.99, -5], new Texts({}, "de")), "00h 00m, −5,0°");
});

test("boxes and lassos hold what is inside", () => {
    const inBox = box([10, 20], [0, 5]);
    assert.deepEqual([inBox(0, 5), inBox(10, 20), inBox(5, 21), inBox(-1, 9)], [true, true, false, false]);
    const inU = lasso([[0, 0], [0, 10], [10, 10], [10, 0], [7, 0], [7, 7], [3, 7], [3, 0]]);
    assert.deepEqual([inU(1, 5), inU(9, 1), inU(5, 9), inU(5, 3), inU(11, 5)], [true, true, true, false, false]);
    assert.equal(lasso([[1, 1]])(1, 1), false);
});

test("near stacks are one dot, of which each is counted once", () => {
    const x = Float32Array.from([0, 0.001, 1, 1, NaN]);
    const y = Float32Array.from([0, 0.001, 0.5, 0.5, NaN]);
    const isShown = Uint8Array.from([1, 1, 1, 0, 0]);
    const isPicked = Uint8Array.from([0, 1, 0, 0, 0]);
    const view = { scale: 100, left: 200, top: 100 };

    const cells = cluster(x, y, isShown, isPicked, view, [400, 200]);

    assert.deepEqual(cells.map((cell) => [cell.count, cell.picked]), [[2, 1], [1, 0]]);
    assert.deepEqual(members(x, y, isShown, view, cells[0]), [0, 1]);
    assert.equal(nearest(cells, 302, 151, 14), cells[1]);
    assert.equal(nearest(cells, 350, 150, 14), null);
    assert.equal(cluster(x, y, isShown, isPicked, { ...view, left: 900 }, [400, 200]).length, 0);
    assert.ok(radius(1000) > radius(10) && radius(1000) < 20);
});

test("20,000 stacks are clustered within a frame", () => {
    const count = 20000;
    const x = Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 6283) / 1000 - 3.14);
    const y = Float32Array.from({ length: count }, (_, i) => ((i * 104729) % 3141) / 1000 - 1.57);
    const all = new Uint8Array(count).fill(1);
    const times = [];
    for (let turn = 0; turn < 15; turn++) {
        const began = performance.now();
        cluster(x, y, all, all, { scale: 180, left: 600, top: 280 }, [1200, 560]);
        times.push(performance.now() - began);
    }
    assert.ok(Math.min(...times) < 50, `${Math.min(...times)} ms`);
});

test("the view stays on the sky and where the pointer is", () => {
    const size = [1000, 500];
    const whole = wholeSky(size);
    const near = zoomed(whole, 4, [300, 200], size);
    const at = (view) => [(300 - view.left) / view.scale, (200 - view.top) / view.scale];
    at(near).forEach((value, i) => assert.ok(Math.abs(value - at(whole)[i]) < 1e-9));
    assert.deepEqual(zoomed(near, 0.001, [5, 5], size), whole);
    assert.deepEqual(moved(whole, 50, 50, size), whole, "all of it fits");
    assert.equal(moved(near, 1e9, 0, size).left, near.scale * Math.PI + 10);
});

test("bins join without gap and count every stack once", () => {
    const days = Uint16Array.from([dayNumber("2024-01-15"), dayNumber("2024-01-31"), dayNumber("2024-02-01"), dayNumber("2025-12-31"), NO_DAY]);
    const isShown = Uint8Array.from([1, 0, 1, 1, 1]);
    const all = span(days);
    for (const room of [2000, 30, 3]) {
        const bins = histogram(days, isShown, all, room);
        assert.ok(bins.length <= Math.max(room, 2));
        assert.deepEqual([bins[0].start, bins.at(-1).end], all);
        bins.slice(1).forEach((bin, i) => assert.equal(bin.start, bins[i].end + 1));
        assert.deepEqual(["all", "shown"].map((name) => bins.reduce((sum, bin) => sum + bin[name], 0)), [4, 3]);
    }
    assert.equal(dayText(histogram(days, isShown, all, 30)[1].start), "2024-02-01");
    assert.equal(span(Uint16Array.of(NO_DAY)), null);
});

test("a few nights stand in the middle of four weeks", () => {
    const night = dayNumber("2026-03-20");
    assert.deepEqual(span(Uint16Array.of(night)), [night - 13, night + 14]);
    assert.deepEqual(span(Uint16Array.of(night, night + 27)), [night, night + 27]);
    assert.deepEqual(span(Uint16Array.of(night, night + 40)), [night, night + 40]);
    assert.deepEqual(span(Uint16Array.of(0)), [0, 27], "no day is before the first");
});

test("an address and a choice are the same", () => {
    const query = "of=mine&view=map&object=M+31&from=2024-01-01&order=oldest";
    assert.equal(queryOf(choiceOf(`?order=oldest&object=%20M+31&from=2024-01-01&view=map&of=mine&to=&x=1`)), query);
    assert.equal(factsQuery(choiceOf(query)), "of=mine&object=M+31");
    assert.equal(factsQuery(choiceOf("of=mine&from=2024-01-01&order=oldest")), null);
});

test("a selection is kept, and its listeners hear of it", () => {
    const kept = new Map();
    const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
    const picked = new Picked(storage, "a");
    let heard = 0;
    picked.onChange(() => heard++);

    picked.take([3, 9], false);
    picked.take([5], true);
    picked.set(3, false);

    assert.deepEqual([picked.list(), picked.size, heard], [[9, 5], 2, 3]);
    assert.deepEqual(new Picked(storage, "a").list(), [9, 5]);
    assert.equal(new Picked(storage, "b").size, 0);
    storage.setItem = () => { throw new Error("full"); };
    picked.take([], false);
    assert.equal(picked.size, 0);
});

test("the keyboard chooses a time of the timeline", () => {
    const bins = [[0, 9], [10, 19], [20, 29], [30, 33]].map(([start, end]) => ({ start, end }));
    const after = (chosen, ...keys) => keys.reduce((now, key) => chosenAfter(now, bins, key.replace("+", ""), key.startsWith("+")), chosen);

    assert.deepEqual(after(null, "ArrowRight"), [0, 9]);
    assert.deepEqual(after(null, "ArrowLeft"), [30, 33]);
    assert.deepEqual(after(null, "Home"), [0, 9]);
    assert.deepEqual(after(null, "End"), [30, 33]);
    assert.deepEqual(after([0, 9], "ArrowRight", "+ArrowRight"), [10, 29]);
    assert.deepEqual(after([10, 29], "ArrowRight", "ArrowRight", "ArrowRight"), [20, 33]);
    assert.deepEqual(after([10, 29], "ArrowLeft", "ArrowLeft"), [0, 19]);
    assert.deepEqual(after([10, 19], "+ArrowLeft", "+End"), [10, 33]);
    assert.deepEqual(after([10, 19], "PageUp"), [0, 9]);
    // What was drawn with the pointer does not end where a bin does.
    assert.deepEqual(after([12, 65534], "ArrowLeft"), [0, 29]);
    assert.equal(after([10, 19], "Escape"), null);
    const few = bins.map((bin, at) => ({ ...bin, all: at === 1 || at === 2 ? 5 : 0 }));
    assert.deepEqual(["Home", "End"].map((key) => chosenAfter(null, few, key, false)), [[10, 19], [20, 29]]);
    assert.equal(chosenAfter([10, 19], bins, "Tab", false), undefined);
    assert.equal(chosenAfter(null, [], "End", false), undefined);
});

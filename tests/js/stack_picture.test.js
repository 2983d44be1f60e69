import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

import { readPreview } from "../../php_api/public/assets/js/stack/png16.js";
import { brightestOf, stretched } from "../../php_api/public/assets/js/stack/stretch.js";
import { sorted } from "../../php_api/public/assets/js/stack/star_table.js";
import { faintestOf, isDoubtful, radiusOf } from "../../php_api/public/assets/js/stack/marks.js";
import { View } from "../../php_api/public/assets/js/stack/view.js";

const facts = (width, height, planes = 1) => ({
  planes, width, height,
  zero: Array(planes).fill(-10), step: Array(planes).fill(1), noise: Array(planes).fill(4),
});

function chunk(name, body) {
  const made = Buffer.alloc(12 + body.length);
  made.writeUInt32BE(body.length, 0);
  made.write(name, 4, "latin1");
  body.copy(made, 8);
  return made;
}

function header(width, height, depth = 16, colour = 0) {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(width, 0);
  body.writeUInt32BE(height, 4);
  [body[8], body[9]] = [depth, colour];
  return chunk("IHDR", body);
}

/** Writes values with one filter for each line, by the definition of the filters. */
function png(rows, filters, { depth = 16, text = facts(rows[0].length, rows.length) } = {}) {
  const bytes = rows.map((row) => row.flatMap((value) => [value >> 8, value & 255]));
  const lines = bytes.map((line, row) => {
    const above = row === 0 ? line.map(() => 0) : bytes[row - 1];
    const filtered = line.map((byte, place) => {
      const [left, corner] = place < 2 ? [0, 0] : [line[place - 2], above[place - 2]];
      const up = above[place];
      const p = left + up - corner;
      const nearest = [left, up, corner].reduce((one, other) => (Math.abs(p - other) < Math.abs(p - one) ? other : one));
      return (byte - [0, left, up, Math.floor((left + up) / 2), nearest][filters[row]]) & 255;
    });
    return [filters[row], ...filtered];
  });
  const data = deflateSync(Buffer.from(lines.flat()));
  const half = data.length >> 1;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [signature, header(rows[0].length, rows.length, depth)];
  parts.push(chunk("tEXt", Buffer.from(`crowdsky\0${JSON.stringify(text)}`, "latin1")));
  parts.push(chunk("IDAT", data.subarray(0, half)), chunk("IDAT", data.subarray(half)), chunk("IEND", Buffer.alloc(0)));
  const whole = Buffer.concat(parts);
  return whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.length);
}

test("values come back through every filter, from data in several pieces", async () => {
  const rows = Array.from({ length: 5 }, (_, y) => Array.from({ length: 7 }, (_, x) => (x * 9377 + y * 20011 + x * y * 501) % 65536));
  const { values, facts: found } = await readPreview(png(rows, [0, 1, 2, 3, 4]));
  assert.deepEqual([...values], rows.flat());
  assert.equal(found.width, 7);
});

test("what is none of ours is refused with a reason", async () => {
  await assert.rejects(readPreview(new ArrayBuffer(40)), /no PNG/);
  await assert.rejects(readPreview(png([[1, 2]], [0], { depth: 8 })), /not one of ours/);
  const short = new Uint8Array(png([[1, 2], [3, 4]], [0, 0]));
  new DataView(short.buffer).setUint32(8 + 8 + 4, 3);
  await assert.rejects(readPreview(short.buffer), /cut off/);
});

test("a stretch is dark where nothing is covered, grows with light and reaches white", () => {
  const values = Uint16Array.from([0, 10, 20, 400, 4000, 60000]);
  const pixels = stretched({ facts: facts(6, 1), values }, { black: 0, strength: 60, isLinked: true });
  const reds = [...pixels].filter((_, place) => place % 4 === 0);
  assert.equal(reds[0], 0);
  assert.deepEqual(reds, [...reds].sort((one, other) => one - other));
  assert.equal(reds[1], 0, "the sky itself is at the black point");
  assert.equal(reds[5], 255);
  assert.ok([...pixels].every((byte, place) => place % 4 !== 3 || byte === 255));
});

test("strength lifts what is faint, and 0 is linear", () => {
  const values = Uint16Array.from([10, 50, 510, 1010]);
  const level = (strength) => stretched({ facts: facts(4, 1), values }, { black: 0, strength, isLinked: true })[4 * 2];
  assert.ok(Math.abs(level(0) - 127) <= 12);
  assert.ok(level(80) > level(40) && level(40) > level(0));
});

test("linked colours share one scale, unlinked ones are each stretched to white", () => {
  const values = Uint16Array.from([10, 1010, 10, 510, 10, 260]);
  const preview = { facts: facts(2, 1, 3), values };
  assert.deepEqual(brightestOf(preview), [1000, 500, 250]);
  const linked = stretched(preview, { black: 0, strength: 50, isLinked: true });
  assert.ok(linked[4] > linked[5] && linked[5] > linked[6]);
  const unlinked = stretched(preview, { black: 0, strength: 50, isLinked: false });
  assert.deepEqual([...unlinked.subarray(4, 7)], [255, 255, 255]);
});

test("zooming keeps the place under the pointer, and no gap opens at an edge", () => {
  const view = new View({ width: 600, height: 900 }, { width: 600, height: 900 });
  view.zoom(4, 150, 300);
  assert.deepEqual([(150 - view.x) / view.scale, (300 - view.y) / view.scale], [150, 300]);
  view.move(5000, -5000);
  assert.deepEqual([view.x, view.y], [0, 900 - 3600]);
  view.zoom(0.01);
  assert.deepEqual([view.scale, view.x, view.y], [1, 0, 0]);
  view.zoom(1e9);
  assert.equal(view.scale, View.MOST);
});

test("a picture that is lower than its frame stands in the middle; a new size keeps the middle", () => {
  const view = new View({ width: 600, height: 300 }, { width: 600, height: 500 });
  view.move(0, 3);
  assert.equal(view.y, 100);
  view.zoom(4);
  const middle = (300 - view.x) / view.scale / 600;
  view.resize({ width: 300, height: 150 }, { width: 300, height: 250 });
  assert.ok(Math.abs((150 - view.x) / view.scale / 300 - middle) < 1e-9);
});

test("stars are sorted by number, those without a value last", () => {
  const stars = [{ id: 1, mag_g: 12.5 }, { id: 2, mag_g: null }, { id: 3, mag_g: 9.1 }, { id: 4, mag_g: 12.5 }];
  const ids = (isFalling) => sorted(stars, "mag_g", isFalling).map((star) => star.id);
  assert.deepEqual(ids(false), [3, 1, 4, 2]);
  assert.deepEqual(ids(true), [1, 4, 3, 2]);
});

test("brighter stars have larger marks, and flags say which are doubtful", () => {
  assert.ok(radiusOf({ mag_g: 8 }, 14) > radiusOf({ mag_g: 12 }, 14));
  assert.equal(radiusOf({ mag_g: null }, 14), radiusOf({ mag_g: 14 }, 14));
  assert.equal(faintestOf([{ mag_g: null }]), null);
  assert.deepEqual([isDoubtful({ flags: 2 }), isDoubtful({ flags: 256 })], [true, false]);
});

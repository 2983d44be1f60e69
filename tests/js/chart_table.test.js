import assert from "node:assert/strict";
import { test } from "node:test";

import { columns, rowsOf, stacked, steps, written } from "../../php_api/public/assets/js/admin/chart_table.js";
import { Texts } from "../../php_api/public/assets/js/texts.js";

/** A table of the page with those values in its cells, "" for unknown. */
const table = (...rows) => ({
  tBodies: [{
    rows: rows.map(([at, ...values]) => ({
      dataset: { at: String(at) },
      cells: [{ dataset: {} }, ...values.map((value) => ({ dataset: { value } }))],
    })),
  }],
});

test("a table becomes a column of times and one of each series", () => {
  const rows = rowsOf(table([3600, "1", ""], [7200, "0", "2.5"]));
  assert.deepEqual(columns(rows), [[3600, 7200], [1, 0], [null, 2.5]]);
  assert.deepEqual(columns([]), [[]]);
});

test("series stand upon each other", () => {
  assert.deepEqual(stacked([[1, 2], [null, 3], [4, 0]]), [[1, 2], [1, 5], [5, 5]]);
  assert.deepEqual(stacked([]), []);
});

test("numbers are written in their unit and language", () => {
  const english = new Texts({}, "en");
  const german = new Texts({ bytes: "Byte" }, "de");
  assert.equal(written(0, "bytes", german), "0 Byte");
  assert.equal(written(1234.5, "count", german), "1\u202F234,5");
  assert.equal(written(30, "seconds", english), "30 s");
  assert.equal(written(90, "seconds", english), "1.5 min");
  assert.equal(written(7200, "seconds", english), "2 h");
  assert.equal(written(2.5e9, "bytes", english), "2.5 GB");
  assert.equal(written(0, "bytes", english), "0 bytes");
});

test("marks of an axis are whole jobs and whole minutes", () => {
  assert.ok(steps("count").every((step, at, all) => Number.isInteger(step) && (at === 0 || step > all[at - 1])));
  assert.ok(steps("seconds").includes(3600));
  assert.equal(steps("bytes"), undefined);
});

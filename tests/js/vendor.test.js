import assert from "node:assert/strict";
import { test } from "node:test";

import { geoAitoff } from "../../php_api/public/assets/vendor/d3-geo-projection-4.0.0.js";
import uPlot from "../../php_api/public/assets/vendor/uplot-1.6.32.js";

test("Aitoff's oval is twice as wide as high, its centre in the middle", () => {
  const project = geoAitoff().scale(1).translate([0, 0]).precision(0);
  const [east] = project([179.9999999, 0]);
  const [, north] = project([0, 90]);
  assert.deepEqual(project([0, 0]).map((value) => Math.abs(value)), [0, 0]);
  assert.ok(Math.abs(east / -north - 2) < 1e-6);
});

test("uPlot is there", () => {
  assert.equal(typeof uPlot, "function");
});

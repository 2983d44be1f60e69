import assert from "node:assert/strict";
import { test } from "node:test";

import { INTERVAL_MS, LONGEST_MS, LivePart } from "../../php_api/public/assets/js/nights/live.js";

/** A page with a part; opening and focus are set by the tests. */
function page(text, isLive = true) {
  const shown = { hidden: false, activeElement: null, open: false, part: null };
  const part = (words, live) => ({
    words,
    hasAttribute: (name) => name === "data-live" && live,
    querySelector: () => (shown.open ? {} : null),
    contains: (element) => element === "button",
    replaceWith: (fresh) => { shown.part = part(fresh.words, fresh.live); },
  });
  shown.part = part(text, isLive);
  shown.getElementById = (id) => (id === "live" ? shown.part : null);
  return shown;
}

const parse = (html) => ({ getElementById: () => (html === "" ? null : JSON.parse(html)) });
const answer = (words, live) => JSON.stringify({ words, live });

test("the part is replaced until nothing in it changes any more", async () => {
  const shown = page("0 %");
  const answers = [answer("Stacking 40 %", true), answer("done", false)];
  const part = new LivePart(shown, async () => answers.shift(), parse);

  assert.equal(await part.refresh("x"), INTERVAL_MS);
  assert.equal(shown.part.words, "Stacking 40 %");
  assert.equal(await part.refresh("x"), null);
  assert.equal(shown.part.words, "done");
  assert.equal(await part.refresh("x"), null);
});

test("nothing is asked or replaced while somebody uses it or nobody looks", async () => {
  const shown = page("old");
  const part = new LivePart(shown, () => assert.fail("it was asked"), parse);
  for (const [field, value] of [["hidden", true], ["open", true], ["activeElement", "button"]]) {
    const before = shown[field];
    shown[field] = value;
    assert.equal(await part.refresh("x"), INTERVAL_MS);
    shown[field] = before;
  }
  const late = new LivePart(shown, async () => { shown.open = true; return answer("new", true); }, parse);
  await late.refresh("x");
  assert.equal(shown.part.words, "old");
});

test("a site that is away is asked less often, and as before when it is back", async () => {
  let isAway = true;
  const part = new LivePart(page("old"), async () => { if (isAway) throw new Error("away"); return answer("new", true); }, parse);
  assert.equal(await part.refresh("x"), 2 * INTERVAL_MS);
  for (let i = 0; i < 9; i++) await part.refresh("x");
  assert.equal(await part.refresh("x"), LONGEST_MS);
  isAway = false;
  assert.equal(await part.refresh("x"), INTERVAL_MS);
});

test("a login page in the place of the answer changes nothing", async () => {
  const shown = page("old");
  assert.equal(await new LivePart(shown, async () => null, parse).refresh("x"), INTERVAL_MS);
  assert.equal(shown.part.words, "old");
});

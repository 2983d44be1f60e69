import assert from "node:assert/strict";
import { test } from "node:test";

import { Texts } from "../../php_api/public/assets/js/texts.js";

const german = new Texts({ "{n} sub": "{n} Sub", "{n} subs": "{n} Subs", Pause: "Pause machen" }, "de");

test("a sentence is said in the reader's language, else in English", () => {
  assert.equal(german.say("Pause"), "Pause machen");
  assert.equal(german.say("Cancel"), "Cancel");
  assert.equal(german.say("toString"), "toString");
});

test("values are put in as they are, unknown places stay", () => {
  const english = new Texts({}, "en");
  assert.equal(english.say("{name} of {total}, {other}", { name: "$& <b>", total: 3 }), "$& <b> of 3, {other}");
});

test("the sentence fits the number, which is written as the language does", () => {
  assert.equal(german.count(1, "{n} sub", "{n} subs"), "1 Sub");
  assert.equal(german.count(1234, "{n} sub", "{n} subs"), "1\u202F234 Subs");
  assert.equal(german.number(12.345, 1), "12,3");
  assert.equal(german.plain(12.5, 2), "12,5");
  assert.equal(new Texts({}, "en").number(1234.5, 1), "1,234.5");
});

test("they are read from the page, which need not have any", () => {
  const page = (printed) => ({ getElementById: () => printed, documentElement: { lang: "de" } });
  assert.equal(Texts.of(page({ textContent: '{"Pause":"Halt"}' })).say("Pause"), "Halt");
  assert.equal(Texts.of(page(null)).say("Pause"), "Pause");
});

import assert from "node:assert/strict";
import { test } from "node:test";

import { codeIn, takeCode } from "../../php_api/public/assets/js/mailed_code.js";

const CODE = "K7QX-0M2D-9ABC-DEFG-HJKM-NPQR-ST";

function page(withField = true) {
    const field = { value: "" };
    const next = { focused: false, focus() { this.focused = true; } };
    const found = { "[data-mailed-code]": withField ? field : null, "[data-after-code]": next };
    return { field, next, querySelector: (selector) => found[selector] };
}

test("a code is taken from behind the #", () => {
    assert.equal(codeIn(`#${CODE}`), CODE);
    assert.equal(codeIn(`#${CODE.toLowerCase()}`), CODE.toLowerCase());
    for (const other of ["", "#", "#reset", "#<script>", `#${CODE}<b>`, `#${"A".repeat(61)}`]) {
        assert.equal(codeIn(other), "", other);
    }
});

test("the code goes into the form and leaves the address", () => {
    const shown = page();
    const past = [];
    const place = { hash: `#${CODE}`, pathname: "/reset.php", search: "" };

    assert.ok(takeCode(shown, place, { replaceState: (...state) => past.push(state) }));

    assert.equal(shown.field.value, CODE);
    assert.ok(shown.next.focused);
    assert.deepEqual(past, [[null, "", "/reset.php"]]);
});

test("nothing changes without a code or a field", () => {
    const untouched = { replaceState: () => assert.fail("the address changed") };
    assert.ok(!takeCode(page(), { hash: "#x", pathname: "/", search: "" }, untouched));
    assert.ok(!takeCode(page(false), { hash: `#${CODE}`, pathname: "/", search: "" }, untouched));
});

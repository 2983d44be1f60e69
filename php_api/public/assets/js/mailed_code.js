// Puts the code of a link from a mail into the form. It stands behind the #, which no server sees, and leaves the
// address bar, the history and whatever is bookmarked.

/** The code in a fragment such as #K7QX-0M2D; empty for anything else. */
export function codeIn(fragment) {
    const code = decodeURIComponent(fragment.replace(/^#/, ""));
    return /^[0-9A-Za-z-]{20,60}$/.test(code) ? code : "";
}

/** Fills in the field of a page, and returns whether there was a code. */
export function takeCode(page, place, past) {
    const field = page.querySelector("[data-mailed-code]");
    const code = codeIn(place.hash);
    if (!field || code === "") {
        return false;
    }
    field.value = code;
    past.replaceState(null, "", place.pathname + place.search);
    const next = page.querySelector("[data-after-code]");
    if (next) {
        next.focus();
    }
    return true;
}

if (typeof document !== "undefined") {
    takeCode(document, location, history);
    addEventListener("hashchange", () => takeCode(document, location, history));
}

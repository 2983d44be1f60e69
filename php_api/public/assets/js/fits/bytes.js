// Texts of headers are strings with one character for each byte. JavaScript's own functions take some bytes above 127
// for blanks or letters; these do not, as on the site.

/** Without the blanks and control characters at both ends. */
export function trim(text) {
    return text.replace(/^[ \n\r\t\v\0]+/, '').replace(/[ \n\r\t\v\0]+$/, '');
}

export function lower(text) {
    return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export function upper(text) {
    return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** The bytes of a buffer as a string. */
export function asText(buffer) {
    const bytes = new Uint8Array(buffer);
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) {
        text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    }
    return text;
}

/** A text of a header as people read it: UTF-8, printable, of at most 64 characters. */
export function readable(text) {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const decoded = new TextDecoder().decode(bytes).replaceAll('\ufffd', '?');
    // eslint-disable-next-line no-control-regex
    return [...decoded.replace(/[\x00-\x1f\x7f]/g, ' ')].slice(0, 64).join('');
}

// The keyword cards of one FITS header, read value by value, by the rules of the site (src/Fits/HeaderCards.php).
// A card that is malformed reads as missing. When a keyword occurs twice, the first card counts.

import { trim } from './bytes.js';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[EDed][+-]?\d+)?$/;
const SEXAGESIMAL = /^([+-]?)(\d+)[:hd \t\n\v\f\r]+(\d+)(?:[:m' \t\n\v\f\r]+(\d+(?:\.\d*)?)[s"]?)?[ \t\n\v\f\r]*([NSEW]?)$/;

export class HeaderCards {
    #fields = new Map();

    /** @param {string} card 80 characters */
    add(card) {
        if (card.slice(8, 10) !== '= ') return; // COMMENT, HISTORY, blank: nothing to look up
        const keyword = card.slice(0, 8).replace(/[ \n\r\t\v\0]+$/, '');
        if (!this.#fields.has(keyword)) this.#fields.set(keyword, card.slice(10));
    }

    has(keyword) {
        return this.#fields.has(keyword);
    }

    /** A quoted string without its padding, or null when absent, not quoted or empty. */
    text(keyword) {
        const match = /^ *'((?:[^']|'')*)'/.exec(this.#field(keyword));
        const text = match === null ? '' : trim(match[1].replaceAll("''", "'"));
        return text === '' ? null : text;
    }

    /** A finite number, or null. */
    number(keyword) {
        return parseNumber(this.#bare(keyword));
    }

    integer(keyword) {
        const text = this.#bare(keyword);
        return /^[+-]?\d{1,18}$/.test(text) ? Number(text) : null;
    }

    logical(keyword) {
        const text = this.#bare(keyword);
        return text === 'T' ? true : text === 'F' ? false : null;
    }

    /** An angle in degrees, or null; degreesPerUnit is 15 where the first sexagesimal field counts hours, else 1. */
    angle(keyword, degreesPerUnit) {
        const text = this.text(keyword);
        if (text === null) return this.number(keyword);
        return parseNumber(text) ?? parseSexagesimal(text, degreesPerUnit);
    }

    /** The comment behind a value, empty if there is none. */
    comment(keyword) {
        const match = /^(?: *'(?:[^']|'')*'|[^/]*) *\/([^]*)$/.exec(this.#field(keyword));
        return trim(match?.[1] ?? '');
    }

    /** A finite number, quoted or not, or null. */
    writtenNumber(keyword) {
        const text = this.text(keyword);
        return text === null ? this.number(keyword) : parseNumber(text);
    }

    /** Whether the card has a value that number() cannot read. */
    isNoNumber(keyword) {
        return this.#bare(keyword) !== '' && this.number(keyword) === null;
    }

    #field(keyword) {
        return this.#fields.get(keyword) ?? '';
    }

    #bare(keyword) {
        return trim(this.#field(keyword).split('/', 1)[0]);
    }
}

function parseNumber(text) {
    if (!NUMBER.test(text)) return null;
    const value = Number(text.replace(/[Dd]/, 'E'));
    return Number.isFinite(value) ? value : null;
}

function parseSexagesimal(text, degreesPerUnit) {
    const match = SEXAGESIMAL.exec(text);
    if (match === null) return null;
    const [minutes, seconds] = [Number(match[3]), Number(match[4] ?? 0)];
    if (minutes >= 60 || seconds >= 60) return null;
    const value = (Number(match[2]) + minutes / 60 + seconds / 3600) * degreesPerUnit;
    return match[1] === '-' || match[5] === 'S' || match[5] === 'W' ? -value : value;
}

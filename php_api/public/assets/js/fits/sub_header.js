// Reads the header of a chosen file, and nothing but the header, by the rules of the site (src/Fits/HeaderReader.php and
// SubFrame.php): what the site would refuse is refused here, before a byte is sent.

import { asText, readable } from './bytes.js';
import { CardFacts } from './card_facts.js';
import { HeaderCards } from './header_cards.js';
import { compressed, imageShape, requireBytes } from './image_shape.js';
import { headerClock, parseTime, startText } from './observation_time.js';
import { FrameRefused } from './refused.js';
import { equinox, pointing } from './sky_position.js';

const BLOCK = 2880;
const CARD = 80;
const MAX_BLOCKS = 36;
/** Blocks read at once: the headers of telescopes have one or two. */
const FIRST_BLOCKS = 2;

const START = `SIMPLE  =${' '.repeat(20)}T`;
const FOREIGN = [
    ['\x1f\x8b', 'This is not a FITS file but a gzip archive; unpack it and upload the .fit file inside.'],
    ['PK\x03\x04', 'This is not a FITS file but a zip archive; unpack it and upload the .fit files inside.'],
    ['BZh', 'This is not a FITS file but a bzip2 archive; unpack it and upload the .fit file inside.'],
    ['\xfd7zXZ', 'This is not a FITS file but an xz archive; unpack it and upload the .fit file inside.'],
    ['7z\xbc\xaf', 'This is not a FITS file but a 7-Zip archive; unpack it and upload the .fit files inside.'],
    ['\x89PNG', 'This is not a FITS file but a PNG picture; upload the raw .fit sub instead.'],
    ['\xff\xd8\xff', 'This is not a FITS file but a JPEG picture; upload the raw .fit sub instead.'],
    ['II*\x00', 'This is not a FITS file but a TIFF picture; upload the raw .fit sub instead.'],
    ['MM\x00*', 'This is not a FITS file but a TIFF picture; upload the raw .fit sub instead.'],
    ['XISF', 'This is not a FITS file but an XISF file; upload the raw .fit sub instead.'],
];
const WEB_PAGE = /^[ \t\n\v\f\r]*<(!doctype|html|head|body|\?xml)/i;

/**
 * @param {Blob} file
 * @param {object} table `cards` of the site's rules
 * @returns {Promise<object>} the facts that decide the chunk of the sub
 * @throws {FrameRefused} when the site would refuse it
 */
export async function readSub(file, table) {
    const reader = new HeaderReader(file);
    const cards = await reader.primary();
    const dataStart = reader.at;
    if (cards.integer('NAXIS') === 0) await refuseCompressed(reader);
    const shape = imageShape(cards, table.sizes);
    requireBytes(shape, file.size - dataStart, BLOCK);
    return facts(cards, new CardFacts(table), shape);
}

function facts(cards, known, shape) {
    const { table } = known;
    const exposure = requireLight(cards, known);
    const date = startText(cards, table.facts.time_of_day);
    if (date === null) {
        throw new FrameRefused(
            'no_date_obs',
            'The header has no DATE-OBS, so it is not known when the sub was taken.'
            + ' Upload the raw files as the telescope wrote them.',
        );
    }
    const clock = headerClock(cards, known);
    const system = clock.startsWith('local') ? 'UTC' : cards.text('TIMESYS') ?? 'UTC';
    const begun = parseTime(date, system, clock.endsWith('end') ? exposure : 0, table.ahead_of_utc_s);
    const text = (keyword) => {
        const value = cards.text(keyword);
        return value === null ? null : readable(value);
    };
    return {
        begun,
        clock,
        exposure,
        position: pointing(cards, table.facts.pointing),
        equinox: equinox(cards, begun),
        object: text('OBJECT'),
        filter: text('FILTER'),
        telescope: text('TELESCOP'),
        instrument: text('INSTRUME'),
        ...shape,
        bayerPattern: known.pattern(cards),
        eqMode: eqMode(cards),
        isWide: known.isWide(cards),
    };
}

function requireLight(cards, known) {
    const kind = known.otherKind(cards);
    if (kind !== null) {
        throw new FrameRefused('not_a_raw_sub', 'This is no light frame: {card} is “{kind}”. Upload the light frames only.', kind);
    }
    const exposure = known.exposure(cards);
    if (exposure === null) {
        throw new FrameRefused(
            'bad_header',
            'The header has no {cards} above 0, so it is not known how long the sub was exposed.',
            { cards: known.exposureCards() },
        );
    }
    const combined = known.combined(cards, exposure);
    if (combined !== null) {
        throw new FrameRefused(
            'not_a_raw_sub',
            'This is no raw sub but a finished stack ({combined}). Upload the raw subs it was made of.',
            { combined },
        );
    }
    return exposure;
}

/** 1 for an equatorial mount, 0 for alt-az; null where it is not known. */
function eqMode(cards) {
    const mode = cards.logical('EQMODE') ?? cards.number('EQMODE');
    return mode === true || mode === 1 ? 1 : mode === false || mode === 0 ? 0 : null;
}

/** A file compressed by fpack has an empty primary part; it gets a better message than other files without an image. */
async function refuseCompressed(reader) {
    if (!(await reader.peek()).startsWith('XTENSION')) return;
    if ((await reader.cards()).logical('ZIMAGE') === true) throw compressed();
}

/** The blocks of a file from its start, read as they are needed. */
class HeaderReader {
    #text = '';

    constructor(file) {
        this.file = file;
        /** bytes read so far as headers */
        this.at = 0;
    }

    async primary() {
        const start = await this.peek();
        if (this.file.size === 0) {
            throw new FrameRefused('truncated', 'The file is empty. Copy it from the telescope again.');
        }
        if (!start.startsWith(START)) throw foreign(start);
        return this.cards();
    }

    /** The next card, which may be cut off by the end of the file. */
    async peek() {
        return (await this.#read(this.at, BLOCK)).slice(0, CARD);
    }

    /** The cards of the header that begins here, up to END; leaves the reader at the first block after them. */
    async cards() {
        const cards = new HeaderCards();
        for (let block = 0; block < MAX_BLOCKS; block++) {
            const text = await this.#read(this.at, BLOCK);
            if (text.length < BLOCK) {
                throw new FrameRefused(
                    'truncated',
                    'The FITS header is cut off before its END card. Copy the file from the telescope again.',
                );
            }
            this.at += BLOCK;
            if (takeCards(cards, text)) return cards;
        }
        throw new FrameRefused(
            'bad_header',
            'The FITS header is longer than {blocks} blocks; no telescope writes that much.',
            { blocks: MAX_BLOCKS },
        );
    }

    async #read(at, length) {
        if (this.#text.length < at + length && this.#text.length < this.file.size) {
            const end = Math.max(at + length, FIRST_BLOCKS * BLOCK);
            this.#text += asText(await this.file.slice(this.#text.length, end).arrayBuffer());
        }
        return this.#text.slice(at, at + length);
    }
}

/** @returns {boolean} whether the header ends in this block */
function takeCards(cards, text) {
    for (let at = 0; at < BLOCK; at += CARD) {
        const card = text.slice(at, at + CARD);
        if (card.replace(/[ \n\r\t\v\0]+$/, '') === 'END') return true;
        if (/[^\x20-\x7e]/.test(card.slice(0, 10))) {
            throw new FrameRefused('bad_header', 'The FITS header has no END card: binary data starts inside it.');
        }
        cards.add(card);
    }
    return false;
}

function foreign(start) {
    const found = FOREIGN.find(([magic]) => start.startsWith(magic));
    if (found !== undefined) return new FrameRefused('not_fits', found[1]);
    if (WEB_PAGE.test(start)) {
        return new FrameRefused(
            'not_fits',
            'This is not a FITS file but a web page; the download it came from probably failed.',
        );
    }
    return new FrameRefused('not_fits', 'This is not a FITS file: it does not start with “SIMPLE  =  T”.');
}

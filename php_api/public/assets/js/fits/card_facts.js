// Which cards hold which fact, and what the words in them mean: the site's table, which comes with its rules, read as
// the site does (src/Fits/CardFacts.php).

import { lower, upper } from './bytes.js';
import { FrameRefused } from './refused.js';

const MAX_EXPOSURE_SECONDS = 86400;

export class CardFacts {
    /** @param {object} table `cards` of the site's rules */
    constructor(table) {
        this.table = table;
    }

    /** The exposure in seconds, null if unknown. */
    exposure(cards) {
        for (const keyword of this.table.facts.exposure) {
            const seconds = cards.writtenNumber(keyword);
            if (seconds !== null && seconds > 0 && seconds <= MAX_EXPOSURE_SECONDS) return seconds;
        }
        return null;
    }

    /** The cards that may have the exposure, for people to read. */
    exposureCards() {
        const names = this.table.facts.exposure;
        return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
    }

    /** What a frame is that is no light frame, as {card, kind}; null for a light frame, or one that does not say. */
    otherKind(cards) {
        for (const keyword of this.table.facts.kind) {
            const kind = cards.text(keyword);
            if (kind === null) continue;
            const isOther = has(kind, this.table.words.no_light);
            if (isOther || (keyword === 'IMAGETYP' && !has(kind, this.table.words.light))) {
                return { card: keyword, kind };
            }
        }
        return null;
    }

    /** Whether DATE-OBS of this model is the end of the exposure in local time. */
    hasLocalEndClock(cards) {
        const { cards: keywords, models } = this.table.local_end_clocks;
        const names = keywords.map((keyword) => upper(cards.text(keyword) ?? '').replace(/[^A-Z0-9]/g, ''));
        return names.some((name) => models.some((model) => name.startsWith(model)));
    }

    /** Whether it is from the wide-angle camera of a telescope that has two. */
    isWide(cards) {
        return cards.logical('WIDECAM') === true || cards.writtenNumber('WIDECAM') === 1
            || cards.text('WIDECAM') === 'T' || cards.text('CAMERA') === 'WIDE';
    }

    /** Which card says that a frame was made of several, with its value; null if none does. */
    combined(cards, exposure) {
        const images = cards.number('NIMAGES');
        if (images !== null && images !== 0) return `NIMAGES ${images}`;
        for (const keyword of this.table.facts.combined_frames) {
            const count = cards.number(keyword);
            if (count !== null && count > 1) return `${keyword} ${count}`;
        }
        const live = cards.number('LIVETIME'); // the exposure of all of them
        return live !== null && live > 1.5 * exposure ? `LIVETIME ${live} s, EXPTIME ${exposure} s` : null;
    }

    /** The Bayer pattern at the first pixel, null for a sensor without colours. */
    pattern(cards) {
        const { patterns, no_pattern: none } = this.table.words;
        let unknown = null;
        for (const keyword of this.table.facts.pattern) {
            const name = upper(cards.text(keyword) ?? '');
            if (patterns.includes(name)) return moved(name, isOdd(cards, 'XBAYROFF'), isOdd(cards, 'YBAYROFF'));
            if (name !== '' && !none.includes(name)) unknown ??= name;
        }
        if (unknown === null) return null;
        throw new FrameRefused('bad_header', 'The Bayer pattern is “{name}”; the known ones are {known}.', {
            name: unknown,
            known: patterns.join(', '),
        });
    }
}

function has(text, words) {
    const small = lower(text);
    return words.some((word) => small.includes(word));
}

function moved(pattern, across, down) {
    const [a, b, c, d] = across ? [pattern[1], pattern[0], pattern[3], pattern[2]] : pattern;
    return down ? c + d + a + b : a + b + c + d;
}

/** Whether the number in a card is odd, with its fraction cut off. */
function isOdd(cards, keyword) {
    return Math.trunc((cards.number(keyword) ?? 0) % 2) !== 0;
}

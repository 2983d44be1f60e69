// The files in a box that scrolls. Only the rows in sight are in the page, so that thousands cost no more than twenty.

import { bytes, count, plain, say } from './words.js';
import { byId, element, setText } from './dom.js';
import { COPY, HERE, READY, REFUSED } from './preflight.js';
import { FAILED, SENDING, STORED, WAITING } from './queue.js';

/** Rows beyond those in sight, above and below. */
const SPARE = 6;

/** What the choice above the list shows; the states of each. */
const VIEWS = {
    all: null,
    send: [READY, WAITING, SENDING],
    stored: [STORED],
    here: [HERE, COPY],
    refused: [REFUSED, FAILED],
};
/** What matters comes first. */
const ORDER = [REFUSED, FAILED, SENDING, WAITING, READY, COPY, STORED, HERE, null];

export class FileList {
    #entries = [];
    #shown = [];
    #view = 'all';
    #rowHeight = 0;

    constructor() {
        this.box = byId('list');
        this.rows = byId('rows');
        this.views = byId('views');
        this.box.addEventListener('scroll', () => this.#draw(), { passive: true });
        this.views.addEventListener('change', (event) => {
            this.#view = event.target.value;
            this.box.scrollTop = 0;
            this.update();
        });
        new ResizeObserver(() => this.#draw()).observe(this.box);
    }

    /** @param {object[]} entries shown from now on */
    set(entries) {
        this.#entries = entries;
        this.update();
    }

    /** Draws what has changed. */
    update() {
        const byState = new Map(ORDER.map((state) => [state, []]));
        for (const entry of this.#entries) byState.get(entry.state).push(entry);
        for (const [view, states] of Object.entries(VIEWS)) {
            const all = (states ?? ORDER).reduce((sum, state) => sum + byState.get(state).length, 0);
            setText(this.views.querySelector(`[data-count="${view}"]`), String(all));
        }
        const wanted = VIEWS[this.#view];
        this.#shown = ORDER.filter((state) => wanted === null || wanted.includes(state)).flatMap((state) => byState.get(state));
        this.#draw();
    }

    #draw() {
        this.#rowHeight ||= this.#measure();
        const height = this.#rowHeight;
        const first = Math.max(0, Math.floor(this.box.scrollTop / height) - SPARE);
        const end = Math.min(this.#shown.length, first + Math.ceil(this.box.clientHeight / height) + 2 * SPARE);
        this.rows.style.setProperty('height', `${this.#shown.length * height}px`);
        this.rows.style.setProperty('--first', `${first * height}px`);
        this.rows.replaceChildren(...this.#shown.slice(first, end).map((entry, place) => this.#row(entry, first + place)));
    }

    #row(entry, place) {
        const [mark, why] = words(entry);
        const made = element(
            'li',
            { className: entry.state ?? '', 'aria-posinset': place + 1, 'aria-setsize': this.#shown.length, title: entry.path },
            element('span', { className: 'name', text: entry.name }),
            element('span', { className: 'size', text: entry.size === null ? '' : bytes(entry.size) }),
            element('span', { className: 'mark', text: mark }),
            element('span', { className: 'why', text: why, title: why }),
        );
        return made;
    }

    #measure() {
        const probe = this.#row({ name: 'a', size: 0, path: '', state: null, reason: null, sub: null }, 0);
        this.rows.replaceChildren(probe);
        return probe.getBoundingClientRect().height || 48;
    }
}

/** The state of an entry in a word, and the reason or what it is. */
function words(entry) {
    const mark = {
        [READY]: say('to send'),
        [WAITING]: say('waits'),
        [SENDING]: `${Math.round((100 * entry.sent) / Math.max(1, entry.size))} %`,
        [STORED]: say('received'),
        [HERE]: say('already here'),
        [COPY]: say('copy'),
        [REFUSED]: say('cannot be used'),
        [FAILED]: say('refused'),
    }[entry.state] ?? say('is read');
    if (entry.reason !== null) return [mark, say(entry.reason.sentence, entry.reason.values)];
    const { sub } = entry;
    return [mark, sub === null ? '' : [sub.object, seconds(sub.exposure), sub.filter].filter(Boolean).join(' · ')];
}

export function seconds(value) {
    return `${plain(value, 2)} s`;
}

/** How many files are left where they are, because they are no FITS files, with their kinds. */
export function othersText(others) {
    const kinds = new Map();
    for (const { file } of others) {
        const kind = /\.([A-Za-z0-9]{1,8})$/.exec(file.name)?.[1].toLowerCase() ?? say('without an ending');
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    const list = [...kinds].sort((one, other) => other[1] - one[1]).slice(0, 5).map(([kind, number]) => `${number} ${kind}`);
    return count(
        others.length,
        '{n} other file is no FITS file and stays where it is ({kinds}).',
        '{n} other files are no FITS files and stay where they are ({kinds}).',
        { kinds: list.join(', ') },
    );
}

// What the pre-flight has found, before a byte is sent: chunks, what is here, what cannot be used, size, room and time.

import { bytes, count, duration, number, say } from './words.js';
import { byId, element } from './dom.js';
import { othersText, seconds } from './file_list.js';
import { chunksToSend, COPY, HERE, READY, REFUSED } from './preflight.js';

/** Reasons that are listed; more are no help. */
const MOST_REASONS = 8;

export class PlanView {
    /** @param {(telescope: string, isShared: boolean) => void} onPosition */
    constructor(onPosition) {
        this.onPosition = onPosition;
        this.section = byId('plan');
    }

    hide() {
        this.section.hidden = true;
    }

    /** Says how far the reading is. */
    reading(step, done, all) {
        this.section.hidden = false;
        byId('found').hidden = true;
        byId('reading').hidden = false;
        byId('reading-bar').max = all;
        byId('reading-bar').value = done;
        const values = { done: number(done), all: number(all) };
        byId('reading-text').textContent = step === 'headers'
            ? say('Reading the headers: {done} of {all} files', values)
            : say('Comparing with what is here: {done} of {all} files', values);
    }

    /**
     * @param {object[]} entries after the pre-flight
     * @param {object[]} others files that are no FITS files
     * @param {{rules: object, room: object, rate: number|null, isOngoing: boolean, shared: (telescope: string) => boolean}} facts
     */
    show(entries, others, facts) {
        const ready = entries.filter((entry) => entry.state === READY);
        const size = ready.reduce((sum, entry) => sum + entry.size, 0);
        // What has arrived in the same upload is stacked together with the rest.
        const chunks = chunksToSend(facts.isOngoing ? entries : ready, facts.rules);
        byId('reading').hidden = true;
        byId('found').hidden = false;
        byId('totals').replaceChildren(...this.#totals(entries, ready, size, chunks, facts));
        this.#showChunks(chunks);
        this.#showReasons(entries, others);
        this.#showTelescopes(ready, facts.shared);
        const send = byId('send');
        send.disabled = ready.length === 0;
        send.textContent = ready.length === 0 ? say('Nothing to send') : facts.isOngoing
            ? count(ready.length, 'Go on with {n} sub', 'Go on with {n} subs')
            : count(ready.length, 'Upload {n} sub', 'Upload {n} subs');
    }

    #totals(entries, ready, size, chunks, { room, rate, isOngoing }) {
        const known = entries.filter((entry) => entry.state === HERE);
        const copies = entries.filter((entry) => entry.state === COPY).length;
        const refused = entries.filter((entry) => entry.state === REFUSED).length;
        const facts = [
            [say('To send'), `${count(ready.length, '{n} sub', '{n} subs')}, ${bytes(size)}`],
            [say('They make'), count(chunks.length, '{n} chunk', '{n} chunks')],
        ];
        if (known.length > 0) {
            facts.push([isOngoing ? say('Arrived before or stacked already') : say('Already here'), count(known.length, '{n} sub, not sent again', '{n} subs, not sent again')]);
        }
        if (copies > 0) facts.push([say('Same light twice'), count(copies, '{n} copy, not sent', '{n} copies, not sent')]);
        if (refused > 0) facts.push([say('Cannot be used'), count(refused, '{n} file', '{n} files')]);
        if (room.remaining_bytes !== null) facts.push([say('Your room'), this.#room(size, room)]);
        if (ready.length > 0) {
            facts.push([say('Time'), rate === null ? say('known after the first seconds') : say('about {time}', { time: duration(size / rate) })]);
        }
        return facts.map(([name, text]) => element('div', {}, element('dt', { text: name }), element('dd', { text })));
    }

    #room(size, { remaining_bytes: left }) {
        return size <= left
            ? say('{left} left, enough', { left: bytes(left) })
            : say('{left} left, {missing} too little: the rest waits until you make room', { left: bytes(left), missing: bytes(size - left) });
    }

    #showChunks(chunks) {
        byId('chunks').hidden = chunks.length === 0;
        byId('chunk-rows').replaceChildren(...chunks.map((chunk) => {
            const [first, last] = [chunk[0], chunk.at(-1)];
            const cells = [
                [say('Object'), most(chunk.map((sub) => sub.object)) ?? say('unnamed')],
                [say('Begins'), time(first)],
                [say('Subs'), number(chunk.length)],
                [say('Exposure'), first.exposure === last.exposure ? `${chunk.length} × ${seconds(first.exposure)}` : duration(chunk.reduce((sum, sub) => sum + sub.exposure, 0))],
                [say('Filter'), first.filter ?? '–'],
                [say('Telescope'), first.telescope ?? '–'],
            ];
            return element('tr', {}, ...cells.map(([label, text]) => element('td', { 'data-label': label, text })));
        }));
    }

    #showReasons(entries, others) {
        const byReason = new Map();
        for (const entry of entries.filter(({ state }) => state === REFUSED)) {
            const reason = say(entry.reason.sentence, entry.reason.values);
            byReason.set(reason, [...(byReason.get(reason) ?? []), entry.name]);
        }
        const reasons = [...byReason].sort((one, other) => other[1].length - one[1].length).slice(0, MOST_REASONS);
        const lines = reasons.map(([reason, names]) => element(
            'li',
            { text: `${names.length === 1 ? names[0] : count(names.length, '{n} file', '{n} files')}: ${reason}` },
        ));
        if (others.length > 0) lines.push(element('li', { text: othersText(others) }));
        byId('reasons').hidden = lines.length === 0;
        byId('reasons').replaceChildren(...lines);
    }

    #showTelescopes(ready, shared) {
        const names = [...new Set(ready.map((entry) => entry.sub.telescope ?? ''))].sort();
        byId('telescopes').hidden = names.length === 0;
        byId('telescope-choices').replaceChildren(...names.map((name) => {
            const box = element('input', { type: 'checkbox' });
            box.checked = shared(name);
            box.addEventListener('change', () => this.onPosition(name, box.checked));
            return element('li', {}, element('label', {}, box, ` ${name === '' ? say('Telescope without a name') : name}`));
        }));
    }
}

/** The most frequent of some texts; null where there is none. */
function most(texts) {
    const votes = new Map();
    for (const text of texts) if (text !== null) votes.set(text, (votes.get(text) ?? 0) + 1);
    return [...votes].sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1))[0]?.[0] ?? null;
}

function time(sub) {
    const text = new Date(sub.begun.seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
    return sub.clock.startsWith('local') ? say('{time} local time', { time: text }) : `${text} UTC`;
}

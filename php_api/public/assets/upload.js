// Sends the chosen files one by one as request bodies, shows how each is doing, then ends the upload.
'use strict';

document.documentElement.classList.add('js');

const PARALLEL = 2;
const form = document.getElementById('upload');
const picker = document.getElementById('files');
const list = document.getElementById('list');
const summary = document.getElementById('summary');
const finalizeButton = document.getElementById('finalize');
const retryButton = document.getElementById('retry');
const actions = document.getElementById('actions');
const done = document.getElementById('done');
const csrfToken = form.elements.csrf_token.value;
const maxBytes = Number(form.dataset.maxBytes);

// Every entry: { file, row, bar, mark, why, state, name } with state waiting, sending, stored, left, refused or broken;
// name is what the site calls the file once it is stored.
let entries = [];
let session = null;
let isClosing = false;
// After an upload has ended only what was left out of it is in the list.
let isOver = false;

function element(tag, className, text) {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text ?? '';
    return made;
}

function megabytes(bytes) {
    return `${(bytes / 1e6).toFixed(1)} MB`;
}

function add(files) {
    for (const file of files) {
        const row = element('li', '');
        const name = element('span', 'name', file.name);
        name.append(' ', element('span', 'size', megabytes(file.size)));
        const mark = element('span', 'mark');
        const why = element('span', 'why');
        const bar = document.createElement('progress');
        bar.max = 1;
        bar.value = 0;
        bar.setAttribute('aria-label', `Progress of ${file.name}`);
        mark.append(bar);
        row.append(name, mark, why);
        list.append(row);
        const entry = { file, row, bar, mark, why, state: 'waiting' };
        entries.push(entry);
        if (!/\.fits?$/i.test(file.name)) {
            settle(entry, 'refused', 'Only files named .fit or .fits can be uploaded.');
        } else if (file.size > maxBytes) {
            settle(entry, 'refused', `The file is larger than ${megabytes(maxBytes)}.`);
        }
    }
    done.hidden = true;
    isOver = false;
    document.getElementById('queue').hidden = entries.length === 0;
    pump();
}

function settle(entry, state, text) {
    const marks = { stored: 'received', left: 'left out', refused: 'refused', broken: 'not sent' };
    entry.state = state;
    entry.mark.textContent = marks[state];
    entry.why.textContent = text;
    entry.row.className = { stored: 'stored', left: 'left' }[state] ?? 'failed';
}

function count(...states) {
    return entries.filter((entry) => states.includes(entry.state)).length;
}

function show() {
    const parts = [`${count('stored')} of ${entries.length} received`];
    if (count('left') > 0) parts.push(`${count('left')} left out`);
    if (count('refused') > 0) parts.push(`${count('refused')} refused`);
    if (count('broken') > 0) parts.push(`${count('broken')} not sent`);
    const leftOut = entries.length === 1 ? '1 file was' : `${entries.length} files were`;
    summary.textContent = isOver ? `${leftOut} left out:` : `${parts.join(', ')}.`;
    const isIdle = count('waiting', 'sending') === 0 && !isClosing;
    finalizeButton.disabled = !isIdle || count('stored') === 0;
    finalizeButton.hidden = isOver;
    retryButton.hidden = count('broken') === 0 || !isIdle;
    actions.hidden = finalizeButton.hidden && retryButton.hidden;
}

function pump() {
    while (count('sending') < PARALLEL) {
        const entry = entries.find((candidate) => candidate.state === 'waiting');
        if (entry === undefined) break;
        entry.state = 'sending';
        send(entry).then(pump);
    }
    show();
}

// The promise of a session, asked for once, with the first file.
function openSession() {
    session ??= post('upload.php?action=start', { action: 'start', csrf_token: csrfToken })
        .then((answer) => answer.session_token)
        .catch((error) => {
            session = null;
            throw error;
        });
    return session;
}

// Users without a limit have no place for it on their page.
function showRemaining(bytes) {
    const place = document.getElementById('remaining');
    if (place !== null && bytes !== null) place.textContent = megabytes(bytes);
}

// From its first file on, the page speaks of the zones of this upload, no longer of all that the user has uploaded.
function showZoneNotice(isMissing) {
    document.getElementById('zoneless')?.remove();
    if (isMissing) document.getElementById('zone').hidden = false;
}

async function send(entry) {
    try {
        const answer = await put(await openSession(), entry);
        const text = [answer.object, answer.chunk_key].filter(Boolean).join(' · ');
        entry.name = answer.filename;
        showRemaining(answer.remaining_bytes);
        showZoneNotice(answer.needs_time_zone === true);
        settle(entry, 'stored', answer.duplicate ? 'This very sub is in this upload already; it counts once.' : text);
    } catch (error) {
        settle(entry, error.isRefusal ? 'refused' : 'broken', error.message);
    }
}

function put(token, entry) {
    const query = new URLSearchParams({ action: 'file', session_token: token });
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.upload.addEventListener('progress', (event) => {
            entry.bar.value = event.lengthComputable ? event.loaded / event.total : 0;
        });
        request.addEventListener('load', () => {
            try {
                resolve(read(request.status, request.responseText));
            } catch (error) {
                reject(error);
            }
        });
        request.addEventListener('error', () => reject(new Error('The connection was lost. Send it again.')));
        request.open('PUT', `upload.php?${query}`);
        // In the address it would be in the web server's log, and it tells local time.
        request.setRequestHeader('X-Filename', encodeURIComponent(entry.file.name));
        request.send(entry.file);
    });
}

async function post(address, fields) {
    let response;
    try {
        response = await fetch(address, { method: 'POST', body: new URLSearchParams(fields), headers: { Accept: 'application/json' } });
    } catch {
        throw new Error('The server cannot be reached. Check your connection and try again.');
    }
    return read(response.status, await response.text());
}

// The JSON of an answer; its sentence as an error when the server said no.
function read(status, text) {
    let answer = null;
    try {
        answer = JSON.parse(text);
    } catch {
        // A front server may answer with a page of its own.
    }
    if (answer !== null && status >= 200 && status < 300) return answer;
    const reason = status === 413 ? 'The file is too large for this server.' : `The server answered with an error (${status}).`;
    const error = new Error(answer?.error ?? reason);
    // What another try cannot change; a lost login, a busy server or a full disk can.
    error.isRefusal = status >= 400 && status < 500 && ![401, 403, 404, 408, 429].includes(status);
    throw error;
}

// What became of an upload, in sentences.
function outcome(answer) {
    const phrase = (number, one, many) => `${number} ${number === 1 ? one : many}`;
    const queued = answer.queued_ids.length;
    const parts = [queued === 0 ? 'Nothing new is queued.' : `${phrase(queued, 'chunk is', 'chunks are')} queued.`];
    if (answer.skipped.length > 0) parts.push(`${answer.skipped.length} skipped, because stacked before.`);
    if (answer.left_out.length > 0) {
        parts.push(`${phrase(answer.left_out.length, 'sub is', 'subs are')} left out, because light counts once.`);
    }
    return `${parts.join(' ')} `;
}

// What was not taken stays in sight with its reason.
function keepLeftOut(leftOut) {
    const reasons = new Map(leftOut.map((sub) => [sub.filename, sub.reason]));
    for (const entry of entries.filter((candidate) => candidate.state === 'stored')) {
        if (reasons.has(entry.name)) settle(entry, 'left', reasons.get(entry.name));
        else entry.row.remove();
    }
    entries = entries.filter((entry) => entry.state !== 'stored');
}

async function finalize() {
    isClosing = true;
    show();
    try {
        const token = await session;
        const answer = await post('finalize.php', { session_token: token, csrf_token: csrfToken });
        done.textContent = outcome(answer);
        const link = element('a', '', 'See how it goes');
        link.href = `status.php?session=${token}`;
        done.append(link);
        done.hidden = false;
        keepLeftOut(answer.left_out);
        if (answer.queued_ids.length === 0) document.getElementById('zone').hidden = true;
        session = null;
        isOver = true;
        document.getElementById('queue').hidden = entries.length === 0;
    } catch (error) {
        done.textContent = error.message;
        done.hidden = false;
    }
    isClosing = false;
    show();
}

function retry() {
    done.hidden = true;
    isOver = false;
    for (const entry of entries.filter((candidate) => candidate.state === 'broken')) {
        entry.state = 'waiting';
        entry.row.className = '';
        entry.why.textContent = '';
        entry.bar.value = 0;
        entry.mark.textContent = '';
        entry.mark.append(entry.bar);
    }
    pump();
}

picker.addEventListener('change', () => {
    add(picker.files);
    picker.value = '';
});
form.addEventListener('submit', (event) => event.preventDefault());
for (const type of ['dragenter', 'dragover']) {
    form.addEventListener(type, (event) => {
        event.preventDefault();
        form.classList.add('over');
    });
}
for (const type of ['dragleave', 'drop']) {
    form.addEventListener(type, () => form.classList.remove('over'));
}
form.addEventListener('drop', (event) => {
    event.preventDefault();
    add(event.dataTransfer.files);
});
finalizeButton.addEventListener('click', finalize);
retryButton.addEventListener('click', retry);
window.addEventListener('beforeunload', (event) => {
    if (count('waiting', 'sending') > 0) event.preventDefault();
});

// The upload page: files are chosen, looked at, sent, and submitted for stacking.

import { additions, KEPT } from './additions.js';
import { ask } from './ask.js';
import { bytes, count, say } from './words.js';
import { Calls, LINE, LOGIN } from './calls.js';
import { byId, throttled } from './dom.js';
import { fromDrop, fromField, fromHandles, parted } from './dropped.js';
import { FileList } from './file_list.js';
import { Hashing } from './hashing.js';
import { canPick, pickFiles, pickFolder } from './pickers.js';
import { PlanView } from './plan_view.js';
import { arrivedIn, COPY, entriesOf, examine, HERE, READY, uploadOfMost } from './preflight.js';
import { SENDING, STORED, UploadQueue, WAITING } from './queue.js';
import { outcome, QueueView, showDone } from './queue_view.js';
import { takeForThisTab } from './one_tab.js';
import { handlesOf, recall, remember } from './remembered_folders.js';
import { Backoff } from './backoff.js';

const DRAW_MS = 250;
const LOGIN_MS = 4000;
/** Where the speed of the last upload is kept, for the time that the next one will take. */
const RATE = 'upload-bytes-per-second';

const form = byId('upload');
const calls = new Calls(form.elements.csrf_token.value);
const hashing = new Hashing();
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const list = new FileList();
const plan = new PlanView(savePosition);
const draw = throttled(show, DRAW_MS);
// The clock of the computer may be set meanwhile.
const now = () => performance.now();
const queue = new UploadQueue(calls, hashing, { now, sleep, random: Math.random, onChange: draw });
const ready = () => entries.filter((entry) => entry.state === READY);
const queueView = new QueueView(queue, now, () => (queue.session === null ? [] : ready()));

/** Light_9 before Light_10 */
const inOrder = new Intl.Collator('en', { numeric: true });

/** all that is in the list */
let entries = [];
/** files of the last choice that are no FITS files */
let others = [];
/** what calls.rules() said last */
let site = null;
/** the upload that the user wants to go on with */
let wanted = null;
let handles = [];
let choices = Promise.resolve();

document.documentElement.classList.add('js');

/** Repeats a question while the line or the login is away. */
async function persist(work) {
    const backoff = new Backoff();
    for (;;) {
        try {
            return await work();
        } catch (error) {
            if (error.kind !== LINE && error.kind !== LOGIN) throw error;
            sayHeldUp(error.kind);
            await sleep(error.kind === LOGIN ? LOGIN_MS : backoff.next(error.retryAfter));
        }
    }
}

function sayHeldUp(kind) {
    byId('reading-text').textContent = kind === LOGIN
        ? say('You are not logged in any more. It goes on by itself once you have logged in.')
        : say('The connection to the site is lost. It goes on by itself as soon as it is back.');
}

/** One choice after the other: two drops at once are looked at in turn. */
function choose(finding, found = []) {
    byId('done').hidden = true;
    choices = choices.then(() => take(finding, found)).catch(report);
}

async function take(finding, found) {
    plan.reading('headers', 0, 0);
    const files = await finding;
    const { fits, others: rest } = parted(files);
    others = rest;
    fits.sort((one, other) => inOrder.compare(one.path, other.path));
    const { kept, added } = await additions(entries, entriesOf(fits), () => sleep(0));
    const isKept = new Set(kept);
    queue.entries = queue.entries.filter((entry) => isKept.has(entry));
    entries = [...kept, ...added];
    list.set(entries);
    showWhetherAny();
    site = await persist(() => calls.rules());
    const drawing = throttled(() => list.update(), DRAW_MS);
    const earlier = kept.filter(({ state }) => KEPT.includes(state));
    await persist(() => examine(added, earlier, { rules: site.rules, calls, hashing }, (...step) => {
        plan.reading(...step);
        drawing();
    }));
    handles = [...handles, ...(await found)];
    goOnWithOpenUpload(added);
    showPlan();
    draw();
}

/** With files in the list, the place to drop more gets smaller. */
function showWhetherAny() {
    byId('files-found').hidden = entries.length === 0;
    form.classList.toggle('compact', entries.length > 0);
}

/** What arrived in an upload that is not stacked yet makes the rest go into the same one. */
function goOnWithOpenUpload(added) {
    const session = queue.session ?? wanted ?? uploadOfMost(added);
    if (session === null) return;
    queue.session = session;
    queue.entries.push(...arrivedIn(added, session, STORED));
    byId(`upload-${session}`)?.remove();
}

function showPlan() {
    const rate = Number(localStorage.getItem(RATE)) || null;
    plan.show(entries, others, {
        rules: site.rules,
        room: site,
        rate: queue.speed.rate() ?? rate,
        isOngoing: queue.session !== null,
        shared: (telescope) => site.positions[telescope] ?? site.shares_position,
    });
}

async function send() {
    const session = queue.session ?? wanted;
    if (session !== null && !(await takeForThisTab(session))) throw new Error(say('Another tab of this browser is sending this upload. Close that tab, or go on there.'));
    plan.hide();
    queue.add(ready(), wanted);
    wanted = null;
    if (queue.session !== null) byId(`upload-${queue.session}`)?.remove();
    await queue.run();
}

let hasRemembered = null;

function show() {
    queueView.update();
    list.update();
    if (queue.remaining !== null && byId('remaining') !== null) byId('remaining').textContent = bytes(queue.remaining);
    // From its first file on, the page speaks of the zones of this upload, no longer of all that the user has uploaded.
    if (queue.session !== null) byId('zoneless')?.remove();
    if (queue.session !== null) takeForThisTab(queue.session);
    if (queue.needsTimeZone) byId('zone').hidden = false;
    const rate = queue.speed.rate();
    if (rate !== null) localStorage.setItem(RATE, String(Math.round(rate)));
    if (queue.session !== null && handles.length > 0 && hasRemembered !== queue.session) {
        hasRemembered = queue.session;
        remember(queue.session, handles);
    }
}

async function finalize() {
    const missing = queue.count(WAITING, SENDING) + ready().length;
    const stored = queue.count(STORED);
    if (missing > 0) {
        const question = count(
            missing,
            '{n} sub is still missing. Stack the {stored} that arrived now? What is missing then makes a stack of its own.',
            '{n} subs are still missing. Stack the {stored} that arrived now? What is missing then makes stacks of its own.',
            { stored },
        );
        if (!(await ask(question, say('Stack what has arrived')))) return;
    }
    queue.pause();
    byId('finalize').disabled = true;
    try {
        const session = queue.session;
        const answer = await persist(() => calls.finalize(session));
        showDone(outcome(answer), `status.php?session=${session}`, answer.queued_ids.length > 0 ? say('Watch them being stacked') : say('See this upload'));
        keepLeftOut(answer.left_out);
        if (answer.queued_ids.length === 0) byId('zone').hidden = true;
    } finally {
        byId('finalize').disabled = false;
    }
}

/** What was not taken stays in sight with its reason. */
function keepLeftOut(leftOut) {
    const reasons = new Map(leftOut.map((sub) => [sub.filename, sub.reason]));
    for (const entry of entries.filter(({ state, storedName }) => state === STORED && reasons.has(storedName))) {
        Object.assign(entry, { state: COPY, reason: { sentence: reasons.get(entry.storedName), values: {} } });
    }
    entries = entries.filter((entry) => ![STORED, HERE].includes(entry.state));
    clear(entries);
}

async function discard() {
    const stored = queue.count(STORED);
    const question = count(
        stored,
        'Discard this upload? {n} sub that has arrived is deleted from the site; the files on your side stay.',
        'Discard this upload? {n} subs that have arrived are deleted from the site; the files on your side stay.',
    );
    if (!(await ask(question, say('Discard this upload')))) return;
    queue.pause();
    const answer = await persist(() => calls.discard(queue.session));
    if (answer.remaining_bytes !== null) queue.remaining = answer.remaining_bytes;
    queue.entries = [];
    clear([]);
}

function clear(kept) {
    entries = kept;
    handles = [];
    queue.forget();
    plan.hide();
    if (ready().length > 0) showPlan();
    list.set(entries);
    showWhetherAny();
    if (entries.some((entry) => entry.state === WAITING)) queue.entries = entries.filter((entry) => entry.state === WAITING);
    draw();
}

async function savePosition(telescope, isShared) {
    site.positions[telescope] = isShared;
    await persist(() => calls.setPosition(telescope, isShared)).catch(report);
}

async function goOn(token) {
    wanted = token;
    const folders = await recall(token);
    if (folders === null) {
        byId('again').hidden = false;
        byId('folder').click();
    } else {
        choose(fromHandles(folders), folders);
    }
}

function report(error) {
    byId('reading').hidden = true;
    byId('done').textContent = error.message;
    byId('done').hidden = false;
}

async function pick(event, picking) {
    if (!canPick()) return;
    event.preventDefault();
    const found = await picking();
    if (found.length > 0) choose(fromHandles(found), found);
}

byId('choose-folder').addEventListener('click', () => byId('folder').click());
for (const [field, picking] of [[byId('files'), pickFiles], [byId('folder'), pickFolder]]) {
    field.addEventListener('click', (event) => pick(event, picking).catch(report));
    field.addEventListener('change', () => {
        // Emptied by the script, it has nothing to say.
        if (field.files.length > 0) choose(fromField(field, () => sleep(0)));
    });
}
form.addEventListener('submit', (event) => event.preventDefault());
for (const type of ['dragenter', 'dragover']) {
    form.addEventListener(type, (event) => {
        event.preventDefault();
        form.classList.add('over');
    });
}
for (const type of ['dragleave', 'drop']) form.addEventListener(type, () => form.classList.remove('over'));
form.addEventListener('drop', (event) => {
    event.preventDefault();
    choose(fromDrop(event.dataTransfer), handlesOf(event.dataTransfer));
});
byId('send').addEventListener('click', () => send().catch(report));
byId('put-away').addEventListener('click', () => {
    const isOfQueue = new Set(queue.entries);
    entries = entries.filter((entry) => isOfQueue.has(entry));
    list.set(entries);
    showWhetherAny();
    plan.hide();
    draw();
});
byId('pause').addEventListener('click', () => queue.pause());
byId('go-on').addEventListener('click', () => queue.run().catch(report));
byId('finalize').addEventListener('click', () => finalize().catch(report));
byId('discard').addEventListener('click', () => discard().catch(report));
for (const button of document.querySelectorAll('[data-go-on]')) {
    button.addEventListener('click', () => goOn(button.dataset.goOn).catch(report));
}
for (const type of ['online', 'focus']) window.addEventListener(type, () => queue.wakeUp());
window.addEventListener('beforeunload', (event) => {
    if (queue.isRunning && queue.count(WAITING, SENDING) > 0) event.preventDefault();
});
setInterval(() => {
    if (queue.nextTry !== null) queueView.update();
}, 1000);

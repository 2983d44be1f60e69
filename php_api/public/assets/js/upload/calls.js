// The calls of the upload page. What goes wrong is a CallFailed whose kind says what helps.

/** Values of `kind`. */
export const LINE = 'line'; // no answer, or one of a server that is away: another try may help
export const LOGIN = 'login'; // the login has ended
export const TOKEN = 'token'; // the token of the forms is that of an earlier login
export const ENDED = 'ended'; // the upload takes no more files
export const ROOM = 'room'; // quota or disk is full
export const REFUSED = 'refused'; // another try of the same cannot help

export class CallFailed extends Error {
    /**
     * @param {string} kind
     * @param {string} message a sentence, with values where it is one of the page
     * @param {number|null} retryAfter seconds
     * @param {Record<string, string | number>} values of the sentence
     */
    constructor(kind, message, retryAfter = null, values = {}) {
        super(message);
        this.kind = kind;
        this.retryAfter = retryAfter;
        this.values = values;
    }
}

/** What a front server says in a page of its own. */
export const ANSWERED = 'The web server answered with an error ({status}).';
export const TOO_LARGE = 'The web server takes no file of this size (its error is 413). Whoever runs the site can raise its limit.';

const PAGE = 'upload.php';

export class Calls {
    #csrf;

    /** @param {string} csrf token of the page's forms; a later login has another one */
    constructor(csrf) {
        this.#csrf = csrf;
    }

    /** What the site takes, and the user's room and open uploads. Renews the token of the forms. */
    async rules() {
        const answer = await this.#json(`${PAGE}?action=rules`);
        this.#csrf = answer.csrf_token;
        return answer;
    }

    /** @param {{frames?: object[], sha256?: string[]}} question */
    preflight(question) {
        return this.#withToken(() => this.#json(`${PAGE}?action=preflight`, {
            method: 'POST',
            body: JSON.stringify({ ...question, csrf_token: this.#csrf }),
            headers: { 'Content-Type': 'application/json' },
        }));
    }

    /** @returns {Promise<string>} the token of a new upload */
    async start() {
        const answer = await this.#form(`${PAGE}?action=start`, {});
        return answer.session_token;
    }

    /** What has arrived of an upload, and whether it still takes files. */
    status(session) {
        return this.#json(`${PAGE}?${new URLSearchParams({ action: 'status', session_token: session })}`);
    }

    finalize(session) {
        return this.#form('finalize.php', { session_token: session });
    }

    discard(session) {
        return this.#form(`${PAGE}?action=discard`, { session_token: session });
    }

    setPosition(telescope, isShared) {
        return this.#form(`${PAGE}?action=position`, { telescope, is_shared: isShared ? '1' : '0' });
    }

    /**
     * Sends one file, or several small ones in one body.
     *
     * @param {File[]} files
     * @param {(bytes: number) => void} onProgress bytes sent so far
     * @param {AbortSignal} signal
     * @returns {Promise<{files: object[]}>} an answer for each file that arrived
     */
    async send(session, files, onProgress, signal) {
        const query = (action) => `${PAGE}?${new URLSearchParams({ action, session_token: session })}`;
        if (files.length === 1) {
            // In the address it would be in the web server's log, and it tells local time.
            const headers = { 'X-Filename': encodeURIComponent(files[0].name) };
            const answer = await put(query('file'), files[0], headers, onProgress, signal);
            return { ...answer, files: [answer] };
        }
        const head = JSON.stringify({ files: files.map(({ name, size }) => ({ name, bytes: size })) });
        const body = new Blob([`${head}\n`, ...files]);
        return put(query('files'), body, {}, (sent) => onProgress(Math.max(0, sent - head.length)), signal);
    }

    #form(address, fields) {
        return this.#withToken(() => this.#json(address, {
            method: 'POST',
            body: new URLSearchParams({ ...fields, csrf_token: this.#csrf }),
        }));
    }

    /** After a new login the token is another one, which the page can ask for. */
    async #withToken(call) {
        try {
            return await call();
        } catch (error) {
            if (error.kind !== TOKEN) throw error;
            await this.rules();
            return call();
        }
    }

    async #json(address, request = {}) {
        let response;
        try {
            response = await fetch(address, { ...request, headers: { Accept: 'application/json', ...request.headers } });
            return read(response.status, await response.text(), response.headers.get('Retry-After'));
        } catch (error) {
            throw error instanceof CallFailed ? error : new CallFailed(LINE, 'The server cannot be reached.');
        }
    }
}

function put(address, body, headers, onProgress, signal) {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.upload.addEventListener('progress', (event) => onProgress(event.loaded));
        request.addEventListener('load', () => {
            try {
                resolve(read(request.status, request.responseText, request.getResponseHeader('Retry-After')));
            } catch (error) {
                reject(error);
            }
        });
        const lost = () => reject(new CallFailed(LINE, 'The connection was lost.'));
        request.addEventListener('error', lost);
        request.addEventListener('abort', lost);
        signal.addEventListener('abort', () => request.abort(), { once: true });
        request.open('PUT', address);
        request.setRequestHeader('Accept', 'application/json');
        for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
        request.send(body);
    });
}

/** The JSON of an answer; what the server says as an error when it says no. */
export function read(status, text, retryAfter = null) {
    let answer = null;
    try {
        answer = JSON.parse(text);
    } catch {
        // A front server may answer with a page of its own.
    }
    if (answer !== null && status >= 200 && status < 300) return answer;
    const sentence = answer?.error ?? (status === 413 ? TOO_LARGE : ANSWERED);
    throw new CallFailed(kindOf(status, answer), sentence, Number(retryAfter) || null, { status });
}

function kindOf(status, answer) {
    if (answer === null) return status === 413 ? REFUSED : LINE;
    if (status === 401) return LOGIN;
    if (status === 403) return answer.code === 'csrf' ? TOKEN : LOGIN;
    if (status === 404) return ENDED;
    if (status === 507) return ROOM;
    return status === 408 || status === 429 || status >= 500 ? LINE : REFUSED;
}

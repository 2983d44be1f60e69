// SHA-256 piece by piece (FIPS 180-4). Browsers have their own for secure addresses only, and only for files that are in
// memory as a whole; a site in the home network is often reached by plain http.

const K = new Uint32Array(64);
const INITIAL = new Uint32Array(8);

// The constants are the first 32 bits of the fractions of cube and square roots of primes.
for (let number = 2, found = 0; found < 64; number++) {
    if ([...Array(number).keys()].slice(2).some((divisor) => number % divisor === 0)) continue;
    if (found < 8) INITIAL[found] = (number ** (1 / 2) % 1) * 2 ** 32;
    K[found++] = (number ** (1 / 3) % 1) * 2 ** 32;
}

/** Bytes of a file that are in memory at a time. */
const PIECE = 1 << 18;

/** The hash of a file, as hex, taken piece by piece. A browser gives the length 0 to a file that has gone. */
export async function sha256OfFile(file) {
    if (file.size === 0) throw new Error('it is empty, or cannot be read any more');
    const hash = new Sha256();
    for (let at = 0; at < file.size; at += PIECE) {
        hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
    }
    return hash.hex();
}

export class Sha256 {
    #state = new Int32Array(INITIAL);
    #words = new Int32Array(64);
    #rest = new Uint8Array(64);
    #restLength = 0;
    #bytes = 0;

    /** @param {Uint8Array} piece */
    update(piece) {
        this.#bytes += piece.length;
        let at = 0;
        if (this.#restLength > 0) {
            at = Math.min(64 - this.#restLength, piece.length);
            this.#rest.set(piece.subarray(0, at), this.#restLength);
            this.#restLength += at;
            if (this.#restLength < 64) return this;
            this.#block(new DataView(this.#rest.buffer), 0);
            this.#restLength = 0;
        }
        const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
        for (; at + 64 <= piece.length; at += 64) this.#block(view, at);
        this.#rest.set(piece.subarray(at), 0);
        this.#restLength = piece.length - at;
        return this;
    }

    /** @returns {string} hex; the object is used up */
    hex() {
        const bits = this.#bytes * 8;
        const padding = new Uint8Array(((this.#bytes % 64) < 56 ? 64 : 128) - (this.#bytes % 64));
        padding[0] = 0x80;
        const view = new DataView(padding.buffer);
        view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
        view.setUint32(padding.length - 4, bits % 2 ** 32);
        this.update(padding);
        return [...this.#state].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
    }

    #block(view, at) {
        const w = this.#words;
        for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
        for (let i = 16; i < 64; i++) {
            const [x, y] = [w[i - 15], w[i - 2]];
            const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
            const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
            w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
        }
        const state = this.#state;
        let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        for (let i = 0; i < 64; i++) {
            const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
            const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
            const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
            const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
            h = g;
            g = f;
            f = e;
            e = (d + t1) | 0;
            d = c;
            c = b;
            b = a;
            a = (t1 + t2) | 0;
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }
}

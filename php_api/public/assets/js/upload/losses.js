// Which file a line breaks with. A host may cut off what is too long for it, and answers all other questions.

/** A file with which the line was lost so often, while the site answers, is set aside: the others shall arrive. */
const MOST = 6;
/** After so many losses a file is sent alone. */
const TOGETHER = 2;
const BROKEN = 'The connection broke {n} times while this file was sent, though the site answers. Its web server may limit the size of a file, or the time for it.';

/** Notes that the line was lost with these entries. @param {CallFailed} error */
export function noteLoss(batch, error) {
    for (const entry of batch) {
        entry.losses = (entry.losses ?? 0) + 1;
        entry.isAlone ||= entry.losses >= TOGETHER;
        // An answer that is none of the site's says more than that the line was lost.
        entry.lastLoss = error.values?.status === undefined
            ? { sentence: BROKEN, values: { n: entry.losses } }
            : { sentence: error.message, values: error.values };
    }
}

/** Why an entry that has not arrived is set aside, now that the site answers; null for none. */
export function lossReason(entry) {
    return entry.losses >= MOST ? entry.lastLoss : null;
}

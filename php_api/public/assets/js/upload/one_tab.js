// One tab at a time sends an upload: two would send everything twice. Where the browser has no locks, the site finds the
// copies.

const held = new Set();

/**
 * Takes an upload for this tab, until it is closed.
 *
 * @param {string} session
 * @param {LockManager|null} locks null where the browser has none
 * @returns {Promise<boolean>} false while another tab has it
 */
export function takeForThisTab(session, locks = globalThis.navigator?.locks ?? null) {
    if (locks === null || held.has(session)) return Promise.resolve(true);
    return new Promise((resolve) => {
        locks.request(`upload-${session}`, { ifAvailable: true }, (lock) => {
            if (lock !== null) held.add(session);
            resolve(lock !== null);
            return lock === null ? null : new Promise(() => {});
        });
    });
}

// A question in a dialog.

import { byId } from './dom.js';

/** @returns {Promise<boolean>} whether the answer was yes */
export function ask(question, yes) {
    const dialog = byId('ask');
    byId('ask-text').textContent = question;
    byId('ask-yes').textContent = yes;
    dialog.returnValue = '';
    dialog.showModal();
    return new Promise((resolve) => {
        dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
    });
}

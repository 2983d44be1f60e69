// Keeps the jobs of a status page up to date until all are finished, unless somebody is using a form there.
'use strict';

document.documentElement.classList.add('js');

const INTERVAL_MS = 5000;

async function refresh() {
    const live = document.getElementById('live');
    const isBusy = live.querySelector('details[open]') !== null || live.contains(document.activeElement);
    if (!document.hidden && !isBusy) {
        try {
            const response = await fetch(location.href, { headers: { Accept: 'text/html' } });
            if (response.ok && !response.redirected) {
                const page = new DOMParser().parseFromString(await response.text(), 'text/html');
                live.replaceWith(page.getElementById('live'));
            }
        } catch {
            // The connection is gone for a moment; the next round asks again.
        }
    }
    if (document.getElementById('live').hasAttribute('data-live')) {
        setTimeout(refresh, INTERVAL_MS);
    }
}

setTimeout(refresh, INTERVAL_MS);

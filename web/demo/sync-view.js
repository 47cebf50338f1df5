/**
 * Shows how it stands with the server, and takes it offline.
 *
 * @typedef {import('./state.js').DashboardState} DashboardState
 */
import { announce, find, setText } from './dom.js';
import { isServerOffline, setServerOffline, signIn } from './session.js';
import { noticeOf, SPOKEN, syncStateOf, syncText } from './sync-words.js';

const ICONS = { synced: 'check', dirty: 'pencil', syncing: 'sync', offline: 'offline', error: 'warning', 'signed-out': 'person' };

/** @param {import('./sync-words.js').SyncState} state @param {string} text */
export function showSyncState(state, text) {
    const chip = find('#sync-state', HTMLElement);
    chip.dataset['state'] = state;
    chip.title = text;
    setText(find('span', HTMLElement, chip), text);
    find('use', SVGUseElement, chip).setAttribute('href', `#i-${ICONS[state]}`);
}

/**
 * @param {object} parts
 * @param {import('../store.js').DashboardStore<DashboardState>} parts.store
 * @param {string} parts.user
 * @param {AbortSignal} parts.signal
 */
export function createSyncView({ store, user, signal }) {
    const lastSync = find('#last-sync', HTMLTimeElement);
    const syncNow = find('#sync-now', HTMLButtonElement);
    const offline = find('#offline-switch', HTMLInputElement);
    const notice = find('#error', HTMLElement);
    const again = find('#sign-in-again', HTMLButtonElement);
    const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
    /** @type {import('./sync-words.js').SyncState | undefined} */
    let spoken;
    /** What the notice was about when it was dismissed: it comes back for something else, and for the same anew. */
    let dismissed = '';

    function render() {
        const status = store.getStatus();
        const state = syncStateOf(status);
        showSyncState(state, syncText(status, store.getState().ui.unsaved, Date.now()));
        if (SPOKEN[state] && state !== spoken) {
            // The first one is no news.
            if (spoken) announce(SPOKEN[state]);
            spoken = state;
        }
        const { lastSyncedAt, syncError } = status;
        setText(lastSync, lastSyncedAt === null ? 'not yet' : clock.format(lastSyncedAt));
        if (lastSyncedAt !== null) lastSync.dateTime = new Date(lastSyncedAt).toISOString();
        syncNow.classList.toggle('busy', status.isSyncing);
        again.hidden = state !== 'signed-out';
        const { about, text } = noticeOf(status);
        if (about !== dismissed) dismissed = '';
        notice.hidden = about === '' || about === dismissed;
        setText(find('p', HTMLElement, notice), text);
    }

    const readSwitch = () => void (offline.checked = isServerOffline());

    async function turn() {
        offline.disabled = true;
        try {
            await setServerOffline(offline.checked);
        } finally {
            offline.disabled = false;
            readSwitch();
        }
        announce(offline.checked ? 'The server plays dead now.' : 'The server answers again.');
        // Asks it at once, so that the page shows what an outage looks like, and its end.
        await (offline.checked ? store.restoreFromServer() : store.syncToServer());
    }

    /** Hides the notice, and nothing else: how it stands with the server, the bar at the top goes on saying. */
    function dismiss() {
        dismissed = noticeOf(store.getStatus()).about;
        if (notice.contains(document.activeElement)) find('#grid-heading', HTMLElement).focus();
        render();
    }

    async function signInAgain() {
        await signIn(user);
        await store.syncToServer();
    }

    syncNow.addEventListener('click', () => store.syncToServer(), { signal });
    find('#error-dismiss', HTMLElement).addEventListener('click', dismiss, { signal });
    again.addEventListener('click', signInAgain, { signal });
    offline.addEventListener('change', turn, { signal });
    // Another tab may have turned it.
    addEventListener('focus', readSwitch, { signal });
    readSwitch();
    // The seconds until the next attempt.
    const timer = setInterval(() => store.syncError && render(), 500);
    signal.addEventListener('abort', () => clearInterval(timer));
    return { render };
}

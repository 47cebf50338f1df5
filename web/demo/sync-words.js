/**
 * How it stands with the server, in words.
 *
 * @typedef {import('../store.js').DashboardStatus} DashboardStatus
 * @typedef {'synced' | 'dirty' | 'syncing' | 'offline' | 'error' | 'signed-out'} SyncState
 */

/** @param {DashboardStatus} status @returns {SyncState} */
export function syncStateOf({ syncError, isSyncing, hasUnsyncedChanges }) {
    if (syncError?.httpStatus === 401 || syncError?.httpStatus === 403) return 'signed-out';
    // It stays so during further attempts, until one succeeds.
    if (syncError?.kind === 'unavailable') return 'offline';
    if (syncError) return 'error';
    if (isSyncing) return 'syncing';
    return hasUnsyncedChanges ? 'dirty' : 'synced';
}

/**
 * @param {DashboardStatus} status
 * @param {number} unsaved edits that have not reached the server; 0 where nobody has counted
 * @param {number} now ms since 1970
 */
export function syncText(status, unsaved, now) {
    const { syncError, isSyncing, hasUnsyncedChanges, isPersisted } = status;
    const changes = unsaved === 0 ? 'changes' : unsaved === 1 ? '1 change' : `${unsaved} changes`;
    const kept = !hasUnsyncedChanges ? '' : isPersisted ? ` · ${changes} kept on this device` : ` · ${changes} in this tab only`;
    if (syncError?.kind === 'outdated') return `Reload the page${kept}`;
    switch (syncStateOf(status)) {
        case 'signed-out':
            return `Signed out${kept}`;
        case 'offline': {
            const seconds = Math.ceil(((syncError?.retryAt ?? now) - now) / 1000);
            return `Offline${kept} · ${isSyncing || seconds <= 0 ? 'trying again…' : `retry in ${seconds} s`}`;
        }
        case 'error':
            return `Not saved${kept}`;
        case 'syncing':
            return hasUnsyncedChanges ? 'Saving…' : 'Checking…';
        case 'dirty':
            return unsaved === 0 ? 'Not saved yet' : `${changes} to save`;
        case 'synced':
            return 'Saved';
    }
}

/**
 * What a notice has to say.
 * @param {DashboardStatus} status
 * @returns {{about: string, text: string}} `about` stays the same while the same trouble lasts, and is empty where all is well
 */
export function noticeOf(status) {
    const { syncError, hasUnsyncedChanges, isPersisted, unreadable } = status;
    const state = syncStateOf(status);
    if (!syncError) {
        const text = `Earlier work in this browser could not be read, and is kept aside: ${unreadable}`;
        return { about: unreadable === null ? '' : text, text };
    }
    const kept = hasUnsyncedChanges && isPersisted ? ' Changes are kept on this device.' : '';
    const text = `${state === 'signed-out' ? 'You are signed out.' : syncError.message}${kept}`;
    return { about: state === 'error' ? syncError.message : state, text };
}

/**
 * What screen readers say when it changes: no news of every save.
 * @type {Record<SyncState, string>}
 */
export const SPOKEN = {
    synced: 'Everything is saved.',
    dirty: '',
    syncing: '',
    offline: 'The server cannot be reached. Changes are kept on this device.',
    error: 'Saving has failed.',
    'signed-out': 'You are signed out. Changes are kept on this device.',
};

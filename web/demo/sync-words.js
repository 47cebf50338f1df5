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

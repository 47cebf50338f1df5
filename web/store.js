import { put } from './paths.js';
import { createReplica } from './replica.js';
import { createSchedule } from './schedule.js';
import { createSynchroniser } from './synchroniser.js';

/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./paths.js').Path} Path
 * @typedef {import('./record.js').Conflict} Conflict
 * @typedef {import('./schedule.js').SyncResult} SyncResult
 *
 * @typedef {object} SyncError
 * @property {'unavailable' | 'rejected' | 'failed'} kind `unavailable`: it will be tried again; `rejected`: not before the
 *   next change, see `httpStatus`; `failed`: a function of the application's has thrown
 * @property {string} message
 * @property {number} [httpStatus]
 * @property {number} [retryAt] ms since 1970
 *
 * @typedef {object} DashboardStatus
 * @property {boolean} isSyncing a request is under way
 * @property {number | null} lastSyncedAt ms since 1970, when this state was last known to be the server's
 * @property {SyncError | null} syncError
 * @property {boolean} hasUnsyncedChanges
 * @property {boolean} isPersisted false where the browser's storage is full or blocked, so that a reload would lose what
 *   is not synced
 * @property {readonly Conflict[]} conflicts what was lost to other devices and can be put back, newest last
 */

/**
 * @template {State} S
 * @typedef {object} StoreOptions
 * @property {import('./client.js').DashboardStateClient} client
 * @property {string} user whose dashboard it is
 * @property {string} workspace
 * @property {S} initialState what there is before anything is restored
 * @property {readonly Path[]} [significantPaths] what is worth a sync; the rest goes along. `widgets`, `activeProject` and
 *   `activeTasks` unless given
 * @property {readonly Path[]} [localPaths] what never leaves the device
 * @property {number} [debounce] ms without a change before a sync, 2000 unless given; five times as long at most
 * @property {number} [staleAfter] ms after which the server is asked again on focus and on reconnect, a minute unless
 *   given
 * @property {import('./reconcile.js').ConflictPolicy} [conflictPolicy] who wins a place that two devices changed, `server`
 *   unless given. What loses is kept in `conflicts`
 * @property {number} [schemaVersion] of the state, 1 unless given
 * @property {(state: any, from: number | undefined) => S} [migrate] makes this schema of an older state: of what this
 *   browser holds, with its schema's version, and of all that comes from the server, with undefined
 * @property {import('./persistence.js').KeyValueStorage} [storage] `localStorage` unless given
 * @property {string} [namespace] before the key in the storage, `dashboard-state` unless given
 * @property {boolean} [isAuthenticated] whether to sync from the start; true in a page unless given
 */

/**
 * @template {State} S
 * @typedef {DashboardStatus & DashboardActions<S>} DashboardStore
 */

/**
 * @template {State} S
 * @typedef {object} DashboardActions
 * @property {() => S} getState
 * @property {(next: S | ((previous: S) => S)) => void} setState changes the whole state: stored at once, synced after the
 *   debounce. Throws a TypeError where it is no object, or cannot be JSON
 * @property {(listener: () => void) => () => void} subscribe calls the listener after any change of state or status; what
 *   it returns ends that
 * @property {() => DashboardStatus} getStatus the same object until something in it changes
 * @property {() => void} clearSyncError
 * @property {() => Promise<SyncResult>} syncToServer sends now what differs from the server, significant or not
 * @property {() => Promise<SyncResult>} restoreFromServer asks the server now, and settles what differs
 * @property {(id: string) => void} restoreLost puts back what a conflict has lost, as a new edit
 * @property {(id: string) => void} dismissConflict offers it no longer
 * @property {(value: boolean) => void} setAuthenticated whether requests make sense. Each change to true restores once;
 *   false keeps everything here, and takes edits too
 * @property {(how?: {unsynced?: 'discard' | 'keep'}) => Promise<{status: 'cleared' | 'kept'}>} signOut ends the user's
 *   session in this browser, all tabs of it: syncs what can be synced, and removes the copy that is here. With `keep`,
 *   work that could not be synced stays stored for the user's next sign-in
 * @property {() => void} destroy stops all activity; what is stored stays
 */

/**
 * Keeps a dashboard alive in the browser, and the same on every device of its user.
 * @template {State} S
 * @param {StoreOptions<S>} options
 * @returns {DashboardStore<S>}
 */
export function createDashboardStore(options) {
    const changes = new EventTarget();
    let isSyncing = false;
    /** @type {SyncError | null} */
    let syncError = null;
    let status = /** @type {DashboardStatus} */ ({});

    const replica = createReplica(options, {
        changed: refresh,
        followed: (hasSynced) => schedule.follow(hasSynced),
        signedOut: () => schedule.stop(),
    });
    const synchroniser = createSynchroniser(options.client, replica, options.conflictPolicy ?? 'server');
    const schedule = createSchedule(replica, synchroniser, options, {
        started() {
            isSyncing = true;
            refresh();
        },
        ended(result, retryAt) {
            isSyncing = false;
            syncError = errorOf(result, retryAt);
            refresh();
        },
    });

    function refresh() {
        const { lastSyncedAt, conflicts } = replica.sync();
        const isPersisted = replica.isPersisted();
        const next = { isSyncing, lastSyncedAt, syncError, hasUnsyncedChanges: replica.isDirty(), isPersisted, conflicts };
        const names = /** @type {(keyof DashboardStatus)[]} */ (Object.keys(next));
        if (names.some((name) => status[name] !== next[name])) status = Object.freeze(next);
        changes.dispatchEvent(new Event('change'));
    }

    /** @param {boolean} value */
    function setAuthenticated(value) {
        if (value === schedule.isActive()) return;
        if (!value) return schedule.stop();
        replica.open();
        schedule.start();
    }

    /** @param {string} id */
    const without = (id) => status.conflicts.filter((conflict) => conflict.id !== id);

    refresh();
    if (options.isAuthenticated ?? typeof document !== 'undefined') setAuthenticated(true);

    /** @type {DashboardActions<S>} */
    const store = {
        getState: () => /** @type {S} */ (replica.state()),
        setState(next) {
            if (replica.edit(typeof next === 'function' ? next(/** @type {S} */ (replica.state())) : next)) schedule.plan();
        },
        subscribe(listener) {
            const heard = () => listener();
            changes.addEventListener('change', heard);
            return () => changes.removeEventListener('change', heard);
        },
        getStatus: () => status,
        clearSyncError() {
            syncError = null;
            refresh();
        },
        syncToServer: () => schedule.exchange({ all: true }),
        restoreFromServer() {
            synchroniser.setStale(true);
            return schedule.exchange();
        },
        restoreLost(id) {
            const conflict = status.conflicts.find((one) => one.id === id);
            if (!conflict) return;
            const next = conflict.items.reduce((state, { path, lost }) => put(state, path, lost), replica.state());
            replica.edit(replica.localised(next), { conflicts: without(id) });
            schedule.plan();
        },
        dismissConflict: (id) => replica.commit({ conflicts: without(id) }),
        setAuthenticated,
        async signOut({ unsynced = 'discard' } = {}) {
            if (replica.isChanged()) await schedule.exchange({ all: true });
            const what = unsynced === 'keep' && replica.isChanged() ? 'kept' : 'cleared';
            schedule.stop();
            replica.signOut(what);
            return { status: what };
        },
        destroy() {
            schedule.destroy();
            replica.destroy();
        },
    };
    const names = /** @type {(keyof DashboardStatus)[]} */ (Object.keys(status));
    for (const name of names) Object.defineProperty(store, name, { get: () => status[name], enumerable: true });
    return /** @type {DashboardStore<S>} */ (store);
}

/**
 * @param {SyncResult} result
 * @param {number} retryAt
 * @returns {SyncError | null}
 */
function errorOf(result, retryAt) {
    if (result.status === 'failed') return { kind: 'failed', message: String(result.error) };
    if (result.status === 'unavailable') {
        return { kind: 'unavailable', message: 'The server cannot be reached.', httpStatus: result.httpStatus, retryAt };
    }
    if (result.status !== 'rejected') return null;
    const { httpStatus, problem } = result;
    return { kind: 'rejected', message: problem.detail ?? problem.title ?? `The server answered ${httpStatus}.`, httpStatus };
}

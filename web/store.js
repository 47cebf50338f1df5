import { checkStoreOptions } from './options.js';
import { equal } from './json.js';
import { has, put } from './paths.js';
import { unanswered } from './record.js';
import { createReplica } from './replica.js';
import { createSchedule } from './schedule.js';
import { share } from './sharing.js';
import { createSynchroniser } from './synchroniser.js';

/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./paths.js').Path} Path
 * @typedef {import('./record.js').Conflict} Conflict
 * @typedef {import('./record.js').SyncError} SyncError
 * @typedef {import('./reconcile.js').ConflictItem} ConflictItem
 * @typedef {import('./schedule.js').SyncResult} SyncResult
 *
 * @typedef {object} DashboardStatus
 * @property {boolean} isSyncing a request of this tab's is under way
 * @property {boolean} hasRestored since the sign-in, it was learned what the server has
 * @property {number | null} lastSyncedAt ms since 1970, when this state was last known to be the server's
 * @property {SyncError | null} syncError
 * @property {boolean} hasUnsyncedChanges
 * @property {boolean} isPersisted whether the browser's storage has this state; false where it is full or blocked, so that
 *   a reload would lose what is not synced
 * @property {string | null} unreadable why a copy of earlier work was set aside: `migrate` has failed, say. It is kept, and
 *   taken in by the next release that can read it
 * @property {readonly Conflict[]} conflicts what was lost to other devices and can be put back, newest last
 */

/**
 * @template {State} S
 * @typedef {object} StoreOptions
 * @property {import('./client.js').DashboardStateClient} client
 * @property {string} user whose dashboard it is, as the web server tells the service; goes with each request, which is
 *   refused where somebody else is signed in by now
 * @property {string} workspace which of the user's dashboards; goes with each request too
 * @property {boolean} [sendsIdentity] false leaves out what `user` and `workspace` send with each request: for web servers
 *   that call them otherwise than the page does
 * @property {S} initialState what there is before anything is restored. Members that a stored state has not are taken from
 *   here
 * @property {readonly Path[]} [significantPaths] what is worth a sync; the rest goes along. `widgets`, `activeProject` and
 *   `activeTasks` unless given, and everything where there are none of these
 * @property {readonly Path[]} [localPaths] what never leaves the device. A path that meets an array goes on in its elements
 * @property {number} [debounce] ms without a change before a sync, 2000 unless given; five times as long at most
 * @property {number} [staleAfter] ms after which the server is asked again on focus and on reconnect, a minute unless
 *   given
 * @property {import('./reconcile.js').ConflictPolicy} [conflictPolicy] who wins a place that two devices changed, `server`
 *   unless given. What loses is kept in `conflicts`
 * @property {number} [schemaVersion] of the state, 1 unless given. A page of an older one stops writing beside it
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
 * @property {Promise<void>} ready when the first restore has ended, well or not: see `hasRestored`. Waits for a sign-in
 * @property {() => S} getState the same object until something in it changes. What is changed in it in place is neither stored
 *   nor sent before the next `setState`
 * @property {() => S} getInitialState what a server renders, always the same object
 * @property {(next: S | ((previous: S) => S)) => void} setState changes the whole state, and takes a copy of what is new:
 *   stored at once, synced after the debounce. Throws a TypeError where it is no object, or has what JSON cannot keep
 * @property {(listener: (state: S) => void) => () => void} subscribe calls the listener at once, and after any change of
 *   state or status; what it returns ends that. Svelte takes the store as it is, React its `subscribe`
 * @property {() => DashboardStatus} getStatus the same object until something in it changes
 * @property {() => DashboardStatus} getInitialStatus what a server renders, always the same object
 * @property {() => void} clearSyncError
 * @property {() => Promise<SyncResult>} syncToServer sends now what differs from the server, significant or not
 * @property {() => Promise<SyncResult>} restoreFromServer asks the server now, and settles what differs
 * @property {(id: string, item?: ConflictItem | number) => void} restoreLost puts back what a conflict has lost, all of it or
 *   one of its items, as a new edit. What has no place any more stays in the conflict
 * @property {(id: string) => void} dismissConflict offers it no longer
 * @property {(value: boolean) => void} setAuthenticated whether requests make sense. Each change to true restores once, and
 *   true again after a refusal tries again; false keeps everything here, and takes edits too
 * @property {(how?: {unsynced?: 'discard' | 'keep'}) => Promise<{status: 'cleared' | 'kept'}>} signOut ends the user's
 *   session in this browser, all tabs of it: syncs what can be synced, and removes the copy that is here. With `keep`,
 *   work that could not be synced stays stored for the user's next sign-in
 * @property {() => void} destroy stops all activity; what is stored stays, and edits are ignored. `subscribe` and
 *   `setAuthenticated(true)` begin it again
 */

/** @type {import('./record.js').SyncError} */
const OUTDATED = Object.freeze({
    kind: 'outdated',
    message: 'A newer release is in use. Load this page anew: edits made here wait for that.',
});

/** @type {DashboardStatus} */
const INITIAL = Object.freeze({
    isSyncing: false,
    hasRestored: false,
    lastSyncedAt: null,
    syncError: null,
    hasUnsyncedChanges: false,
    isPersisted: false,
    unreadable: null,
    conflicts: Object.freeze([]),
});

/**
 * Keeps a dashboard alive in the browser, and the same on every device of its user.
 * @template {State} S
 * @param {StoreOptions<S>} options
 * @returns {DashboardStore<S>}
 */
export function createDashboardStore(options) {
    checkStoreOptions(options);
    const changes = new EventTarget();
    let status = INITIAL;
    let isDestroyed = false;
    let wasActive = false;
    /** A destroyed store lives for its sign-out alone. */
    let isLent = false;
    /** @type {() => void} */
    let attempted = () => {};
    /** @type {Promise<void>} */
    const ready = new Promise((resolve) => (attempted = resolve));

    const replica = createReplica(options, {
        changed: refresh,
        followed: (hasSynced) => schedule.follow(hasSynced),
        signedOut: () => schedule.stop(),
        resumed() {
            if (schedule.isActive()) void schedule.start();
        },
    });
    const initialState = replica.reader.initial();
    const synchroniser = createSynchroniser(options, replica);
    const schedule = createSchedule(replica, synchroniser, options, { changed: refresh, attempted });

    function refresh() {
        const sync = replica.sync();
        const { lastSyncedAt, conflicts, error } = sync;
        /** @type {DashboardStatus} */
        const next = {
            isSyncing: schedule.isSyncing(),
            hasRestored: schedule.hasRestored(),
            lastSyncedAt,
            syncError: replica.isOutdated() ? OUTDATED : error,
            hasUnsyncedChanges: replica.isDirty() || unanswered(sync).length > 0,
            isPersisted: replica.isPersisted(),
            unreadable: replica.unreadable(),
            // Copied, so that what is done to them changes nothing that can be put back.
            conflicts: share(status.conflicts, conflicts),
        };
        // Beside a newer release nothing is restored any more.
        if (replica.isReplaced() && schedule.isActive()) attempted();
        if (!equal(status, next)) status = Object.freeze(next);
        changes.dispatchEvent(new Event('change'));
    }

    /** @param {boolean} value */
    function setAuthenticated(value) {
        if (!value) {
            wasActive = false;
            return schedule.stop();
        }
        revive();
        const { refused } = replica.sync();
        if (!schedule.isActive()) {
            replica.open();
            void schedule.start();
        } else if (refused === 'session') void store.restoreFromServer();
    }

    /** A component that is mounted again finds the store as it was. */
    function revive() {
        isLent = false;
        if (!isDestroyed) return;
        isDestroyed = false;
        replica.open();
        schedule.watch();
        if (wasActive) setAuthenticated(true);
    }

    /** @returns {readonly Conflict[]} those of the newest record */
    function conflictsNow() {
        replica.refresh();
        return replica.sync().conflicts;
    }

    /** @type {DashboardActions<S>} */
    const store = {
        ready,
        getState: () => /** @type {S} */ (replica.shown()),
        getInitialState: () => /** @type {S} */ (initialState),
        setState(next) {
            if (isDestroyed) return;
            if (replica.edit(/** @type {any} */ (next))) schedule.plan();
        },
        subscribe(listener) {
            revive();
            const heard = () => listener(store.getState());
            // What it throws now is reported as what it throws later is, and stops nobody.
            const first = new EventTarget();
            first.addEventListener('change', heard);
            // What it changes at once it hears of, too.
            changes.addEventListener('change', heard);
            first.dispatchEvent(new Event('change'));
            return () => changes.removeEventListener('change', heard);
        },
        getStatus: () => status,
        getInitialStatus: () => INITIAL,
        clearSyncError() {
            if (!isDestroyed) replica.commit({ error: null });
        },
        syncToServer: () => schedule.exchange({ all: true, isAsked: true }),
        restoreFromServer() {
            synchroniser.setStale(true);
            return schedule.exchange({ isAsked: true });
        },
        restoreLost(id, item) {
            const known = conflictsNow();
            const conflict = known.find((one) => one.id === id);
            if (isDestroyed || !conflict) return;
            const { items } = conflict;
            const chosen = items.filter((candidate, index) => item === undefined || item === index || equal(item, candidate));
            const next = chosen.reduce((state, { path, lost }) => put(state, path, lost), replica.state());
            // What its place has gone with waits until it is dismissed.
            const left = items.filter((candidate) => !chosen.includes(candidate) || !has(next, candidate.path, candidate.lost));
            if (left.length === items.length) return;
            const conflicts = known.map((other) => (other === conflict ? { ...other, items: left } : other)).filter(({ items }) => items.length > 0);
            if (replica.edit(replica.localised(next), { conflicts })) schedule.plan();
        },
        dismissConflict(id) {
            if (!isDestroyed) replica.commit({ conflicts: conflictsNow().filter((conflict) => conflict.id !== id) });
        },
        setAuthenticated,
        async signOut({ unsynced = 'discard' } = {}) {
            const isAlone = isDestroyed || isLent;
            revive();
            isLent = isAlone;
            // What another tab has stored this one need not have heard; what may have arrived is no less unsynced.
            replica.refresh();
            if (schedule.isActive() && !replica.isSettled()) await schedule.exchange({ all: true, isAsked: true });
            replica.refresh();
            const what = unsynced === 'keep' && !replica.isSettled() ? 'kept' : 'cleared';
            wasActive = false;
            schedule.stop();
            const status = replica.signOut(what);
            // Who was mounted again meanwhile stays.
            if (isLent) store.destroy();
            return { status };
        },
        destroy() {
            if (isDestroyed) return;
            isDestroyed = true;
            wasActive = schedule.isActive();
            schedule.destroy();
            replica.destroy();
        },
    };

    replica.open();
    if (options.isAuthenticated ?? globalThis.document) setAuthenticated(true);
    const names = /** @type {(keyof DashboardStatus)[]} */ (Object.keys(status));
    for (const name of names) Object.defineProperty(store, name, { get: () => status[name], enumerable: true });
    return /** @type {DashboardStore<S>} */ (store);
}

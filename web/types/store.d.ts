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
export function createDashboardStore<S extends import("./paths.js").State>(options: StoreOptions<S>): DashboardStore<S>;
export type State = import('./paths.js').State;
export type Path = import('./paths.js').Path;
export type Conflict = import('./record.js').Conflict;
export type SyncResult = import('./schedule.js').SyncResult;
export type SyncError = {
    /**
     * `unavailable`: it will be tried again; `rejected`: not before the
     * next change, see `httpStatus`; `failed`: a function of the application's has thrown
     */
    kind: 'unavailable' | 'rejected' | 'failed';
    message: string;
    httpStatus?: number | undefined;
    /**
     * ms since 1970
     */
    retryAt?: number | undefined;
};
export type DashboardStatus = {
    /**
     * a request is under way
     */
    isSyncing: boolean;
    /**
     * ms since 1970, when this state was last known to be the server's
     */
    lastSyncedAt: number | null;
    syncError: SyncError | null;
    hasUnsyncedChanges: boolean;
    /**
     * false where the browser's storage is full or blocked, so that a reload would lose what
     * is not synced
     */
    isPersisted: boolean;
    /**
     * what was lost to other devices and can be put back, newest last
     */
    conflicts: readonly Conflict[];
};
export type StoreOptions<S extends import("./paths.js").State> = {
    client: import('./client.js').DashboardStateClient;
    /**
     * whose dashboard it is
     */
    user: string;
    workspace: string;
    /**
     * what there is before anything is restored
     */
    initialState: S;
    /**
     * what is worth a sync; the rest goes along. `widgets`, `activeProject` and
     * `activeTasks` unless given
     */
    significantPaths?: readonly import("./paths.js").Path[] | undefined;
    /**
     * what never leaves the device
     */
    localPaths?: readonly import("./paths.js").Path[] | undefined;
    /**
     * ms without a change before a sync, 2000 unless given; five times as long at most
     */
    debounce?: number | undefined;
    /**
     * ms after which the server is asked again on focus and on reconnect, a minute unless
     * given
     */
    staleAfter?: number | undefined;
    /**
     * who wins a place that two devices changed, `server`
     * unless given. What loses is kept in `conflicts`
     */
    conflictPolicy?: import("./reconcile.js").ConflictPolicy | undefined;
    /**
     * of the state, 1 unless given
     */
    schemaVersion?: number | undefined;
    /**
     * makes this schema of an older state: of what this
     * browser holds, with its schema's version, and of all that comes from the server, with undefined
     */
    migrate?: ((state: any, from: number | undefined) => S) | undefined;
    /**
     * `localStorage` unless given
     */
    storage?: Pick<Storage, "getItem" | "removeItem" | "setItem"> | undefined;
    /**
     * before the key in the storage, `dashboard-state` unless given
     */
    namespace?: string | undefined;
    /**
     * whether to sync from the start; true in a page unless given
     */
    isAuthenticated?: boolean | undefined;
};
export type DashboardStore<S extends import("./paths.js").State> = DashboardStatus & DashboardActions<S>;
export type DashboardActions<S extends import("./paths.js").State> = {
    getState: () => S;
    /**
     * changes the whole state: stored at once, synced after the
     * debounce. Throws a TypeError where it is no object, or cannot be JSON
     */
    setState: (next: S | ((previous: S) => S)) => void;
    /**
     * calls the listener after any change of state or status; what
     * it returns ends that
     */
    subscribe: (listener: () => void) => () => void;
    /**
     * the same object until something in it changes
     */
    getStatus: () => DashboardStatus;
    clearSyncError: () => void;
    /**
     * sends now what differs from the server, significant or not
     */
    syncToServer: () => Promise<SyncResult>;
    /**
     * asks the server now, and settles what differs
     */
    restoreFromServer: () => Promise<SyncResult>;
    /**
     * puts back what a conflict has lost, as a new edit
     */
    restoreLost: (id: string) => void;
    /**
     * offers it no longer
     */
    dismissConflict: (id: string) => void;
    /**
     * whether requests make sense. Each change to true restores once;
     * false keeps everything here, and takes edits too
     */
    setAuthenticated: (value: boolean) => void;
    /**
     * ends the user's
     * session in this browser, all tabs of it: syncs what can be synced, and removes the copy that is here. With `keep`,
     * work that could not be synced stays stored for the user's next sign-in
     */
    signOut: (how?: {
        unsynced?: 'discard' | 'keep';
    }) => Promise<{
        status: 'cleared' | 'kept';
    }>;
    /**
     * stops all activity; what is stored stays
     */
    destroy: () => void;
};

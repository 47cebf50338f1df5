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
export type SyncError = import('./record.js').SyncError;
export type ConflictItem = import('./reconcile.js').ConflictItem;
export type SyncResult = import('./schedule.js').SyncResult;
export type DashboardStatus = {
    /**
     * a request of this tab's is under way
     */
    isSyncing: boolean;
    /**
     * since the sign-in, it was learned what the server has
     */
    hasRestored: boolean;
    /**
     * ms since 1970, when this state was last known to be the server's
     */
    lastSyncedAt: number | null;
    syncError: SyncError | null;
    hasUnsyncedChanges: boolean;
    /**
     * whether the browser's storage has this state; false where it is full or blocked, so that
     * a reload would lose what is not synced
     */
    isPersisted: boolean;
    /**
     * why a copy of earlier work was set aside: `migrate` has failed, say. It is kept, and
     * taken in by the next release that can read it
     */
    unreadable: string | null;
    /**
     * what was lost to other devices and can be put back, newest last
     */
    conflicts: readonly Conflict[];
};
export type StoreOptions<S extends import("./paths.js").State> = {
    client: import('./client.js').DashboardStateClient;
    /**
     * whose dashboard it is, as the web server tells the service; goes with each request, which is
     * refused where somebody else is signed in by now
     */
    user: string;
    /**
     * which of the user's dashboards; goes with each request too
     */
    workspace: string;
    /**
     * false leaves out what `user` and `workspace` send with each request: for web servers
     * that call them otherwise than the page does
     */
    sendsIdentity?: boolean | undefined;
    /**
     * what there is before anything is restored. Members that a stored state has not are taken from
     * here
     */
    initialState: S;
    /**
     * what is worth a sync; the rest goes along. `widgets`, `activeProject` and
     * `activeTasks` unless given, and everything where there are none of these
     */
    significantPaths?: readonly import("./paths.js").Path[] | undefined;
    /**
     * what never leaves the device. A path that meets an array goes on in its elements
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
     * of the state, 1 unless given. A page of an older one stops writing beside it
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
    storage?: import("./persistence.js").KeyValueStorage | undefined;
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
    /**
     * when the first restore has ended, well or not: see `hasRestored`. Waits for a sign-in
     */
    ready: Promise<void>;
    /**
     * the same object until something in it changes. What is changed in it in place is neither stored
     * nor sent before the next `setState`
     */
    getState: () => S;
    /**
     * what a server renders, always the same object
     */
    getInitialState: () => S;
    /**
     * changes the whole state, and takes a copy of what is new:
     * stored at once, synced after the debounce. Throws a TypeError where it is no object, or has what JSON cannot keep
     */
    setState: (next: S | ((previous: S) => S)) => void;
    /**
     * calls the listener at once, and after any change of
     * state or status; what it returns ends that. Svelte takes the store as it is, React its `subscribe`
     */
    subscribe: (listener: (state: S) => void) => () => void;
    /**
     * the same object until something in it changes
     */
    getStatus: () => DashboardStatus;
    /**
     * what a server renders, always the same object
     */
    getInitialStatus: () => DashboardStatus;
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
     * puts back what a conflict has lost, all of it or
     * one of its items, as a new edit. What has no place any more stays in the conflict
     */
    restoreLost: (id: string, item?: ConflictItem | number) => void;
    /**
     * offers it no longer
     */
    dismissConflict: (id: string) => void;
    /**
     * whether requests make sense. Each change to true restores once, and
     * true again after a refusal tries again; false keeps everything here, and takes edits too
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
     * stops all activity; what is stored stays, and edits are ignored. `subscribe` and
     * `setAuthenticated(true)` begin it again
     */
    destroy: () => void;
};

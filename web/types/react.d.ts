/**
 * The sync of a store, for components. React 18 or newer.
 * @template {import('./paths.js').State} S
 * @param {import('./store.js').DashboardStore<S>} store the same one on each render
 * @param {{isAuthenticated: boolean}} session the store restores once each time that this becomes true
 */
export function useDashboardSync<S extends import("./paths.js").State>(store: import("./store.js").DashboardStore<S>, { isAuthenticated }: {
    isAuthenticated: boolean;
}): {
    syncNow: () => Promise<import("./schedule.js").SyncResult>;
    restoreNow: () => Promise<import("./schedule.js").SyncResult>;
    clearError: () => void;
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
    syncError: import("./record.js").SyncError | null;
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
    conflicts: readonly import("./record.js").Conflict[];
};
/**
 * The state of a store, or what a component needs of it: only a change of that renders the component again. A selector
 * may be written in place, and may make new objects; where what it gives is equal to what it gave, it counts as the same.
 * @template {import('./paths.js').State} S
 * @template [T=S]
 * @param {import('./store.js').DashboardStore<S>} store
 * @param {(state: S) => T} [selector]
 * @returns {T}
 */
export function useDashboardState<S extends import("./paths.js").State, T = S>(store: import("./store.js").DashboardStore<S>, selector?: ((state: S) => T) | undefined): T;

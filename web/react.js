import { useCallback, useEffect, useSyncExternalStore } from 'react';

/**
 * The sync of a store, for components. React 18 or newer.
 * @template {import('./paths.js').State} S
 * @param {import('./store.js').DashboardStore<S>} store the same one on each render
 * @param {{isAuthenticated: boolean}} session the store restores once each time that this becomes true
 */
export function useDashboardSync(store, { isAuthenticated }) {
    useEffect(() => store.setAuthenticated(isAuthenticated), [store, isAuthenticated]);
    const status = useSyncExternalStore(store.subscribe, store.getStatus, store.getStatus);
    return {
        ...status,
        syncNow: useCallback(() => store.syncToServer(), [store]),
        restoreNow: useCallback(() => store.restoreFromServer(), [store]),
        clearError: useCallback(() => store.clearSyncError(), [store]),
    };
}

/**
 * The state of a store, for components.
 * @template {import('./paths.js').State} S
 * @param {import('./store.js').DashboardStore<S>} store
 * @returns {S}
 */
export const useDashboardState = (store) => useSyncExternalStore(store.subscribe, store.getState, store.getState);

import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { share } from './sharing.js';

/**
 * The sync of a store, for components. React 18 or newer.
 * @template {import('./paths.js').State} S
 * @param {import('./store.js').DashboardStore<S>} store the same one on each render
 * @param {{isAuthenticated: boolean}} session the store restores once each time that this becomes true
 */
export function useDashboardSync(store, { isAuthenticated }) {
    useEffect(() => store.setAuthenticated(isAuthenticated), [store, isAuthenticated]);
    const status = useSyncExternalStore(store.subscribe, store.getStatus, store.getInitialStatus);
    return {
        ...status,
        syncNow: useCallback(() => store.syncToServer(), [store]),
        restoreNow: useCallback(() => store.restoreFromServer(), [store]),
        clearError: useCallback(() => store.clearSyncError(), [store]),
    };
}

/**
 * The state of a store, or what a component needs of it: only a change of that renders the component again. A selector
 * may be written in place, and may make new objects; where what it gives is equal to what it gave, it counts as the same.
 * @template {import('./paths.js').State} S
 * @template [T=S]
 * @param {import('./store.js').DashboardStore<S>} store
 * @param {(state: S) => T} [selector]
 * @returns {T}
 */
export function useDashboardState(store, selector) {
    const shown = useRef(/** @type {{value: T} | undefined} */ (undefined));
    const [select, selectInitial] = useMemo(
        () => [selection(store.getState, selector, shown), selection(store.getInitialState, selector, shown)],
        [store, selector],
    );
    const value = useSyncExternalStore(store.subscribe, select, selectInitial);
    useEffect(() => void (shown.current = { value }), [value]);
    return value;
}

/**
 * @template S, T
 * @param {() => S} getState
 * @param {((state: S) => T) | undefined} selector
 * @param {{current: {value: T} | undefined}} shown what the component has rendered last
 * @returns {() => T} gives the same value until what is selected changes
 */
function selection(getState, selector, shown) {
    /** @type {{state: S, value: T} | undefined} */
    let last;
    return () => {
        const state = getState();
        if (last?.state === state) return last.value;
        const value = selector ? selector(state) : /** @type {any} */ (state);
        const before = last ?? shown.current;
        const isSame = selector !== undefined && before !== undefined && Object.is(share(before.value, value), before.value);
        last = { state, value: isSame ? before.value : value };
        return last.value;
    };
}

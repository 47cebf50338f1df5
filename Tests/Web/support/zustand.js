/**
 * Stands in for zustand, which no test can install: a store of the shape that its documentation gives
 * (`zustand/vanilla`: `getState`, `getInitialState`, `setState` that merges or replaces, `subscribe` with the state before).
 */
export function createStore(initialiser) {
    const listeners = new Set();
    let state;
    const api = {
        getState: () => state,
        getInitialState: () => initialState,
        setState(partial, replace) {
            const next = typeof partial === 'function' ? partial(state) : partial;
            if (Object.is(next, state)) return;
            const before = state;
            state = (replace ?? (typeof next !== 'object' || next === null)) ? next : Object.assign({}, state, next);
            listeners.forEach((listener) => listener(state, before));
        },
        subscribe(listener) {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
    };
    const initialState = (state = initialiser(api.setState, api.getState, api));
    return api;
}

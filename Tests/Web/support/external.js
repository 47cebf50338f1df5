// Stores that an application has of its own.
import { createStore } from './zustand.js';

/** What an application has, with an action and something that is its own business. */
export const application = () =>
    createStore((set) => ({
        widgets: [],
        filters: { days: 30, draft: '' },
        isMenuOpen: false,
        add: (id) => set(({ widgets }) => ({ widgets: [...widgets, { id }] })),
    }));

/** State that is changed in place, and tells of it later, as reactive objects do. */
export function reactive(initial) {
    const state = initial;
    const listeners = new Set();
    return {
        state,
        flush: () => listeners.forEach((listener) => listener()),
        getState: () => state,
        setState: (changes) => Object.assign(state, changes),
        subscribe(listener) {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
    };
}

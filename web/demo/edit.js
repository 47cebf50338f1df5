/**
 * Edits of the user's, counted until they have reached the server.
 *
 * @typedef {import('./state.js').DashboardState} DashboardState
 */
import { withUi } from './state.js';

/**
 * @param {import('../store.js').DashboardStore<DashboardState>} store
 * @returns {import('./widgets-view.js').Edit}
 */
export function createEdit(store) {
    let last = '';
    store.subscribe(() => {
        if (store.hasUnsyncedChanges) return;
        last = '';
        if (store.getState().ui.unsaved > 0) store.setState(withUi({ unsaved: 0 }));
    });
    return (what, change) =>
        store.setState((state) => {
            const next = change(state);
            if (next === state) return state;
            // Letters of one text, and steps of one move, are one change.
            const unsaved = state.ui.unsaved + (what === last ? 0 : 1);
            last = what;
            return withUi({ unsaved })(next);
        });
}

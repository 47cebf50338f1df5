// A Redux store one of whose slices is kept on the server.
import { bindStore, createDashboardStateClient, createDashboardStore } from 'dashboard-state';
import { combineReducers, legacy_createStore as createStore } from 'redux';

const atFirst = { widgets: [], filters: { days: 30 } };

function dashboard(state = atFirst, action) {
    switch (action.type) {
        case 'dashboard/widgetAdded':
            return { ...state, widgets: [...state.widgets, action.widget] };
        case 'dashboard/daysShown':
            return { ...state, filters: { ...state.filters, days: action.days } };
        // What comes from the server, another tab or another device: the one case that syncing adds.
        case 'dashboard/synced':
            return { ...state, ...action.changes };
        default:
            return state;
    }
}

const menu = (state = { isOpen: false }, action) => (action.type === 'menu/toggled' ? { isOpen: !state.isOpen } : state);

/** The application's store. */
export const redux = createStore(combineReducers({ dashboard, menu }));

/** Its slice as a store of its own. */
const slice = {
    getState: () => redux.getState().dashboard,
    setState: (changes) => redux.dispatch({ type: 'dashboard/synced', changes }),
    subscribe: redux.subscribe,
};

/**
 * Begins once it is known who is signed in.
 * @param {string} user
 * @param {string} workspace
 */
export function syncDashboard(user, workspace) {
    const store = createDashboardStore({ client: createDashboardStateClient(), user, workspace, initialState: atFirst });
    const unbind = bindStore(store, slice);
    return {
        store,
        stop() {
            unbind();
            store.destroy();
        },
    };
}

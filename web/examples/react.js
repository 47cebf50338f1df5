// A dashboard in React, which a server may have rendered first. (`h` is what JSX is made into.)
import { createDashboardStateClient, createDashboardStore } from 'dashboard-state';
import { useDashboardState, useDashboardSync } from 'dashboard-state/react';
import { createElement as h } from 'react';

/**
 * One for each user, on the server for each request.
 * @param {string} user
 * @param {string} workspace
 */
export function createStore(user, workspace) {
    const client = createDashboardStateClient();
    const initialState = { widgets: [{ id: 'welcome', title: 'Welcome' }], filters: { days: 30 } };
    // Not before the hook says so: the page may be there before its user is.
    return createDashboardStore({ client, user, workspace, initialState, isAuthenticated: false });
}

function Titles({ store }) {
    // Renders again when a title changes, or the number of widgets, and not when something else does.
    const titles = useDashboardState(store, ({ widgets }) => widgets.map(({ title }) => title));
    return h('ul', { id: 'titles' }, titles.map((title, index) => h('li', { key: index }, title)));
}

function Sync({ store, isAuthenticated }) {
    const { isSyncing, hasUnsyncedChanges, syncError, syncNow } = useDashboardSync(store, { isAuthenticated });
    const state = syncError ? syncError.message : isSyncing ? 'Saving …' : hasUnsyncedChanges ? 'Not saved yet' : 'Saved';
    return h('p', null, h('span', { id: 'sync', role: 'status' }, state), h('button', { id: 'sync-now', onClick: syncNow }, 'Sync now'));
}

export function Dashboard({ store, isAuthenticated }) {
    const add = () =>
        store.setState((state) => ({ ...state, widgets: [...state.widgets, { id: crypto.randomUUID(), title: 'New' }] }));
    return h(
        'main',
        null,
        h(Titles, { store }),
        h('button', { id: 'add', onClick: add }, 'Add a widget'),
        h(Sync, { store, isAuthenticated }),
    );
}

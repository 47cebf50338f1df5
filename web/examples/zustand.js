// A zustand store whose widgets and filters are kept on the server.
import { bindStore, createDashboardStateClient, createDashboardStore } from 'dashboard-state';
import { createStore } from 'zustand/vanilla';

/** The application's store, with its actions, as it would be without a server. (`create` from `zustand` does as well.) */
export const dashboard = createStore((set) => ({
    widgets: [],
    filters: { days: 30 },
    isMenuOpen: false,
    addWidget: (widget) => set(({ widgets }) => ({ widgets: [...widgets, widget] })),
    showDays: (days) => set({ filters: { days } }),
    toggleMenu: () => set(({ isMenuOpen }) => ({ isMenuOpen: !isMenuOpen })),
}));

/**
 * Begins once it is known who is signed in.
 * @param {string} user
 * @param {string} workspace
 */
export function syncDashboard(user, workspace) {
    const store = createDashboardStore({ client: createDashboardStateClient(), user, workspace, initialState: {} });
    const unbind = bindStore(store, dashboard, { paths: ['widgets', 'filters'] });
    return {
        store,
        stop() {
            unbind();
            store.destroy();
        },
    };
}

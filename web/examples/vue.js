// Reactive state of Vue's, which components change in place, kept on the server.
import { bindStore, createDashboardStateClient, createDashboardStore } from 'dashboard-state';
import Vue from 'vue';

/** What the components use. In Vue 3: `reactive({…})`. */
export const dashboard = Vue.observable({ widgets: [], filters: { days: 30 }, isMenuOpen: false });

const watcher = new Vue();

/** The reactive state as a store. In Vue 3: `Object.assign(dashboard, changes)` and `watch(dashboard, listener, { deep: true })`. */
const reactive = {
    getState: () => dashboard,
    setState: (changes) => Object.entries(changes).forEach(([name, value]) => Vue.set(dashboard, name, value)),
    subscribe: (listener) => watcher.$watch(() => dashboard, listener, { deep: true }),
};

/**
 * Begins once it is known who is signed in.
 * @param {string} user
 * @param {string} workspace
 */
export function syncDashboard(user, workspace) {
    const store = createDashboardStore({ client: createDashboardStateClient(), user, workspace, initialState: {} });
    const unbind = bindStore(store, reactive, { paths: ['widgets', 'filters'] });
    return {
        store,
        stop() {
            unbind();
            store.destroy();
        },
    };
}

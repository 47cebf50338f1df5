/**
 * One user's dashboard, from sign-in to sign-out.
 *
 * @typedef {import('./state.js').DashboardState} DashboardState
 */
import { createDashboardStateClient, createDashboardStore } from '/web/index.js';
import { createConflictView } from './conflict-view.js';
import { namespace } from './device.js';
import { announce, find, setText } from './dom.js';
import { listenToPointers } from './drag.js';
import { createEdit } from './edit.js';
import { listenToKeys } from './keyboard.js';
import { KINDS, kindOf } from './kinds.js';
import { createSidebarView } from './sidebar-view.js';
import { complete, initialState, newWidget, shownWidgets, withoutWidget, withWidget } from './state.js';
import { createSyncView } from './sync-view.js';
import { createWidgetsView } from './widgets-view.js';

/**
 * @param {import('./session.js').Account} account
 */
export function openDashboard({ user, workspace }) {
    const closing = new AbortController();
    const { signal } = closing;
    const store = createDashboardStore({
        client: createDashboardStateClient({ baseUrl: '/api/dashboard', workspace }),
        user,
        workspace,
        namespace,
        initialState: initialState(),
        migrate: complete,
        // Open or closed, the sidebar is this device's own business. The period (`filters`) goes to the server too, but
        // only along with something else: it is not among the paths that are worth a request.
        localPaths: ['ui'],
    });
    // For the curious: try dashboardStore.getStatus() in the console.
    Object.assign(window, { dashboardStore: store });

    const edit = createEdit(store);
    const grid = find('#grid', HTMLElement);
    const removed = find('#removed', HTMLElement);
    const widgets = () => shownWidgets(store.getState());

    /** @param {import('./state.js').Kind} kind */
    function add(kind) {
        const widget = newWidget(store.getState(), kind);
        edit(`add:${widget.id}`, withWidget(widget));
        const element = view.elementOf(widget.id);
        element?.focus({ preventScroll: true });
        element?.scrollIntoView({ block: 'nearest' });
        announce(`${KINDS[kind].name} added: column ${widget.x + 1}, row ${widget.y + 1}.`);
    }

    /** @type {import('./state.js').Widget | undefined} */
    let bin;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let forgetting;
    /** Takes the offer away, unless somebody is about to take it. */
    function forget() {
        if (removed.matches(':hover, :focus-within')) forgetting = setTimeout(forget, 5000);
        else removed.hidden = true;
    }

    /** @param {string} id */
    function remove(id) {
        const ids = view.ids();
        const next = ids[ids.indexOf(id) + 1] ?? ids[ids.indexOf(id) - 1];
        bin = widgets().find((widget) => widget.id === id);
        edit(`remove:${id}`, withoutWidget(id));
        (next && view.elementOf(next) ? view.elementOf(next) : find('#grid-heading', HTMLElement))?.focus();
        const what = bin?.title || KINDS[kindOf(bin?.kind ?? '')].name;
        setText(find('p', HTMLElement, removed), `“${what}” removed.`);
        removed.hidden = false;
        clearTimeout(forgetting);
        forgetting = setTimeout(forget, 15_000);
        announce(`${what} removed.`);
    }

    function bringBack() {
        removed.hidden = true;
        if (!bin) return;
        edit(`back:${bin.id}`, withWidget(bin));
        view.elementOf(bin.id)?.focus();
        announce(`${bin.title} is back.`);
    }

    const view = createWidgetsView(grid, edit, remove);
    const sidebar = createSidebarView({ store, edit, add, signal });
    const sync = createSyncView({ store, user, signal });
    const conflicts = createConflictView(store, view);
    listenToPointers({ grid, view, widgets, edit, signal });
    listenToKeys({ grid, widgets, edit, remove, signal });
    find('#removed-undo', HTMLElement).addEventListener('click', bringBack, { signal });
    find('#removed-dismiss', HTMLElement).addEventListener('click', () => (removed.hidden = true), { signal });

    function render() {
        const state = store.getState();
        sidebar.render(state);
        view.render(state);
        find('#empty', HTMLElement).hidden = shownWidgets(state).length > 0;
        // A notice of something that has come back otherwise has nothing to say any more.
        if (bin && state.widgets.some(({ id }) => id === bin?.id)) removed.hidden = true;
        sync.render();
        conflicts.render();
    }
    store.subscribe(render);
    render();

    return {
        user,
        store,
        close() {
            closing.abort();
            store.destroy();
            view.clear();
            conflicts.clear();
            removed.hidden = true;
            find('#error', HTMLElement).hidden = true;
        },
    };
}

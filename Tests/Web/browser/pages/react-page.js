// A component with the hook; what it has rendered is in the page, what it has been given in window.rendered.
import { StrictMode, createElement, useEffect, useState } from 'react';
import { createDashboardStateClient, createDashboardStore } from '/web/index.js';
import { useDashboardState, useDashboardSync } from '/web/react.js';

window.requests = [];
const fetch = async (url, init) => {
    const response = await window.fetch(url, init);
    window.requests.push(`${init.method} ${response.status}`);
    return response;
};
window.store = createDashboardStore({
    client: createDashboardStateClient({ fetch }),
    user: 'alice',
    workspace: 'main',
    initialState: { widgets: [] },
    debounce: 50,
    isAuthenticated: false,
});
window.rendered = [];
window.titles = [];

function Titles() {
    const titles = useDashboardState(window.store, ({ widgets }) => widgets.map(({ title }) => title));
    window.titles.push(titles);
    return createElement('p', { id: 'titles' }, titles.join(', '));
}

function Dashboard() {
    const [isAuthenticated, setAuthenticated] = useState(false);
    const { widgets } = useDashboardState(window.store);
    const sync = useDashboardSync(window.store, { isAuthenticated });
    // As components do that have made their store themselves.
    useEffect(() => () => location.search === '?destroys' && window.store.destroy(), []);
    window.setAuthenticated = setAuthenticated;
    window.sync = sync;
    window.rendered.push({ isSyncing: sync.isSyncing, hasUnsyncedChanges: sync.hasUnsyncedChanges, syncNow: sync.syncNow });
    return createElement('p', { id: 'shown' }, `${widgets.length} widgets, ${sync.syncError?.httpStatus ?? 'no error'}`);
}

let root;
window.render = () => root.render(createElement(StrictMode, null, createElement(Dashboard), createElement(Titles)));
window.mount = () => {
    root = window.ReactDOM.createRoot(document.getElementById('root'));
    window.render();
};
window.unmount = () => root.unmount();
window.mount();
window.isReady = true;

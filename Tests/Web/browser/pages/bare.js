// A store of whoever is signed in, as window.store. The query sets what tests vary.
import { createDashboardStateClient, createDashboardStore } from '/web/index.js';

const query = new URLSearchParams(location.search);
if (query.has('blocked')) {
    Object.defineProperty(window, 'localStorage', {
        get() {
            throw new DOMException('blocked', 'SecurityError');
        },
    });
}
// As in an old browser.
if (query.has('channelless')) delete window.BroadcastChannel;
const me = await fetch('/demo/me');
window.user = me.ok ? (await me.json()).user : null;
if (window.user) {
    window.store = createDashboardStore({
        client: createDashboardStateClient({ checksum: query.has('checksum') }),
        user: window.user,
        workspace: 'main',
        initialState: { widgets: [] },
        localPaths: ['ui'],
        debounce: Number(query.get('debounce') ?? 50),
        staleAfter: Number(query.get('staleAfter') ?? 60_000),
        conflictPolicy: query.get('policy') ?? 'server',
        schemaVersion: Number(query.get('schema') ?? 1),
    });
}
window.isReady = true;

// The examples themselves, with the libraries that they are for.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { found, saved, scripted } from '../support/answers.js';
import { Clock } from '../support/clock.js';
import { findPackages } from '../support/packages.js';
import { Page } from '../support/page.js';
import { MemoryStorage } from '../support/storage.js';

findPackages();
const [zustand, redux, vue, { default: Vue }] = await Promise.all(
    ['../../../web/examples/zustand.js', '../../../web/examples/redux.js', '../../../web/examples/vue.js', 'vue'].map((name) => import(name)),
);

/** What each example's application does, in its own way. */
const APPLICATIONS = {
    zustand: {
        syncDashboard: zustand.syncDashboard,
        state: () => zustand.dashboard.getState(),
        add: (widget) => zustand.dashboard.getState().addWidget(widget),
        showDays: (days) => zustand.dashboard.getState().showDays(days),
        toggleMenu: () => zustand.dashboard.getState().toggleMenu(),
    },
    redux: {
        syncDashboard: redux.syncDashboard,
        state: () => redux.redux.getState().dashboard,
        add: (widget) => redux.redux.dispatch({ type: 'dashboard/widgetAdded', widget }),
        showDays: (days) => redux.redux.dispatch({ type: 'dashboard/daysShown', days }),
        toggleMenu: () => redux.redux.dispatch({ type: 'menu/toggled' }),
    },
    vue: {
        syncDashboard: vue.syncDashboard,
        state: () => vue.dashboard,
        add: (widget) => vue.dashboard.widgets.push(widget),
        showDays: (days) => (vue.dashboard.filters.days = days),
        toggleMenu: () => (vue.dashboard.isMenuOpen = !vue.dashboard.isMenuOpen),
    },
};

let clock;
let page;
beforeEach(() => {
    clock = new Clock();
    page = new Page();
    globalThis.localStorage = new MemoryStorage();
});
afterEach(() => {
    page.close();
    delete globalThis.localStorage;
    clock.restore();
});

/** Runs an example until it has restored. */
async function start(application, answers, user = 'alice') {
    const { fetch, requests } = scripted(...answers);
    globalThis.fetch = fetch;
    const running = application.syncDashboard(user, 'main');
    await clock.settle();
    return { ...running, requests };
}

for (const [name, application] of Object.entries(APPLICATIONS)) {
    test(`${name}: what is stored is shown, edits are sent, and what concerns the page alone is not`, async () => {
        const { stop, requests } = await start(application, [found(1, { widgets: [{ id: 'stored' }] }), saved(2)]);
        assert.deepEqual(JSON.parse(JSON.stringify(application.state().widgets)), [{ id: 'stored' }]);
        assert.equal(application.state().filters.days, 30);
        application.toggleMenu();
        await clock.advance(100_000);
        assert.equal(requests.length, 1);
        application.showDays(7);
        application.add({ id: 'new' });
        await clock.advance(2100);
        assert.deepEqual(requests[1].body.state, { widgets: [{ id: 'stored' }, { id: 'new' }], filters: { days: 7 } });
        stop();
    });

    test(`${name}: an edit outlives the page, and is no other user’s`, async () => {
        const first = await start(application, [found(1, { widgets: [] })]);
        application.add({ id: 'unsent' });
        await clock.settle();
        first.stop();
        const second = await start(application, [found(1, { widgets: [{ id: 'of bob' }] })], 'bob');
        assert.deepEqual(JSON.parse(JSON.stringify(application.state().widgets)), [{ id: 'of bob' }]);
        await clock.advance(100_000);
        assert.equal(second.requests.length, 1);
        second.stop();
        const third = await start(application, ['lost']);
        assert.deepEqual(JSON.parse(JSON.stringify(application.state().widgets)), [{ id: 'unsent' }]);
        third.stop();
    });

    test(`${name}: what another device does in the same moment is merged`, async () => {
        const { stop, store, requests } = await start(application, [found(1, { widgets: [{ id: 'a' }] }), found(2, { widgets: [{ id: 'a' }, { id: 'theirs' }] }), saved(3)]);
        const restored = store.restoreFromServer();
        application.add({ id: 'ours' });
        await restored;
        await clock.advance(2100);
        const ids = (widgets) => widgets.map(({ id }) => id).sort();
        assert.deepEqual(ids(application.state().widgets), ['a', 'ours', 'theirs']);
        assert.deepEqual(ids(requests.at(-1).body.state.widgets), ['a', 'ours', 'theirs']);
        stop();
    });
}

test('vue: components follow what comes from the server, and changes to it in place are edits', async () => {
    const { stop, store, requests } = await start(APPLICATIONS.vue, [found(1, { widgets: [{ id: 'a', x: 1 }] }), saved(2)]);
    const seen = [];
    const component = new Vue({ computed: { sum: () => vue.dashboard.widgets.reduce((sum, { x }) => sum + x, 0) } });
    component.$watch('sum', (sum) => seen.push(sum), { immediate: true });
    store.setState((state) => ({ ...state, widgets: [...state.widgets, { id: 'b', x: 10 }] }));
    await clock.settle();
    vue.dashboard.widgets[1].x = 20;
    await clock.advance(2100);
    assert.deepEqual(seen, [1, 11, 21]);
    assert.deepEqual(requests.at(-1).body.state.widgets, [{ id: 'a', x: 1 }, { id: 'b', x: 20 }]);
    component.$destroy();
    stop();
});

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { away, failed, found, nothing, saved, unchanged } from '../support/answers.js';
import { Clock } from '../support/clock.js';
import { Page } from '../support/page.js';
import { over, summary } from '../support/stores.js';

let clock;
beforeEach(() => void (clock = new Clock()));
afterEach(() => clock.restore());

/** A store with a conflict about two places. */
async function withConflict(options) {
    const made = over([found(1, { widgets: [{ id: 'a', x: 0, y: 0 }] }), failed(2, { widgets: [{ id: 'a', x: 5, y: 5 }] }), saved(3), saved(4)], options);
    await clock.settle();
    made.store.setState({ widgets: [{ id: 'a', x: 9, y: 9 }] });
    await clock.advance(2000);
    return made;
}

test('each place of a conflict can be put back by itself', async () => {
    const { store, requests } = await withConflict();
    const [{ id, items }] = store.conflicts;
    assert.equal(items.length, 2);
    store.restoreLost(id, structuredClone(items[1]));
    assert.deepEqual(store.getState().widgets, [{ id: 'a', x: 5, y: 9 }]);
    assert.deepEqual(store.conflicts[0].items, [items[0]]);
    await clock.advance(2000);
    assert.deepEqual(requests.at(-1).body.state.widgets, [{ id: 'a', x: 5, y: 9 }]);
    store.restoreLost(id, 7);
    assert.equal(store.conflicts.length, 1);
    store.restoreLost(id, 0);
    assert.deepEqual(store.getState().widgets, [{ id: 'a', x: 9, y: 9 }]);
    assert.deepEqual(store.conflicts, []);
});

test('what is done to a conflict that is shown changes nothing of what is put back, stored or shown next', async () => {
    const { store, storage } = await withConflict();
    const shown = store.conflicts;
    store.clearSyncError();
    assert.equal(store.conflicts, shown);
    const [{ id, items }] = shown;
    const before = structuredClone(items);
    items[0].lost = 'tampered';
    items[0].path.push('elsewhere');
    items.length = 1;
    store.setState((state) => ({ ...state, other: 1 }));
    assert.deepEqual(store.conflicts[0].items, before);
    assert.ok(![...storage.entries.values()].some((text) => text.includes('tampered')));
    store.conflicts[0].items[0].lost = 'tampered';
    store.restoreLost(id);
    assert.deepEqual(store.getState().widgets, [{ id: 'a', x: 9, y: 9 }]);
});

test('restoreLost wipes nothing of an array that has come to hold other elements', async () => {
    const now = {
        'without ids': [{ id: 'a', x: 5, y: 5 }, 'text', { title: 'none' }],
        'one id twice': [{ id: 'a', x: 5, y: 5 }, { id: 'b' }, { id: 'b' }],
        'none of it': [1, 2],
        'no array': { a: 1 },
    };
    for (const [how, widgets] of Object.entries(now)) {
        const { store } = await withConflict();
        store.setState({ widgets });
        store.restoreLost(store.conflicts[0].id);
        const expected = structuredClone(widgets);
        if (expected[0]?.id) Object.assign(expected[0], { x: 9, y: 9 });
        assert.deepEqual(store.getState().widgets, expected, how);
    }
});

test('a local path that meets an array stays local in its elements, by id or by place', async () => {
    const settings = { localPaths: ['widgets.isOpen', 'rows.0.draft'], initialState: { widgets: [], rows: [] } };
    const { store, requests } = over([found(1, { widgets: [{ id: 'a' }], rows: [] }), saved(2), found(3, { widgets: [{ id: 'b' }, { id: 'a', x: 1 }], rows: [{ n: 2 }, {}] })], settings);
    await clock.settle();
    store.setState({ widgets: [{ id: 'a', isOpen: true }, { id: 'b', isOpen: false }], rows: [{ draft: 'mine', n: 1 }, { draft: 'shared' }] });
    await clock.advance(2000);
    assert.deepEqual(requests[1].body.state, { widgets: [{ id: 'a' }, { id: 'b' }], rows: [{ n: 1 }, { draft: 'shared' }] });
    await store.restoreFromServer();
    assert.deepEqual(store.getState(), { widgets: [{ id: 'b', isOpen: false }, { id: 'a', x: 1, isOpen: true }], rows: [{ n: 2, draft: 'mine' }, {}] });
    assert.equal(store.hasUnsyncedChanges, false);
});

test('isPersisted is true only when something was written', async () => {
    const { store } = over([nothing()]);
    assert.equal(store.isPersisted, false);
    await clock.settle();
    assert.equal(store.isPersisted, true);
    const forgetful = over([nothing()], { storage: { getItem: () => null, setItem() {}, removeItem() {} } });
    forgetful.store.setState({ widgets: [1] });
    await clock.settle();
    assert.equal(forgetful.store.isPersisted, false);
});

test('a clock that is put back stops neither revalidation nor retries', async () => {
    const page = new Page();
    const { store, requests } = over([found(1, { widgets: [1] }), unchanged(), away('3'), unchanged()], { staleAfter: 1000 });
    try {
        await clock.settle();
        clock.now -= 86_400_000 * 365;
        page.focus();
        await clock.settle();
        assert.equal(requests.length, 2);
        await clock.advance(2000);
        page.focus();
        await clock.settle();
        assert.equal(store.syncError.kind, 'unavailable');
        clock.now -= 86_400_000 * 365;
        page.focus();
        await clock.settle();
        assert.equal(requests.length, 4);
        assert.equal(store.syncError, null);
    } finally {
        store.destroy();
        page.close();
    }
});

test('a state without any of the usual significant paths is synced all the same, and one without the given ones is told', async () => {
    const { store, requests } = over([nothing(), saved(1)], { initialState: { charts: [] } });
    await clock.settle();
    store.setState({ charts: [1] });
    await clock.advance(2000);
    assert.deepEqual(summary(requests), ['GET', 'POST 1 *']);
    const told = [];
    const { warn } = console;
    console.warn = (text) => told.push(text);
    try {
        const other = over([nothing()], { initialState: { charts: [] }, significantPaths: ['widgets', ['a', 'b']] });
        await clock.settle();
        for (const chart of [1, 2]) other.store.setState({ charts: [chart] });
        assert.equal(told.length, 1);
        assert.match(told[0], /significantPaths/);
    } finally {
        console.warn = warn;
    }
});

test('a policy that keeps both sides, or says that nothing was lost, reports no loss', async () => {
    const union = ({ local, remote }) => [...new Set([...remote, ...local])];
    const sum = ({ base, local, remote }, { nothingLost }) => {
        nothingLost();
        return local + remote - base;
    };
    for (const [conflictPolicy, base, mine, theirs, kept] of [[union, ['a'], ['a', 'm'], ['a', 't'], ['a', 't', 'm']], [sum, 1, 3, 6, 8]]) {
        const { store } = over([found(1, { widgets: base }), failed(2, { widgets: theirs }), saved(3)], { conflictPolicy });
        await clock.settle();
        store.setState({ widgets: mine });
        await clock.advance(2000);
        assert.deepEqual(store.getState(), { widgets: kept });
        assert.deepEqual(store.conflicts, []);
    }
});

test('what a policy must not give is an error that keeps both sides', async () => {
    for (const conflictPolicy of [async ({ local }) => local, () => {}, () => new Map(), () => () => 1]) {
        const { store, requests } = over([found(1, { widgets: 0 }), failed(2, { widgets: 5 })], { conflictPolicy });
        await clock.settle();
        store.setState({ widgets: 9 });
        await clock.advance(600_000);
        assert.equal(store.syncError.kind, 'failed');
        assert.match(store.syncError.message, /conflictPolicy/);
        assert.deepEqual(store.getState(), { widgets: 9 });
        assert.equal(store.hasUnsyncedChanges, true);
        assert.equal(requests.length, 2, 'and is not tried again without end');
    }
});

test('a policy may let a removal win', async () => {
    const { store } = over([found(1, { widgets: [{ id: 'a', x: 0 }] }), failed(2, { widgets: [] }), saved(3)], { conflictPolicy: ({ remote }) => remote });
    await clock.settle();
    store.setState({ widgets: [{ id: 'a', x: 1 }] });
    await clock.advance(2000);
    assert.deepEqual(store.getState(), { widgets: [] });
    assert.deepEqual(store.conflicts[0].items[0].lost, { id: 'a', x: 1 });
});

test('subscribe takes listeners as Svelte has them: called at once, with the state', async () => {
    const { store } = over([found(1, { widgets: [1] })]);
    const heard = [];
    const leave = store.subscribe((state) => heard.push(state));
    assert.deepEqual(heard, [{ widgets: [] }]);
    await clock.settle();
    assert.equal(heard.at(-1), store.getState());
    leave();
});

test('restoreLost leaves a text or a number that is there now', async () => {
    for (const now of ['text', 7, true]) {
        const at = (x) => ({ widgets: { at: { x } } });
        const { store } = over([found(1, at(0)), failed(2, at(5)), saved(3)]);
        await clock.settle();
        store.setState(at(9));
        await clock.advance(2000);
        store.setState({ widgets: { at: now } });
        store.restoreLost(store.conflicts[0].id);
        assert.deepEqual(store.getState(), { widgets: { at: now } });
    }
});

test('what restoreLost finds no place for stays in the conflict, and what is there already goes', async () => {
    const cases = [
        [[], [0, 1]],
        ['text', [0, 1]],
        [[{ id: 'a' }], []],
        [[{ id: 'a', x: 'text', y: { more: 1 } }], []],
        [[{ id: 'a', x: 9, y: 9 }], []],
        [[{ id: 'other' }, { title: 'none' }], [0, 1]],
    ];
    for (const [widgets, left] of cases) {
        const { store, requests } = await withConflict();
        const [{ id, items }] = store.conflicts;
        store.setState({ widgets });
        const before = store.getState();
        store.restoreLost(id);
        const how = JSON.stringify(widgets);
        assert.deepEqual(store.conflicts.flatMap((one) => one.items), left.map((index) => items[index]), how);
        if (left.length > 0) assert.equal(store.getState(), before, how);
        assert.equal(requests.length, 2);
    }
});

test('a policy may do to what it is given as it likes: both sides stay, and what is lost is reported', async () => {
    const policies = {
        'changes the remote side': ({ local, remote }) => Object.assign(remote, local),
        'changes the local side': ({ local, remote }) => Object.assign(local, remote, { 0: 'both' }),
        'changes the base': ({ base, local }) => Object.assign(base, local),
    };
    for (const [how, conflictPolicy] of Object.entries(policies)) {
        const { store, requests } = over([found(1, { widgets: ['base'] }), failed(2, { widgets: ['theirs'] }), saved(3)], { conflictPolicy });
        await clock.settle();
        store.setState({ widgets: ['mine'] });
        await clock.advance(10_000);
        assert.deepEqual(requests[2].body.state, store.getState(), how);
        const [{ local, remote }] = store.conflicts[0].items;
        assert.deepEqual([local, remote], [['mine'], ['theirs']], how);
    }
});

test('a listener that changes the state in its first call hears of that', async () => {
    const { store } = over([nothing()]);
    const heard = [];
    store.subscribe(({ widgets }) => {
        heard.push(widgets.length);
        if (widgets.length < 2) store.setState({ widgets: [...widgets, 1] });
    });
    assert.deepEqual([...heard].sort(), [0, 1, 2]);
});

test('a clock that is put back does not put off the sync of someone who never pauses', async () => {
    const { store, requests } = over([nothing(), saved(1), saved(2)]);
    const { now } = Date;
    await clock.settle();
    store.setState({ widgets: [0] });
    try {
        Date.now = () => now() - 3_600_000;
        for (let second = 1; second <= 13; second += 1) {
            store.setState({ widgets: [second] });
            await clock.advance(1000);
        }
    } finally {
        Date.now = now;
    }
    assert.equal(requests[1]?.method, 'POST');
});

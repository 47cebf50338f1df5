import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { away, failed, found, nothing, problem, saved, unchanged } from '../support/answers.js';
import { Clock } from '../support/clock.js';
import { KEY, over, summary, SYNCED } from '../support/stores.js';

let clock;
beforeEach(() => void (clock = new Clock()));
afterEach(() => clock.restore());

test('a store restores once when it is signed in', async () => {
    const { store, requests } = over([found(7, { widgets: [1], other: 2 })]);
    assert.deepEqual(store.getState(), { widgets: [] });
    await clock.settle();
    assert.deepEqual(store.getState(), { widgets: [1], other: 2 });
    assert.equal(store.lastSyncedAt, clock.now);
    assert.equal(store.hasUnsyncedChanges, false);
    store.setAuthenticated(true);
    await clock.advance(100_000);
    assert.deepEqual(summary(requests), ['GET']);
});

test('a store restores once for each sign-in, and asks for nothing signed out', async () => {
    const { store, requests } = over([nothing(), nothing()], { isAuthenticated: false });
    await clock.advance(10_000);
    assert.deepEqual(await store.syncToServer(), { status: 'signed-out' });
    assert.deepEqual(requests, []);
    store.setAuthenticated(true);
    await clock.settle();
    store.setAuthenticated(false);
    store.setState({ widgets: [1] });
    await clock.advance(10_000);
    assert.deepEqual(summary(requests), ['GET']);
    assert.equal(store.hasUnsyncedChanges, true);
});

test('an edit is synced once the debounce is over, conditional on what was read', async () => {
    const { store, requests } = over([found(7, { widgets: [1] }), saved(8)]);
    await clock.settle();
    store.setState({ widgets: [1, 2] });
    await clock.advance(1000);
    store.setState((state) => ({ widgets: [...state.widgets, 3] }));
    await clock.advance(1999);
    assert.deepEqual(summary(requests), ['GET']);
    assert.equal(store.hasUnsyncedChanges, true);
    await clock.advance(1);
    assert.deepEqual(summary(requests), ['GET', 'POST 8 "e7"']);
    assert.deepEqual(requests[1].body.state, { widgets: [1, 2, 3] });
    assert.equal(store.hasUnsyncedChanges, false);
    await clock.advance(100_000);
    assert.equal(requests.length, 2);
});

test('edits without a pause are synced after five times the debounce', async () => {
    const { store, requests } = over([nothing(), saved(1), saved(2)]);
    await clock.settle();
    for (let edit = 0; edit < 12; edit += 1) {
        store.setState({ widgets: [edit] });
        await clock.advance(1000);
    }
    assert.deepEqual(summary(requests), ['GET', 'POST 1 *']);
});

test('only significant changes start a sync, and others go along with it', async () => {
    const { store, requests } = over([nothing(), saved(1)]);
    await clock.settle();
    store.setState({ widgets: [], scroll: 5 });
    await clock.advance(10_000);
    assert.deepEqual(summary(requests), ['GET']);
    assert.equal(store.hasUnsyncedChanges, false);
    for (const path of ['activeTasks', 'activeProject', 'widgets']) store.setState((state) => ({ ...state, [path]: [1] }));
    await clock.advance(2000);
    assert.deepEqual(requests[1].body.state, { widgets: [1], scroll: 5, activeTasks: [1], activeProject: [1] });
});

test('the significant paths are the application’s to say', async () => {
    const { store, requests } = over([nothing(), saved(1)], { significantPaths: ['filters.date'] });
    await clock.settle();
    store.setState({ widgets: [1], filters: { name: 'x' } });
    await clock.advance(10_000);
    assert.equal(requests.length, 1);
    store.setState({ widgets: [1], filters: { name: 'x', date: 1 } });
    await clock.advance(2000);
    assert.equal(requests.length, 2);
});

test('syncToServer sends any change at once, and nothing where the canonical form is unchanged', async () => {
    const { store, requests } = over([found(1, { widgets: [{ id: 1, x: 2 }], a: 1 }), saved(2)]);
    await clock.settle();
    store.setState({ a: 1, widgets: [{ x: 2, id: 1, gone: undefined }] });
    await clock.advance(10_000);
    assert.deepEqual(await store.syncToServer(), SYNCED);
    assert.equal(requests.length, 1);
    store.setState((state) => ({ ...state, scroll: 1 }));
    assert.deepEqual(await store.syncToServer(), SYNCED);
    assert.deepEqual(summary(requests), ['GET', 'POST 2 "e1"']);
});

test('a change that is taken back before the debounce ends is not sent', async () => {
    const { store, requests } = over([found(1, { widgets: [1] })]);
    await clock.settle();
    store.setState({ widgets: [] });
    await clock.advance(1000);
    store.setState({ widgets: [1] });
    await clock.advance(10_000);
    assert.equal(requests.length, 1);
});

test('local paths never leave the device, and stay what they are when the rest is restored', async () => {
    const { store, requests } = over([found(1, { widgets: [1], ui: { open: 'theirs' } }), saved(2)], {
        localPaths: ['ui', 'filters.draft'],
        initialState: { widgets: [], ui: { open: 'mine' }, filters: {} },
    });
    await clock.settle();
    assert.deepEqual(store.getState(), { widgets: [1], ui: { open: 'mine' }, filters: {} });
    store.setState({ widgets: [2], ui: { open: 'still' }, filters: { draft: 1, a: 1 } });
    await clock.advance(2000);
    assert.deepEqual(requests[1].body.state, { widgets: [2], filters: { a: 1 } });
    assert.ok(!requests[1].text.includes('still'));
});

test('there is one request at a time, and an edit during one is sent after it', async () => {
    let answer;
    const { store, requests } = over([nothing(), () => new Promise((resolve) => (answer = resolve)), saved(2)]);
    await clock.settle();
    store.setState({ widgets: [1] });
    await clock.advance(2000);
    assert.equal(store.isSyncing, true);
    store.setState({ widgets: [1, 2] });
    const both = Promise.all([store.syncToServer(), store.syncToServer()]);
    await clock.advance(3000);
    assert.equal(requests.length, 2);
    answer(saved(1));
    assert.deepEqual(await both, [SYNCED, SYNCED]);
    assert.deepEqual(summary(requests), ['GET', 'POST 1 *', 'POST 2 "e1"']);
    assert.equal(store.isSyncing, false);
});

test('while the server is away, edits stay and are sent when it is back', async () => {
    const { store, requests, storage } = over([found(3, { widgets: [] }), away('4'), 'lost', saved(4), saved(5)]);
    await clock.settle();
    store.setState({ widgets: [1] });
    await clock.advance(2000);
    assert.equal(store.syncError.kind, 'unavailable');
    assert.equal(store.syncError.httpStatus, 503);
    assert.ok(store.syncError.retryAt >= clock.now + 4000);
    store.setState({ widgets: [1, 2] });
    await clock.advance(3900);
    assert.equal(requests.length, 2);
    assert.deepEqual(JSON.parse(storage.getItem(KEY)).state, { widgets: [1, 2] });
    await clock.advance(20_000);
    assert.equal(store.syncError, null);
    assert.equal(store.hasUnsyncedChanges, false);
    // What may have arrived goes again as it was, so that it cannot be taken for another device's.
    assert.deepEqual(summary(requests), ['GET', 'POST 4 "e3"', 'POST 4 "e3"', 'POST 4 "e3"', 'POST 5 "e4"']);
    assert.equal(requests[1].text, requests[3].text);
    assert.deepEqual(requests[4].body.state, { widgets: [1, 2] });
});

test('a failed restore is tried again, and is not taken for an empty dashboard', async () => {
    const { store, requests } = over([away(), 'lost', found(2, { widgets: [1] })]);
    await clock.settle();
    assert.deepEqual(store.getState(), { widgets: [] });
    assert.equal(store.lastSyncedAt, null);
    await clock.advance(10_000);
    assert.deepEqual(store.getState(), { widgets: [1] });
    assert.equal(requests.length, 3);
});

test('what is rejected is not repeated before the next change', async () => {
    const { store, requests } = over([nothing(), problem(413, { detail: 'Too large.' }), saved(1)]);
    await clock.settle();
    store.setState({ widgets: ['large'] });
    await clock.advance(100_000);
    assert.equal(requests.length, 2);
    assert.deepEqual(store.syncError, { kind: 'rejected', message: 'Too large.', httpStatus: 413 });
    assert.equal(store.hasUnsyncedChanges, true);
    store.clearSyncError();
    assert.equal(store.syncError, null);
    store.setState({ widgets: ['small'] });
    await clock.advance(2000);
    assert.deepEqual(summary(requests).slice(1), ['POST 1 *', 'POST 1 *']);
    assert.equal(store.hasUnsyncedChanges, false);
});

test('a conflict is merged with what is stored and sent on top of it', async () => {
    const { store, requests } = over([found(1, { widgets: [{ id: 'a', x: 0 }], b: 0 }), failed(4, { widgets: [{ id: 'a', x: 0 }, { id: 'r' }], b: 1 }), saved(5)]);
    await clock.settle();
    store.setState({ widgets: [{ id: 'a', x: 9 }], b: 0 });
    await clock.advance(2000);
    assert.deepEqual(summary(requests), ['GET', 'POST 2 "e1"', 'POST 5 "e4"']);
    assert.deepEqual(store.getState(), { widgets: [{ id: 'a', x: 9 }, { id: 'r' }], b: 1 });
    assert.deepEqual(requests[2].body.state, store.getState());
    assert.deepEqual(store.conflicts, []);
});

test('what a conflict has lost is kept over a reload, offered, and put back as an edit', async () => {
    const answers = [found(1, { widgets: [{ id: 'a', x: 0 }] }), failed(2, { widgets: [{ id: 'a', x: 5 }] })];
    const { store, storage } = over(answers);
    await clock.settle();
    store.setState({ widgets: [{ id: 'a', x: 9 }] });
    await clock.advance(2000);
    assert.deepEqual(store.getState().widgets, [{ id: 'a', x: 5 }]);
    store.destroy();
    const later = over([unchanged(), saved(3)], { storage });
    await clock.settle();
    const [{ id, items }] = later.store.conflicts;
    assert.deepEqual(items, [{ path: ['widgets', { id: 'a' }, 'x'], base: 0, local: 9, remote: 5, kept: 5, lost: 9 }]);
    later.store.restoreLost(id);
    assert.deepEqual(later.store.getState().widgets, [{ id: 'a', x: 9 }]);
    assert.deepEqual(later.store.conflicts, []);
    await clock.advance(2000);
    assert.deepEqual(summary(later.requests), ['GET "e2"', 'POST 3 "e2"']);
});

test('a conflict can be dismissed', async () => {
    const { store } = over([found(1, { widgets: 0 }), failed(2, { widgets: 5 })]);
    await clock.settle();
    store.setState({ widgets: 9 });
    await clock.advance(2000);
    store.dismissConflict(store.conflicts[0].id);
    assert.deepEqual(store.conflicts, []);
    assert.deepEqual(store.getState(), { widgets: 5 });
});

test('the policy may be this device’s, or a function', async () => {
    for (const [conflictPolicy, expected] of [['client', 9], [({ local, remote }) => local + remote, 14]]) {
        const { store, requests } = over([found(1, { widgets: 0 }), failed(2, { widgets: 5 }), saved(3)], { conflictPolicy });
        await clock.settle();
        store.setState({ widgets: 9 });
        await clock.advance(2000);
        assert.deepEqual(requests.at(-1).body.state, { widgets: expected });
        assert.equal(store.conflicts.length, 1);
        assert.equal(store.conflicts[0].items[0].kept, expected);
    }
});

test('the ten latest conflicts are kept', async () => {
    const answers = Array.from({ length: 12 }, (_, n) => [failed(2 * n + 2, { widgets: `theirs ${n}` }), saved(2 * n + 3)]).flat();
    const { store } = over([found(1, { widgets: 0 }), ...answers], { conflictPolicy: 'client' });
    await clock.settle();
    for (let n = 0; n < 12; n += 1) {
        store.setState({ widgets: `mine ${n}` });
        await clock.advance(2000);
    }
    assert.deepEqual(store.conflicts.map(({ items }) => items[0].lost), Array.from({ length: 10 }, (_, n) => `theirs ${n + 2}`));
});

test('devices that are always faster are an outage, not a loop', async () => {
    let version = 1;
    const faster = () => failed((version += 1), { widgets: [], count: version });
    const { store, requests } = over([found(1, { widgets: [] }), ...Array.from({ length: 15 }, () => faster)]);
    await clock.settle();
    store.setState({ widgets: ['mine'] });
    await clock.advance(2000);
    assert.equal(requests.length, 11);
    assert.equal(store.syncError.kind, 'unavailable');
    assert.deepEqual(store.getState().widgets, ['mine']);
});

test('the longer the server is away, the longer are the waits', async () => {
    const { requests } = over(Array.from({ length: 100 }, () => 'lost'));
    await clock.advance(300_000);
    // Half a second, a second, … half a minute; each at least half as long, so 4 to 8 further ones in a minute.
    assert.ok(requests.length > 14 && requests.length < 32, String(requests.length));
});

test('a client that does not end when it is told to brings nothing back after a sign-out', async () => {
    let answer;
    const client = { getDashboardState: () => new Promise((resolve) => (answer = resolve)) };
    const { store, storage } = over([], { client });
    await clock.settle();
    await store.signOut();
    answer({ status: 'found', document: { version: 1, etag: '"e1"', state: { widgets: ['of alice'] } } });
    await clock.settle();
    assert.deepEqual(store.getState(), { widgets: [] });
    assert.equal(storage.entries.size, 0);
});

test('a function of the application’s that throws is an error of the sync, and loses nothing', async () => {
    const conflictPolicy = () => {
        throw new Error('broken');
    };
    const { store } = over([found(1, { widgets: 0 }), failed(2, { widgets: 5 })], { conflictPolicy });
    await clock.settle();
    store.setState({ widgets: 9 });
    await clock.advance(2000);
    assert.deepEqual(store.syncError, { kind: 'failed', message: 'Error: broken' });
    assert.deepEqual(store.getState(), { widgets: 9 });
    assert.equal(store.hasUnsyncedChanges, true);
});

test('a refusal without the document is followed by reading it', async () => {
    const { store, requests } = over([found(1, { widgets: 0, b: 0 }), problem(412), found(5, { widgets: 0, b: 1 }), saved(6)]);
    await clock.settle();
    store.setState({ widgets: 9, b: 0 });
    await clock.advance(2000);
    assert.deepEqual(summary(requests), ['GET', 'POST 2 "e1"', 'GET "e1"', 'POST 6 "e5"']);
    assert.deepEqual(requests.at(-1).body.state, { widgets: 9, b: 1 });
});

test('what the server has lost goes there again', async () => {
    const { store, requests } = over([found(7, { widgets: [1] }), nothing(), saved(8)]);
    await clock.settle();
    await store.restoreFromServer();
    assert.deepEqual(summary(requests), ['GET', 'GET "e7"', 'POST 8 *']);
    assert.deepEqual(requests[2].body.state, { widgets: [1] });
});

test('a save that arrived though its answer was lost is no conflict with oneself', async () => {
    const { store, requests } = over([found(1, { widgets: 0 }), 'lost', failed(3, { widgets: 1, other: 1 }), saved(4)]);
    await clock.settle();
    store.setState({ widgets: 1 });
    await clock.advance(2000);
    store.setState({ widgets: 2 });
    await clock.advance(5000);
    assert.deepEqual(requests.at(-1).body.state, { widgets: 2, other: 1 });
    assert.deepEqual(store.conflicts, []);
});

test('at the largest version, states are still saved', async () => {
    const { store, requests } = over([found(Number.MAX_SAFE_INTEGER, { widgets: 0 }), saved(Number.MAX_SAFE_INTEGER)]);
    await clock.settle();
    store.setState({ widgets: 1 });
    await clock.advance(2000);
    assert.equal(requests[1].body.version, Number.MAX_SAFE_INTEGER);
});

test('what is no state is refused, and changes nothing', async () => {
    const { store } = over([nothing()]);
    const circular = {};
    circular.self = circular;
    for (const state of [null, [], 'x', undefined, circular, { big: 1n }]) assert.throws(() => store.setState(state), TypeError);
    assert.deepEqual(store.getState(), { widgets: [] });
});

test('a state that is changed in place is synced all the same', async () => {
    const { store, requests } = over([found(1, { widgets: [] }), saved(2), saved(3)]);
    await clock.settle();
    for (const widget of [1, 2]) {
        store.setState((state) => {
            state.widgets.push(widget);
            return state;
        });
        await clock.advance(2000);
    }
    assert.deepEqual(requests.slice(1).map(({ body }) => body.state), [{ widgets: [1] }, { widgets: [1, 2] }]);
});

test('what an application does to its objects later is neither shown, nor stored, nor sent', async () => {
    const { store, requests, storage } = over([found(1, { widgets: [] }), saved(2), saved(3)]);
    await clock.settle();
    const mine = { widgets: [{ id: 'a', at: { x: 1 } }] };
    store.setState(mine);
    mine.widgets[0].at.x = 2;
    mine.widgets.push({ id: 'b' });
    const expected = { widgets: [{ id: 'a', at: { x: 1 } }] };
    assert.deepEqual(store.getState(), expected);
    await clock.advance(100_000);
    assert.deepEqual(requests.slice(1).map(({ body }) => body.state), [expected]);
    assert.deepEqual(JSON.parse(storage.getItem(KEY)).state, expected);
    store.setState(mine);
    await clock.advance(2000);
    assert.deepEqual(requests[2].body.state, mine);
});

test('what is changed in place without setState is no edit before the next one, and is sent with that', async () => {
    const { store, requests, storage } = over([found(1, { widgets: [{ id: 'a' }] }), unchanged(), saved(2), saved(3)]);
    await clock.settle();
    store.getState().widgets.push({ id: 'b' });
    await clock.settle(store.restoreFromServer());
    assert.deepEqual([store.hasUnsyncedChanges, requests.length], [false, 2]);
    store.clearSyncError();
    await clock.advance(100_000);
    assert.equal(requests.length, 2);
    assert.deepEqual(JSON.parse(storage.getItem(KEY)).state.widgets, [{ id: 'a' }]);
    store.setState((state) => ({ ...state, activeProject: 'p' }));
    await clock.advance(2000);
    assert.deepEqual(requests[2].body.state, { widgets: [{ id: 'a' }, { id: 'b' }], activeProject: 'p' });
    assert.deepEqual(store.getState(), requests[2].body.state);
    assert.throws(() => store.setState((state) => ({ ...state, widgets: state.widgets.map((widget) => Object.assign(widget, { at: new Date() })) })));
    assert.deepEqual(store.getState(), requests[2].body.state);
});

test('what an edit, or the server, leaves as it is stays the same object', async () => {
    const { store } = over([found(1, { widgets: [{ id: 'a' }, { id: 'b', at: {} }] }), found(2, { widgets: [{ id: 'b', at: {} }, { id: 'c' }] })]);
    await clock.settle();
    const [, b] = store.getState().widgets;
    store.setState((state) => structuredClone({ ...state, scroll: 1 }));
    assert.equal(store.getState().widgets[1], b);
    const before = store.getState();
    store.setState(structuredClone(before));
    assert.equal(store.getState(), before);
    store.restoreFromServer();
    await clock.settle();
    assert.deepEqual(store.getState().widgets.map(({ id }) => id), ['b', 'c']);
    assert.equal(store.getState().widgets[0], b);
});

test('listeners hear of each change until they leave, and a broken one does not stop the others', async () => {
    const { store } = over([found(1, { widgets: [1] })]);
    const { nextTick } = process;
    const thrown = [];
    // Where node puts what a listener throws; a browser reports it.
    process.nextTick = (run) => thrown.push(run);
    const leaveBroken = store.subscribe(() => {
        throw new Error('broken listener');
    });
    const heard = [];
    const leave = store.subscribe(() => heard.push([store.isSyncing, store.getState().widgets.length]));
    store.setState({ widgets: [], scroll: 1 });
    leaveBroken();
    process.nextTick = nextTick;
    assert.throws(thrown[0], { message: 'broken listener' });
    await clock.settle();
    assert.deepEqual(heard.at(-1), [false, 1]);
    assert.ok(heard.some(([isSyncing]) => isSyncing));
    const { length } = heard;
    store.setState(store.getState());
    assert.equal(heard.length, length);
    leave();
    store.setState({ widgets: [2] });
    assert.equal(heard.length, length);
});

test('the status is the same object until something in it changes', async () => {
    const { store } = over([nothing()]);
    await clock.settle();
    const status = store.getStatus();
    store.setState({ widgets: [], scroll: 1 });
    assert.equal(store.getStatus(), status);
    assert.ok(Object.isFrozen(status));
    store.setState({ widgets: [1] });
    assert.notEqual(store.getStatus(), status);
});

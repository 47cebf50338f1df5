import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Lab } from '../support/browser.js';
import { Clock } from '../support/clock.js';
import { MemoryStorage } from '../support/storage.js';
import { KEY, over } from '../support/stores.js';
import { failed, found, nothing, saved } from '../support/answers.js';

const OLD = { initialState: { widgets: [] } };
const NEW = {
    initialState: { tiles: [] },
    significantPaths: ['tiles'],
    schemaVersion: 2,
    migrate: (state) => (state.tiles ? state : { tiles: state.widgets.map((widget) => ({ ...widget, tile: true })) }),
};

let lab;
let clock;
/** Browsers with tabs. */
const browsers = () => (lab = new Lab());
beforeEach(() => void (lab = clock = undefined));
afterEach(() => (lab ?? { end() {} }).end());
afterEach(() => clock?.restore());

test('a page of the old release stops writing beside the new one, says so, and its edits come with the next load', async () => {
    const { set, pass } = Object.fromEntries(['set', 'pass'].map((name) => [name, (...given) => lab[name](...given)]));
    browsers();
    const device = lab.device();
    const old = lab.open(device, OLD);
    await pass(100);
    set(old, { widgets: [{ id: 'a' }] });
    await pass(3000);
    const fresh = lab.open(device, NEW);
    await pass(100);
    set(fresh, ({ tiles }) => ({ tiles: [...tiles, { id: 'b', tile: true }] }));
    await pass(3000);
    assert.deepEqual(old.store.getState(), { widgets: [{ id: 'a' }] }, 'nothing of the new form');
    assert.equal(old.store.syncError.kind, 'outdated');
    const record = device.entries.get(KEY);
    set(old, ({ widgets }) => ({ widgets: [...widgets, { id: 'from the old page' }] }));
    assert.equal(device.entries.get(KEY), record);
    assert.equal(old.store.isPersisted, true);
    assert.deepEqual(await lab.in(old, (store) => store.syncToServer()), { status: 'outdated' });
    set(old, ({ widgets }) => ({ widgets: [...widgets, { id: 'and more' }] }));
    await pass(60_000);
    device.close(old);
    device.show(fresh);
    await pass(3000);
    assert.deepEqual(fresh.store.getState().tiles.map(({ id }) => id), ['a', 'b', 'from the old page', 'and more']);
    assert.ok(fresh.store.getState().tiles.every(({ tile }) => tile));
    assert.deepEqual(lab.server.document.state, fresh.store.getState());
    assert.deepEqual([...device.entries.keys()], [KEY]);
});

test('an old page that is loaded beside the new release stops too; where that is gone, it goes on', async () => {
    browsers();
    const device = lab.device();
    const fresh = lab.open(device, { ...NEW, isAuthenticated: false });
    lab.set(fresh, { tiles: [{ id: 'a' }] });
    const old = lab.open(device, OLD);
    await lab.pass(10_000);
    assert.equal(old.store.syncError.kind, 'outdated');
    assert.equal(lab.log.length, 0);
    device.close(old);
    device.close(fresh);
    const rolledBack = lab.open(device, OLD);
    lab.set(rolledBack, { widgets: [{ id: 'early' }] });
    await lab.pass(3000);
    assert.equal(rolledBack.store.syncError, null);
    assert.match(rolledBack.store.unreadable, /schema 2|newer/);
    lab.set(rolledBack, ({ widgets }) => ({ widgets: [...widgets, { id: 'late' }] }));
    await lab.pass(3000);
    assert.deepEqual(lab.server.document.state.widgets.map(({ id }) => id), ['early', 'late']);
    device.close(rolledBack);
    const again = lab.open(device, NEW);
    await lab.pass(5000);
    assert.deepEqual(again.store.getState().tiles.map(({ id }) => id).sort(), ['a', 'early', 'late']);
    assert.equal(again.store.unreadable, null);
    assert.deepEqual(lab.server.document.state, again.store.getState());
});

test('releases side by side send nothing without edits', async () => {
    const up = (state) => ({ ...state, widgets: state.widgets.map(({ x, ...widget }) => (x === undefined ? widget : { ...widget, pos: { x } })) });
    const down = (state) => ({ ...state, widgets: state.widgets.map(({ pos, ...widget }) => (pos ? { ...widget, x: pos.x } : widget)) });
    for (const isOneBrowser of [true, false]) {
        browsers();
        const first = lab.device();
        const second = isOneBrowser ? first : lab.device();
        const old = lab.open(first, { migrate: down });
        lab.set(old, { widgets: [{ id: 'a', x: 1 }] });
        await lab.pass(5000);
        const fresh = lab.open(second, { schemaVersion: 2, migrate: up });
        await lab.pass(5000);
        lab.set(fresh, ({ widgets }) => ({ widgets: widgets.map((widget) => ({ ...widget, title: 'new' })) }));
        await lab.pass(60_000);
        const before = lab.posts.length;
        for (let round = 0; round < 5; round += 1) {
            for (const tab of [old, fresh]) {
                tab.device.show(tab);
                await lab.pass(61_000);
            }
        }
        assert.equal(lab.posts.length, before);
        assert.deepEqual(fresh.store.getState().widgets, [{ id: 'a', pos: { x: 1 }, title: 'new' }]);
        lab.end();
    }
});

const offline = (options) => over([], { isAuthenticated: false, ...options });

test('what migrate must not give is an error that keeps the data, found again by the repaired release, gone with a sign-out', async () => {
    clock = new Clock();
    const broken = {
        'throws': () => { throw new Error('broken'); },
        'gives a promise': async (state) => state,
        'gives undefined': () => undefined,
        'gives null': () => null,
        'gives an array': () => [],
        'gives a Map': () => ({ widgets: new Map() }),
    };
    for (const [how, migrate] of Object.entries(broken)) {
        const storage = new MemoryStorage();
        offline({ storage }).store.setState({ widgets: [{ id: 'unsynced' }] });
        const { store } = offline({ storage, schemaVersion: 2, migrate });
        assert.deepEqual(store.getState(), { widgets: [] }, how);
        assert.ok(store.unreadable, how);
        store.setState({ widgets: [{ id: 'since' }] });
        store.destroy();
        const repaired = offline({ storage, schemaVersion: 3, migrate: (state) => state }).store;
        assert.deepEqual(repaired.getState().widgets.map(({ id }) => id).sort(), ['since', 'unsynced'], how);
        assert.equal(repaired.unreadable, null);
        await repaired.signOut();
        assert.deepEqual([...storage.entries.keys()], []);
    }
});

test('a copy that is taken back is merged with what was done since, and what loses is reported beside what it had reported', async () => {
    clock = new Clock();
    const storage = new MemoryStorage();
    const first = over([found(1, { widgets: [{ id: 'a', x: 0, y: 0 }] }), failed(2, { widgets: [{ id: 'a', x: 5, y: 0 }] }), 'lost'], { storage });
    await clock.settle();
    first.store.setState({ widgets: [{ id: 'a', x: 9, y: 0 }] });
    await clock.advance(2000);
    const [reported] = first.store.conflicts;
    // Sent, and never answered.
    first.store.setState({ widgets: [{ id: 'a', x: 5, y: 7 }, { id: 'b' }] });
    await clock.advance(2000);
    first.store.destroy();
    const broken = { schemaVersion: 2, migrate: () => undefined };
    const second = offline({ storage, ...broken });
    second.store.setState({ widgets: [{ id: 'a', x: 5, y: 8 }, { id: 'c' }] });
    second.store.destroy();
    const read = { schemaVersion: 3, migrate: (state) => state };
    const { store, requests } = over([found(3, { widgets: [{ id: 'a', x: 5, y: 7 }, { id: 'b' }] }), saved(4)], { storage, ...read });
    assert.deepEqual(store.getState().widgets, [{ id: 'a', x: 5, y: 8 }, { id: 'c' }, { id: 'b' }]);
    assert.equal(store.unreadable, null);
    assert.deepEqual([...storage.entries.keys()], [KEY]);
    assert.deepEqual(store.conflicts[0], reported);
    assert.deepEqual(store.conflicts[1].items.map(({ path, kept, lost }) => ({ path, kept, lost })), [{ path: ['widgets', { id: 'a' }, 'y'], kept: 8, lost: 7 }]);
    await clock.advance(10_000);
    assert.deepEqual(requests.at(-1).body.state.widgets.map(({ id }) => id).sort(), ['a', 'b', 'c']);
    assert.equal(requests.at(-1).body.state.widgets.find(({ id }) => id === 'a').y, 8);
});

test('what migrate must not give of the server’s state is told, and nothing is overwritten', async () => {
    clock = new Clock();
    const { store, requests } = over([found(1, { widgets: [1] })], { migrate: async (state) => state });
    store.setState({ widgets: [2] });
    await clock.advance(100_000);
    assert.equal(store.syncError.kind, 'failed');
    assert.match(store.syncError.message, /promise/);
    assert.equal(requests.length, 1);
    assert.deepEqual(store.getState(), { widgets: [2] });
});

test('a copy that cannot be put aside is not written over', async () => {
    clock = new Clock();
    const storage = new MemoryStorage();
    storage.setItem(KEY, '{"state":');
    storage.limit = 5;
    const { store } = over([nothing()], { storage });
    storage.limit = Infinity;
    store.setState({ widgets: [1] });
    await clock.settle();
    assert.equal(storage.getItem(KEY), '{"state":');
    assert.equal(store.isPersisted, false);
});

test('new members of the initial state arrive after an update, and nothing looks edited by that', async () => {
    clock = new Clock();
    const { store: before, storage } = over([found(1, { widgets: [1] })]);
    await clock.settle();
    before.destroy();
    const initialState = { widgets: [], theme: 'light', ui: { open: true } };
    const settings = { storage, initialState, significantPaths: ['widgets', 'theme'], localPaths: ['ui'] };
    const { store, requests } = over([found(2, { widgets: [2] })], settings);
    assert.deepEqual(store.getState(), { widgets: [1], theme: 'light', ui: { open: true } });
    await clock.advance(100_000);
    assert.deepEqual(store.getState(), { widgets: [2], theme: 'light', ui: { open: true } });
    assert.equal(requests.length, 1);
});

test('migrate may give one object each time: an edit in place is an edit', async () => {
    clock = new Clock();
    const fresh = { widgets: [{ id: 'first' }] };
    const storage = new MemoryStorage();
    offline({ storage }).store.setState({ widgets: ['of old'] });
    const { store, requests } = over([found(1, {}), saved(2)], { storage, schemaVersion: 2, migrate: () => fresh });
    await clock.settle();
    store.setState((state) => {
        state.widgets.push({ id: 'second' });
        return state;
    });
    await clock.advance(3000);
    assert.deepEqual(requests[1].body.state.widgets, [{ id: 'first' }, { id: 'second' }]);
    assert.equal(fresh.widgets.length, 1);
});

test('beside a newer release nobody waits for a restore without end; where that is gone, the restore is waited for', async () => {
    browsers();
    const device = lab.device();
    const fresh = lab.open(device, NEW);
    await lab.pass(1000);
    lab.set(fresh, { tiles: [{ id: 'a' }] });
    await lab.pass(5000);
    const readied = [];
    const open = (name) => {
        const tab = lab.open(device, OLD);
        lab.in(tab, (store) => void store.ready.then(() => readied.push([name, store.hasRestored, store.syncError?.kind])));
        return tab;
    };
    const old = open('beside it');
    await lab.pass(1000);
    assert.deepEqual(readied, [['beside it', false, 'outdated']]);
    device.close(fresh);
    device.close(old);
    open('alone');
    await lab.pass(5000);
    assert.deepEqual(readied.slice(1).map(([name, , kind]) => [name, kind]), [['alone', undefined]]);
});

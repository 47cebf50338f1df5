import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { found, nothing, saved, unchanged } from '../support/answers.js';
import { Clock } from '../support/clock.js';
import { MemoryStorage } from '../support/storage.js';
import { KEY, over, summary } from '../support/stores.js';

let clock;
beforeEach(() => void (clock = new Clock()));
afterEach(() => clock.restore());

/** What an earlier page has left behind. */
async function leave(options, state) {
    const { store, storage } = over([found(1, { widgets: [1] })], options);
    await clock.settle();
    if (state) store.setState(state);
    store.destroy();
    return storage;
}

test('an edit is stored at once, and sent at the next load if the page did not get to it', async () => {
    const storage = await leave({}, { widgets: [1, 2] });
    const { store, requests } = over([unchanged(), saved(2)], { storage });
    assert.deepEqual(store.getState(), { widgets: [1, 2] });
    assert.equal(store.hasUnsyncedChanges, true);
    await clock.advance(2000);
    assert.deepEqual(summary(requests), ['GET "e1"', 'POST 2 "e1"']);
});

test('a request whose answer the page did not live to see is repeated as it was', async () => {
    const { store, storage, requests: before } = over([found(1, { widgets: [1] }), 'never']);
    await clock.settle();
    store.setState({ widgets: [2] });
    await clock.advance(2000);
    store.setState({ widgets: [3] });
    store.destroy();
    const { requests } = over([saved(2), unchanged(), saved(3)], { storage });
    await clock.advance(2000);
    assert.equal(requests[0].text, before[1].text);
    assert.deepEqual(requests.at(-1).body.state, { widgets: [3] });
});

test('users and workspaces have copies of their own, whatever their names', async () => {
    const storage = await leave({}, { widgets: ['of alice'] });
    for (const other of [{ user: 'bob' }, { workspace: 'team' }, { workspace: 'main:x' }, { user: 'alice:main', workspace: 'x' }, { namespace: 'x' }]) {
        const { store } = over([], { storage, isAuthenticated: false, ...other });
        assert.deepEqual(store.getState(), { widgets: [] });
        store.setState({ widgets: ['of another'] });
    }
    assert.equal(storage.entries.size, 6);
    assert.deepEqual(JSON.parse(storage.getItem(KEY)).state, { widgets: ['of alice'] });
});

test('a full storage stops nothing, and is said', async () => {
    const storage = new MemoryStorage();
    storage.limit = 500;
    const { store, requests } = over([nothing(), saved(1), saved(2)], { storage });
    await clock.settle();
    assert.equal(store.getStatus().isPersisted, true);
    store.setState({ widgets: ['x'.repeat(500)] });
    assert.equal(store.getStatus().isPersisted, false);
    await clock.advance(2000);
    assert.equal(requests[1].body.state.widgets[0].length, 500);
    store.setState({ widgets: [] });
    await clock.advance(2000);
    storage.limit = Infinity;
    store.setState({ widgets: [], a: 1 });
    assert.equal(store.getStatus().isPersisted, true);
});

test('a blocked storage stops nothing', async () => {
    const blocked = () => {
        throw new DOMException('blocked', 'SecurityError');
    };
    Object.defineProperty(globalThis, 'localStorage', { get: blocked, configurable: true });
    try {
        const { store } = over([found(1, { widgets: [1] }), saved(2)], { storage: { getItem: blocked, setItem: blocked, removeItem: blocked } });
        await clock.settle();
        assert.deepEqual(store.getState(), { widgets: [1] });
        store.setState({ widgets: [2] });
        await clock.advance(2000);
        assert.equal(store.hasUnsyncedChanges, false);
        assert.deepEqual(await store.signOut(), { status: 'cleared' });
    } finally {
        delete globalThis.localStorage;
    }
});

test('an older schema is migrated, here and from the server, and nothing looks edited by that', async () => {
    const storage = await leave({}, { widgets: [1, 2] });
    const from = [];
    const migrate = (state, version) => {
        from.push(version);
        return state.tiles ? state : { tiles: state.widgets };
    };
    const settings = { storage, schemaVersion: 2, migrate, significantPaths: ['tiles'], initialState: { tiles: [] } };
    const { store, requests } = over([found(5, { widgets: [1, 9] }, '"e5"')], settings);
    assert.deepEqual(store.getState(), { tiles: [1, 2] });
    assert.deepEqual(from, [1, 1]);
    await clock.settle();
    assert.equal(from.at(-1), undefined);
    assert.deepEqual(store.getState(), { tiles: [1, 9] });
    assert.equal(requests.length, 1);
    store.destroy();
    const calls = from.length;
    over([], { ...settings, isAuthenticated: false });
    assert.equal(from.length, calls);
});

test('a copy that cannot be read is set aside, not written over', async () => {
    for (const text of ['{"state":', '{}', '{"state":[],"sync":{}}', 'null']) {
        const storage = new MemoryStorage();
        storage.setItem(KEY, text);
        const { store } = over([nothing()], { storage });
        assert.deepEqual(store.getState(), { widgets: [] });
        await clock.settle();
        assert.equal(storage.getItem(`${KEY}:unreadable`), text);
    }
});

test('signing out sends what is unsynced, and leaves nothing behind', async () => {
    const { store, requests, storage } = over([found(1, { widgets: [1] }), saved(2)]);
    await clock.settle();
    store.setState({ widgets: [1, 2], scroll: 3 });
    const result = store.signOut();
    await clock.settle();
    assert.deepEqual(await result, { status: 'cleared' });
    assert.deepEqual(requests[1].body.state, { widgets: [1, 2], scroll: 3 });
    assert.equal(storage.entries.size, 0);
    assert.deepEqual(store.getState(), { widgets: [] });
    store.setState({ widgets: ['late'] });
    await clock.advance(100_000);
    assert.equal(storage.entries.size, 0);
    assert.equal(requests.length, 2);
});

test('unsynced work is kept at sign-out only if the application says so', async () => {
    for (const [unsynced, status] of [['keep', 'kept'], ['discard', 'cleared'], [undefined, 'cleared']]) {
        const { store, storage } = over([found(1, { widgets: [1] }), 'lost']);
        await clock.settle();
        store.setState({ widgets: [1, 2] });
        assert.deepEqual(await store.signOut({ unsynced }), { status });
        assert.equal(storage.entries.size, status === 'kept' ? 1 : 0);
        assert.deepEqual(store.getState(), { widgets: [] });
        if (status === 'cleared') continue;
        const later = over([saved(2)], { storage });
        await clock.settle();
        assert.deepEqual(later.store.getState(), { widgets: [1, 2] });
        assert.deepEqual(summary(later.requests), ['POST 2 "e1"']);
    }
});

test('a storage that does not let go of the copy is no sign-out that has cleared it', async () => {
    const storage = new MemoryStorage();
    storage.removeItem = () => {
        throw new DOMException('read only', 'InvalidStateError');
    };
    const { store } = over([found(1, { widgets: [1] })], { storage });
    await clock.settle();
    assert.deepEqual(await store.signOut(), { status: 'kept' });
    assert.deepEqual(store.getState(), { widgets: [] });
});

test('signing out of a destroyed store sends what is unsynced first, and leaves it destroyed', async () => {
    const { store, requests, storage } = over([found(1, { widgets: [1] }), found(1, { widgets: [1] }), saved(2)]);
    await clock.settle();
    store.setState({ widgets: [1, 2] });
    store.destroy();
    const result = store.signOut();
    await clock.settle();
    assert.deepEqual(await result, { status: 'cleared' });
    assert.deepEqual(requests[2].body.state, { widgets: [1, 2] });
    assert.equal(storage.entries.size, 0);
    store.setState({ widgets: ['late'] });
    await clock.advance(100_000);
    assert.equal(storage.entries.size, 0);
    assert.equal(requests.length, 3);
});

test('a store that is mounted again while it is signed out stays, and such that nobody mounts does not', async () => {
    for (const isMounted of [true, false]) {
        const { store } = over([found(1, { widgets: [1] }), found(1, { widgets: [1] }), 'never']);
        await clock.settle();
        store.setState({ widgets: [1, 2] });
        store.destroy();
        const ending = [store.signOut(), store.signOut()];
        const heard = [];
        if (isMounted) store.subscribe((state) => heard.push(state));
        await clock.advance(100_000);
        assert.deepEqual(await Promise.all(ending), [{ status: 'cleared' }, { status: 'cleared' }]);
        store.setState({ widgets: ['later'] });
        assert.deepEqual(store.getState(), { widgets: isMounted ? ['later'] : [] });
        assert.equal(heard.length > 0 && heard.at(-1).widgets[0] === 'later', isMounted);
        store.destroy();
    }
});

test('a store that is destroyed and mounted again while it is signed out is signed out, and lives', async () => {
    const { store, requests, storage } = over([found(1, { widgets: [1] }), 'never', found(1, { widgets: [1] })]);
    await clock.settle();
    const leave = store.subscribe(() => {});
    store.setState({ widgets: [1, 2] });
    const ending = store.signOut();
    await clock.settle();
    leave();
    store.destroy();
    store.subscribe(() => {});
    await clock.advance(100_000);
    assert.deepEqual(await ending, { status: 'cleared' });
    assert.equal(storage.entries.size, 0);
    const asked = requests.length;
    store.setState({ widgets: ['next'] });
    assert.deepEqual(store.getState(), { widgets: ['next'] });
    await clock.advance(100_000);
    assert.equal(requests.length, asked, 'signed out');
    store.destroy();
});

test('synced work is not kept at sign-out', async () => {
    const { store, storage } = over([found(1, { widgets: [1] })]);
    await clock.settle();
    assert.deepEqual(await store.signOut({ unsynced: 'keep' }), { status: 'cleared' });
    assert.equal(storage.entries.size, 0);
});

test('an answer that comes after the sign-out is nobody’s', async () => {
    let answer;
    const { store, storage } = over([() => new Promise((resolve) => (answer = resolve))]);
    await clock.settle();
    await store.signOut();
    answer(found(1, { widgets: ['of alice'] }));
    await clock.advance(10_000);
    assert.deepEqual(store.getState(), { widgets: [] });
    assert.equal(storage.entries.size, 0);
});

test('the same store can be signed in again', async () => {
    const { store } = over([found(1, { widgets: [1] }), found(1, { widgets: [1] })]);
    await clock.settle();
    await store.signOut();
    store.setAuthenticated(true);
    await clock.settle();
    assert.deepEqual(store.getState(), { widgets: [1] });
});

test('signing out sends what is undone of a save whose answer was lost', async () => {
    const { store, requests } = over([found(1, { widgets: [1] }), 'lost', saved(2), saved(3)]);
    await clock.settle();
    store.setState({ widgets: [] });
    await clock.advance(2000);
    store.setState({ widgets: [1] });
    const result = store.signOut();
    await clock.settle();
    assert.deepEqual(await result, { status: 'cleared' });
    assert.deepEqual(summary(requests).slice(1), ['POST 2 "e1"', 'POST 2 "e1"', 'POST 3 "e2"']);
    assert.deepEqual(requests[3].body.state, { widgets: [1] });
});

test('signing out takes along what another store has written to the storage, and this one has not heard', async () => {
    for (const unsynced of ['keep', 'discard']) {
        const storage = new MemoryStorage();
        const one = over([found(1, { widgets: [1] }), unsynced === 'keep' ? 'lost' : saved(2)], { storage });
        await clock.settle();
        const other = over([], { storage, isAuthenticated: false });
        other.store.setState({ widgets: [1, 2] });
        const result = one.store.signOut({ unsynced });
        await clock.settle();
        assert.deepEqual(await result, { status: unsynced === 'keep' ? 'kept' : 'cleared' });
        assert.deepEqual(one.requests[1].body.state, { widgets: [1, 2] });
        assert.equal(storage.entries.size, unsynced === 'keep' ? 1 : 0);
    }
});

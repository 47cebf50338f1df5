import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { answer, Lab } from '../support/browser.js';

let lab;
beforeEach(() => void (lab = new Lab()));
afterEach(() => lab.end());

const ids = (tab) => tab.store.getState().widgets.map(({ id }) => id);
const widget = (id, more = {}) => ({ id, x: 0, ...more });

test('what tabs add or reorder in the same moment is the same in all of them at once, under every policy', async () => {
    const policies = ['server', 'client', ({ local }) => local, () => assert.fail('broken policy')];
    for (const conflictPolicy of policies) {
        for (const how of [{}, { lag: 3 }, { isBlocked: true }]) {
            const device = lab.device(how);
            const options = { conflictPolicy, namespace: String(Math.random()) };
            const tabs = [lab.open(device, options), lab.open(device, options), lab.open(device, options)];
            await lab.pass(3000);
            lab.set(tabs[0], { widgets: ['a', 'b', 'c'].map((id) => widget(id)) });
            await lab.pass(100);
            tabs.forEach((tab, index) => lab.set(tab, ({ widgets }) => ({ widgets: [...widgets, widget(`new ${index}`)] })));
            await lab.pass(100);
            assert.deepEqual(ids(tabs[0]).sort(), ['a', 'b', 'c', 'new 0', 'new 1', 'new 2']);
            lab.set(tabs[0], ({ widgets }) => ({ widgets: [...widgets].reverse() }));
            lab.set(tabs[1], ({ widgets }) => ({ widgets: [widgets[2], ...widgets.filter((_, index) => index !== 2)] }));
            await lab.pass(100);
            for (const tab of tabs) assert.deepEqual(tab.store.getState(), tabs[0].store.getState());
            for (const tab of tabs) device.close(tab, true);
            lab.server.flush();
        }
    }
});

test('an answer is booked for its own request: “saved” means that this state is on the server', async () => {
    const held = [];
    let isSlow = false;
    const slow = (go, { method }) => (isSlow && method === 'POST' ? new Promise((resolve) => held.push(() => resolve(go()))) : go());
    const device = lab.device();
    const [a, b] = [lab.open(device, {}, slow), lab.open(device, {}, slow)];
    await lab.pass(100);
    lab.set(a, { widgets: [widget('w', { x: 'first' })] });
    await lab.pass(3000);
    isSlow = true;
    lab.set(a, { widgets: [widget('w', { x: 'second' })] });
    await lab.pass(10);
    device.hide(a);
    await lab.pass(4500);
    assert.equal(held.length, 2, 'both have sent the second');
    lab.set(b, { widgets: [widget('w', { x: 'third' })] });
    held[0]();
    await lab.pass(50);
    assert.ok(a.store.hasUnsyncedChanges && b.store.hasUnsyncedChanges);
    held[1]();
    await lab.pass(50);
    assert.ok(b.store.hasUnsyncedChanges, 'the third is not there yet');
    isSlow = false;
    for (const go of held.slice(2)) go();
    await lab.pass(10_000);
    assert.equal(lab.server.document.state.widgets[0].x, 'third');
    assert.equal(a.store.hasUnsyncedChanges, false);
    assert.deepEqual(b.store.conflicts, []);
});

test('what is refused is one request, with any number of tabs, and is told in each', async () => {
    for (const [status, type] of [[413, 'body-too-large'], [401, 'no-user'], [403, 'other-user'], [400, 'invalid-body']]) {
        const refuse = (go, { method }) => (method === 'POST' ? Promise.resolve(answer(status, type)) : go());
        const device = lab.device();
        const options = { namespace: `n${status}` };
        const tabs = [1, 2, 3].map(() => lab.open(device, options, refuse));
        await lab.pass(1000);
        const before = lab.posts.length;
        lab.set(tabs[1], { widgets: [1] });
        await lab.pass(600_000);
        assert.equal(lab.posts.length - before, 1, `${status}`);
        for (const { store } of tabs) {
            assert.equal(store.syncError.httpStatus, status);
            assert.equal(store.syncError.type, `urn:problem-type:dashboard-state:${type}`);
            assert.equal(store.hasUnsyncedChanges, true);
        }
        lab.set(tabs[2], { widgets: [1, 2] });
        await lab.pass(600_000);
        assert.equal(lab.posts.length - before, 2, 'the next change is sent once again');
        for (const tab of tabs) device.close(tab, true);
    }
});

test('a server that is away is asked by one tab at a time, however many there are', async () => {
    const device = lab.device();
    let isAway = false;
    const tabs = [1, 2, 3].map(() => lab.open(device, {}, (go) => (isAway ? Promise.resolve(answer(503)) : go())));
    await lab.pass(1000);
    isAway = true;
    const before = lab.log.length;
    lab.set(tabs[0], { widgets: [1] });
    await lab.pass(600_000);
    // Half a minute between two attempts, and the other tabs stand aside for the one that tries.
    assert.ok(lab.log.length - before < 45, String(lab.log.length - before));
    isAway = false;
    await lab.pass(60_000);
    for (const { store } of tabs) assert.equal(store.hasUnsyncedChanges, false);
});

test('a tab that missed messages shows what is stored when it comes back, and loses nothing of it', async () => {
    const device = lab.device();
    const first = lab.open(device);
    await lab.pass(100);
    first.isDeaf = true;
    device.hide(first);
    const second = lab.open(device);
    await lab.pass(100);
    second.navigator.onLine = first.navigator.onLine = false;
    lab.set(second, { widgets: [widget('second')] });
    device.close(second, true);
    first.navigator.onLine = true;
    device.show(first);
    assert.deepEqual(ids(first), ['second']);
    lab.set(first, ({ widgets }) => ({ widgets: [...widgets, widget('first')] }));
    await lab.pass(10_000);
    assert.deepEqual(lab.server.document.state.widgets.map(({ id }) => id), ['second', 'first']);
});

test('an edit of a deaf tab is made on what the storage has, seen or not', async () => {
    const device = lab.device();
    const [deaf, other] = [lab.open(device), lab.open(device)];
    await lab.pass(100);
    deaf.isDeaf = true;
    lab.set(other, { widgets: [widget('a')] });
    lab.set(deaf, ({ widgets }) => ({ widgets: [...widgets, widget('b')] }));
    assert.deepEqual(ids(deaf), ['a', 'b']);
    lab.set(other, ({ widgets }) => ({ widgets: [...widgets, widget('c')] }));
    // A whole state was made of the one that this tab shows.
    lab.set(deaf, { ...deaf.store.getState(), widgets: [widget('b'), widget('d')] });
    await lab.pass(100);
    assert.deepEqual(ids(other).sort(), ['b', 'c', 'd']);
});

test('a tab that is frozen with a request, or with the lock, holds up nobody', async () => {
    const device = lab.device();
    const never = (go, { method }) => (method === 'POST' ? new Promise(() => {}) : go());
    const [frozen, other] = [lab.open(device, {}, never), lab.open(device)];
    await lab.pass(1000);
    lab.set(frozen, { widgets: [widget('a')] });
    await lab.pass(2010);
    device.freeze(frozen);
    lab.set(other, ({ widgets }) => ({ widgets: [...widgets, widget('b')] }));
    await lab.pass(5000);
    assert.deepEqual(lab.server.document.state.widgets.map(({ id }) => id), ['a', 'b']);
    device.show(frozen);
    await lab.pass(60_000);
    assert.deepEqual(ids(frozen), ['a', 'b']);
    assert.equal(frozen.store.hasUnsyncedChanges, false);
});

test('a visible tab that is sending is waited for, and not doubled', async () => {
    const device = lab.device();
    const slow = (go, { method }) => (method === 'POST' ? new Promise((resolve) => setTimeout(() => resolve(go()), 9000)) : go());
    const [sending, waiting] = [lab.open(device, {}, slow), lab.open(device, {}, slow)];
    await lab.pass(1000);
    lab.set(sending, { widgets: [widget('a')] });
    await lab.pass(2010);
    assert.equal(lab.posts.length, 1);
    await lab.pass(8000);
    assert.equal(lab.posts.length, 1, 'the other one has wanted to stand in');
    await lab.pass(20_000);
    assert.equal(lab.posts.length, 1);
    assert.equal(waiting.store.hasUnsyncedChanges, false);
});

test('without locks, and without a channel, tabs follow each other all the same', async () => {
    for (const lacks of ['locks', 'channel']) {
        const device = lab.device();
        if (lacks === 'channel') device.Channel = undefined;
        const options = { namespace: lacks };
        const open = () => {
            const tab = lab.open(device, { ...options, isAuthenticated: false });
            if (lacks === 'locks') delete tab.navigator.locks;
            lab.in(tab, (store) => store.setAuthenticated(true));
            return tab;
        };
        const [one, other] = [open(), open()];
        await lab.pass(1000);
        const before = lab.posts.length;
        lab.set(one, { widgets: [widget('a')] });
        await lab.pass(10);
        lab.set(other, ({ widgets }) => ({ widgets: [...widgets, widget('b')] }));
        device.show(one);
        await lab.pass(60_000);
        device.show(one);
        device.show(other);
        assert.deepEqual(ids(one), ['a', 'b']);
        assert.deepEqual(ids(other), ['a', 'b']);
        assert.deepEqual(lab.server.document.state.widgets.map(({ id }) => id), ['a', 'b']);
        assert.ok(lab.posts.length - before <= 2);
        lab.server.flush();
    }
});

test('a lock that is never granted, or refused, is not waited for without end', async () => {
    const broken = [() => new Promise(() => {}), () => Promise.reject(new Error('none')), () => { throw new Error('none'); }];
    for (const [index, request] of broken.entries()) {
        const tab = lab.open(lab.device(), { namespace: String(index), isAuthenticated: false });
        tab.navigator.locks = { request };
        lab.in(tab, (store) => store.setAuthenticated(true));
        lab.set(tab, { widgets: [index] });
        await lab.pass(5000);
        assert.deepEqual(lab.server.document?.state, { widgets: [index] });
        lab.server.flush();
    }
});

test('with the storage blocked, a new tab gets what the others have, and edits go on between them', async () => {
    const device = lab.device({ isBlocked: true });
    const one = lab.open(device, { isAuthenticated: false });
    lab.set(one, { widgets: [widget('a')] });
    const other = lab.open(device, { isAuthenticated: false });
    await lab.pass(100);
    assert.deepEqual(ids(other), ['a']);
    assert.equal(other.store.isPersisted, false);
    lab.set(other, ({ widgets }) => ({ widgets: [...widgets, widget('b')] }));
    await lab.pass(100);
    assert.deepEqual(ids(one), ['a', 'b']);
});

test('with the storage blocked, a tab that has missed a removal learns it of whoever removed, however much it has missed', async () => {
    const device = lab.device({ isBlocked: true });
    const [one, two, three] = [1, 2, 3].map(() => lab.open(device, { isAuthenticated: false }));
    const edit = async (tab, change) => {
        lab.set(tab, (state) => ({ widgets: change(state.widgets) }));
        await lab.pass(10);
    };
    const plus = (id) => (list) => [...list, widget(id)];
    await edit(one, plus('a'));
    two.isDeaf = true;
    await edit(one, plus('b'));
    // The other two have b, and go on from it without hearing each other.
    one.isDeaf = three.isDeaf = true;
    await edit(three, plus('c'));
    await edit(one, (list) => list.filter(({ id }) => id !== 'b'));
    await edit(one, plus('d'));
    two.isDeaf = false;
    await edit(three, plus('e'));
    assert.deepEqual(ids(two), ['a', 'b', 'c', 'e']);
    await edit(one, plus('f'));
    one.isDeaf = three.isDeaf = false;
    await edit(two, plus('g'));
    for (const tab of [one, two, three]) assert.deepEqual(ids(tab).sort(), ['a', 'c', 'd', 'e', 'f', 'g']);
});

test('with the storage blocked, what a deaf tab has removed does not come back from another one that has sent it meanwhile', async () => {
    for (const isSaving of [false, true]) {
        const late = async (go, { method }) => {
            const given = await go();
            if (method === 'POST' && isSaving) await new Promise((resolve) => setTimeout(resolve, 300));
            return given;
        };
        const device = lab.device({ isBlocked: true, hasLocks: false });
        const [one, other] = [late, undefined].map((hook) => lab.open(device, { namespace: `${isSaving}` }, hook));
        await lab.pass(100);
        lab.set(other, { widgets: [widget('kept')] });
        await lab.pass(5000);
        lab.set(one, { widgets: [widget('kept', { x: 1 })] });
        if (isSaving) lab.in(one, (store) => void store.syncToServer());
        await lab.pass(1);
        lab.set(one, { widgets: [widget('kept', { x: 1 }), widget('w')] });
        await lab.pass(10);
        one.isDeaf = true;
        lab.in(other, (store) => {
            store.setState(({ widgets }) => ({ widgets: [...widgets, widget('more')] }));
            void store.syncToServer();
        });
        await lab.pass(200);
        assert.deepEqual(lab.server.document.state.widgets.map(({ id }) => id), ['kept', 'w', 'more']);
        for (const x of [2, 3]) lab.set(one, { widgets: [widget('kept', { x })] });
        lab.in(one, (store) => void store.restoreFromServer());
        await lab.pass(30_000);
        for (const state of [one.store.getState(), other.store.getState(), lab.server.document.state]) {
            assert.deepEqual(state.widgets, [widget('kept', { x: 3 }), widget('more')]);
        }
        // What nobody else has touched is no conflict.
        for (const { store } of [one, other]) assert.deepEqual(store.conflicts, []);
        for (const tab of [one, other]) device.close(tab, true);
        lab.server.flush();
    }
});

test('with the storage blocked, what was told to another tab and edited further is no conflict where the server has what it had', async () => {
    const device = lab.device({ isBlocked: true, hasLocks: false });
    const save = (tab, state) => {
        lab.set(tab, state);
        lab.in(tab, (store) => void store.syncToServer());
        return lab.pass(100);
    };
    let posts = 0;
    const one = lab.open(device, { conflictPolicy: 'client' }, async (go, { method }) => {
        posts += method === 'POST' ? 1 : 0;
        if (posts !== 2) return go();
        // Meanwhile, both go on.
        await new Promise((resolve) => setTimeout(resolve, 100));
        return go();
    });
    const other = lab.open(device);
    await lab.pass(100);
    await save(other, { widgets: [widget('kept')] });
    for (const tab of [one, other]) tab.isDeaf = true;
    await save(other, { widgets: [widget('kept', { x: 2 })] });
    await save(one, { widgets: [widget('kept', { x: 5 })] });
    assert.equal(posts, 2);
    lab.set(one, { widgets: [widget('kept', { x: 6 })] });
    await save(other, { widgets: [widget('kept', { x: 2 }), widget('more')] });
    await lab.pass(30_000);
    assert.deepEqual(lab.server.document.state.widgets, [widget('kept', { x: 6 }), widget('more')]);
    assert.deepEqual(one.store.conflicts.map(({ items }) => items.map(({ lost }) => lost)), [[2]]);
});

test('messages of other versions and of nobody harm nothing', async () => {
    const device = lab.device();
    const tab = lab.open(device);
    await lab.pass(100);
    lab.set(tab, { widgets: [widget('a')] });
    lab.in(tab, () => {
        const channel = new BroadcastChannel('dashboard-state:alice:main:2');
        for (const message of [null, 'x', {}, { text: '{' }, { schemaVersion: 1, text: '{}' }, { from: '{}', to: '{}', stamp: '9' }]) channel.postMessage(message);
        channel.close();
    });
    await lab.pass(5000);
    assert.deepEqual(ids(tab), ['a']);
    assert.equal(tab.store.syncError, null);
});

test('isPersisted is true in each tab when the storage has what it shows, whoever has written it', async () => {
    const device = lab.device();
    const [a, b] = [lab.open(device), lab.open(device)];
    await lab.pass(3000);
    lab.set(a, { widgets: [widget('a')] });
    await lab.pass(100);
    assert.deepEqual([a.store.isPersisted, b.store.isPersisted], [true, true]);
    for (const tab of [a, b]) tab.storage.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
    lab.set(a, { widgets: [widget('a'), widget('b')] });
    await lab.pass(50);
    assert.deepEqual(ids(b), ['a', 'b']);
    assert.deepEqual([a.store.isPersisted, b.store.isPersisted], [false, false]);
});

test('what a tab has stored, and another one has written over in the same moment, is not lost with the first tab', async () => {
    const device = lab.device({ lag: 3 });
    const [a, b] = [lab.open(device), lab.open(device)];
    await lab.pass(3000);
    lab.set(a, { widgets: [widget('w')] });
    await lab.pass(3000);
    b.isDeaf = true;
    lab.set(a, { widgets: [widget('w', { x: 'of the first' })] });
    lab.set(b, (state) => ({ ...state, activeProject: 'of the second' }));
    device.freeze(a);
    await lab.pass(1);
    device.close(a, true);
    await lab.pass(50);
    assert.deepEqual(b.store.getState(), { widgets: [widget('w', { x: 'of the first' })], activeProject: 'of the second' });
    await lab.pass(10_000);
    assert.deepEqual(lab.server.document.state, b.store.getState());
});

test('a tab never counts its changes from the beginning again: not after a sign-out that another one has missed', async () => {
    const device = lab.device({ isBlocked: true });
    const [a, b] = [lab.open(device), lab.open(device)];
    const change = (tab, changes) => lab.set(tab, (state) => ({ ...state, ...changes }));
    await lab.pass(3000);
    for (let x = 1; x < 6; x += 1) change(b, { widgets: [widget('w', { x })] });
    await lab.pass(5000);
    a.isDeaf = true;
    lab.in(b, (store) => void store.signOut());
    await lab.pass(1000);
    lab.in(b, (store) => store.setAuthenticated(true));
    await lab.pass(5000);
    a.isDeaf = false;
    change(b, { widgets: [widget('w', { x: 'new' })] });
    await lab.pass(10);
    change(a, { activeProject: 'p' });
    await lab.pass(50);
    for (const { store } of [a, b]) assert.deepEqual(store.getState(), { widgets: [widget('w', { x: 'new' })], activeProject: 'p' });
});

test('what is stored under another key, in another storage, or taken away, is not what other tabs have in common', async () => {
    const device = lab.device();
    const [a, b] = [lab.open(device), lab.open(device, { workspace: 'other' })];
    await lab.pass(3000);
    lab.set(b, { widgets: [widget('of another workspace')] });
    await lab.pass(50);
    const [key, text] = [...device.entries].find(([, text]) => text.includes('of another workspace'));
    const own = key.replace('other', 'main');
    const tell = (event) => a.window.dispatchEvent(Object.assign(new Event('storage'), { key: own, newValue: text, storageArea: a.storage, ...event }));
    for (const event of [{ key }, { key: null, newValue: null }, { newValue: null }, { newValue: '{' }, { storageArea: {} }, { storageArea: b.storage }]) {
        lab.in(a, () => tell(event));
        assert.deepEqual(a.store.getState(), { widgets: [] }, JSON.stringify(event.key));
    }
    lab.in(a, () => tell({}));
    assert.deepEqual(a.store.getState(), { widgets: [widget('of another workspace')] }, 'only then');
});

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { answer, Lab } from '../support/browser.js';

let lab;
beforeEach(() => void (lab = new Lab()));
afterEach(() => lab.end());

test('each request says whose document it means, with any characters, unless that is left out', async () => {
    for (const [user, workspace] of [['alice', 'main'], ['Łukasz "ü"', '研发/100 %']]) {
        lab.open(lab.device(), { user, workspace });
        await lab.pass(1000);
        const { headers } = lab.log.at(-1);
        assert.equal(headers['x-dashboard-user'], encodeURIComponent(user));
        assert.equal(headers['x-dashboard-workspace'], encodeURIComponent(workspace));
    }
    const tab = lab.open(lab.device(), { sendsIdentity: false });
    lab.set(tab, { widgets: [1] });
    await lab.pass(5000);
    for (const { headers } of lab.log.slice(-2)) assert.deepEqual(Object.keys(headers).filter((name) => name.startsWith('x-')), []);
});

test('after a new sign-in what was refused goes out, however it is noticed, and every tab says what is so', async () => {
    const ways = {
        'a popup, and focus': (device, [one]) => device.show(one),
        'setAuthenticated(true) again': (device, [one]) => lab.in(one, (store) => store.setAuthenticated(true)),
        'false, then true': (device, [, other]) => {
            lab.in(other, (store) => store.setAuthenticated(false));
            lab.in(other, (store) => store.setAuthenticated(true));
        },
        'another tab': (device, tabs) => void tabs.push(lab.open(device, { namespace: tabs.namespace })),
        'a sync that is asked for': (device, [one]) => lab.in(one, (store) => void store.syncToServer()),
    };
    for (const [how, act] of Object.entries(ways)) {
        const device = lab.device();
        const tabs = [1, 2].map(() => lab.open(device, { namespace: how }));
        tabs.namespace = how;
        await lab.pass(1000);
        device.isSignedIn = false;
        lab.set(tabs[0], { widgets: [how] });
        await lab.pass(10_000);
        for (const { store } of tabs) assert.equal(store.syncError?.httpStatus, 401, how);
        const before = lab.log.length;
        device.show(tabs[1]);
        await lab.pass(10_000);
        assert.equal(lab.log.length, before + 1, 'a look costs one request');
        device.isSignedIn = true;
        await lab.pass(100_000);
        assert.equal(lab.log.length, before + 1, 'nobody asks by itself');
        act(device, tabs);
        await lab.pass(5000);
        assert.deepEqual(lab.server.document.state, { widgets: [how] }, how);
        for (const { store } of tabs) {
            assert.equal(store.syncError, null, how);
            assert.equal(store.hasUnsyncedChanges, false, how);
            assert.equal(store.hasRestored, true, how);
        }
        for (const tab of tabs) device.close(tab, true);
        lab.server.flush();
    }
});

test('a state that was refused is not sent by a look at the page', async () => {
    const refuse = (go, { method }) => (method === 'POST' ? Promise.resolve(answer(413, 'body-too-large')) : go());
    const device = lab.device();
    const tab = lab.open(device, {}, refuse);
    await lab.pass(1000);
    lab.set(tab, { widgets: [1] });
    await lab.pass(5000);
    for (let round = 0; round < 3; round += 1) {
        await lab.pass(61_000);
        device.show(tab);
    }
    await lab.pass(5000);
    assert.equal(lab.posts.length, 1);
    assert.equal(tab.store.syncError.httpStatus, 413);
    lab.set(tab, { widgets: [] });
    await lab.pass(5000);
    assert.equal(tab.store.syncError, null, 'taken back');
    assert.equal(lab.posts.length, 1);
});

test('a tab that is signed out feeds nobody, and hears of nothing', async () => {
    const device = lab.device();
    const [one, other] = [lab.open(device), lab.open(device)];
    await lab.pass(1000);
    lab.in(one, (store) => void store.signOut());
    await lab.pass(1000);
    lab.in(other, (store) => store.setAuthenticated(true));
    await lab.pass(1000);
    lab.set(one, { widgets: ['of nobody'] });
    await lab.pass(5000);
    assert.deepEqual(other.store.getState(), { widgets: [] });
    assert.ok(![...device.entries.values()].some((text) => text.includes('nobody')));
    lab.set(other, { widgets: ['of somebody'] });
    await lab.pass(5000);
    assert.deepEqual(one.store.getState(), { widgets: ['of nobody'] });
    lab.in(one, (store) => store.setAuthenticated(true));
    await lab.pass(1000);
    assert.deepEqual(one.store.getState(), { widgets: ['of somebody'] });
});

test('a page that did not hear of the sign-out keeps nothing of it, and brings nothing back', async () => {
    const device = lab.device();
    const [kept, other] = [lab.open(device), lab.open(device)];
    await lab.pass(1000);
    lab.set(kept, { widgets: ['secret'] });
    await lab.pass(5000);
    device.hide(kept);
    device.freeze(kept);
    kept.isDeaf = true;
    lab.in(other, (store) => void store.signOut());
    await lab.pass(1000);
    device.close(other);
    device.isSignedIn = false;
    device.show(kept);
    await lab.pass(5000);
    assert.deepEqual(kept.store.getState(), { widgets: [] });
    assert.ok(![...device.entries.values()].some((text) => text.includes('secret')));
    // Where somebody has only cleared the storage, the server has it all.
    device.isSignedIn = true;
    device.show(kept);
    await lab.pass(5000);
    assert.deepEqual(kept.store.getState(), { widgets: ['secret'] });
});

test('a sign-out that is heard late ends nothing that has begun since', async () => {
    const device = lab.device();
    const [late, other] = [lab.open(device), lab.open(device)];
    await lab.pass(1000);
    device.freeze(late);
    lab.in(other, (store) => void store.signOut());
    await lab.pass(1000);
    lab.in(other, (store) => store.setAuthenticated(true));
    await lab.pass(1000);
    other.navigator.onLine = false;
    lab.set(other, { widgets: ['not sent yet'] });
    device.show(late);
    await lab.pass(1000);
    assert.ok([...device.entries.values()].some((text) => text.includes('not sent yet')));
    assert.deepEqual(other.store.getState(), { widgets: ['not sent yet'] });
});

test('the initial state is the application’s, and no user’s', async () => {
    const initialState = { widgets: [] };
    const device = lab.device();
    const alice = lab.open(device, { initialState });
    await lab.pass(1000);
    lab.set(alice, (state) => {
        state.widgets.push('of alice');
        return state;
    });
    await lab.pass(3000);
    assert.deepEqual(initialState, { widgets: [] });
    lab.in(alice, (store) => void store.signOut());
    await lab.pass(1000);
    assert.deepEqual(alice.store.getState(), { widgets: [] });
    assert.equal(alice.store.getInitialState(), alice.store.getInitialState());
    const bob = lab.open(device, { initialState, user: 'bob' });
    assert.deepEqual(bob.store.getState(), { widgets: [] });
});

test('a destroyed store ignores edits, and begins again where it is mounted again', async () => {
    const device = lab.device();
    const tab = lab.open(device, { isAuthenticated: false });
    lab.in(tab, (store) => store.setAuthenticated(true));
    await lab.pass(1000);
    for (const again of [(store) => store.setAuthenticated(true), (store) => store.subscribe(() => {})]) {
        const before = tab.store.getState();
        lab.in(tab, (store) => {
            store.destroy();
            store.destroy();
            store.setState({ widgets: ['ignored'] });
            store.restoreLost('x');
            store.dismissConflict('x');
            store.clearSyncError();
        });
        assert.deepEqual(await lab.in(tab, (store) => store.syncToServer()), { status: 'signed-out' });
        assert.equal(tab.store.getState(), before);
        device.show(tab);
        await lab.pass(100_000);
        const asked = lab.log.length;
        lab.in(tab, again);
        await lab.pass(100);
        assert.equal(lab.log.length, asked + 1, 'it restores');
        lab.set(tab, { widgets: [String(again)] });
        await lab.pass(3000);
        assert.deepEqual(lab.server.document.state, { widgets: [String(again)] });
    }
});

test('ready comes with the first answer, whatever it is, and hasRestored with the first that tells', async () => {
    const device = lab.device();
    let isAway = true;
    const tab = lab.open(device, { isAuthenticated: false }, (go) => (isAway ? Promise.resolve(answer(503)) : go()));
    let isReady = false;
    void tab.store.ready.then(() => (isReady = true));
    await lab.pass(10_000);
    assert.equal(isReady, false);
    lab.in(tab, (store) => store.setAuthenticated(true));
    await lab.pass(100);
    assert.deepEqual([isReady, tab.store.hasRestored], [true, false]);
    isAway = false;
    await lab.pass(10_000);
    assert.equal(tab.store.hasRestored, true);
});

test('a store that was destroyed ends the session in the other tabs too', async () => {
    const device = lab.device();
    const [one, other] = [lab.open(device), lab.open(device)];
    lab.set(one, { widgets: ['alice'] });
    await lab.pass(5000);
    lab.in(one, (store) => store.destroy());
    lab.in(one, (store) => void store.signOut());
    await lab.pass(100);
    assert.deepEqual(other.store.getState(), { widgets: [] });
    lab.set(other, { widgets: ['late'] });
    await lab.pass(5000);
    assert.equal(device.entries.size, 0);
    assert.deepEqual(lab.server.document.state, { widgets: ['alice'] });
});

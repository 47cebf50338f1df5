import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { away, found, nothing, saved, unchanged } from '../support/answers.js';
import { Clock } from '../support/clock.js';
import { Page } from '../support/page.js';
import { KEY, over, summary } from '../support/stores.js';

let clock;
let page;
/** Stores have channels, which would keep the process alive. */
let stores;
const inPage = (answers, options) => {
    const made = over(answers, options);
    stores.push(made.store);
    return made;
};
beforeEach(() => {
    stores = [];
    clock = new Clock();
    page = new Page();
});
afterEach(() => {
    for (const store of stores) store.destroy();
    page.close();
    clock.restore();
});

test('without a page, as on a server, a store is made, and asks for nothing by itself', async () => {
    page.close();
    const { store, requests } = over([], { isAuthenticated: undefined });
    store.setState({ widgets: [1] });
    await clock.advance(100_000);
    assert.deepEqual(requests, []);
});

test('in a page, a store restores by itself', async () => {
    const { requests } = inPage([nothing()], { isAuthenticated: undefined });
    await clock.settle();
    assert.equal(requests.length, 1);
});

test('the last change leaves before the page does', async () => {
    const { store, requests } = inPage([found(1, { widgets: [1] }), saved(2)]);
    await clock.settle();
    store.setState({ widgets: [2] });
    page.hide();
    // At once: no timer, no lock, nothing to wait for.
    assert.deepEqual(summary(requests), ['GET', 'POST 2 "e1"']);
    assert.equal(requests[1].keepalive, true);
    page.hide();
    await clock.advance(10_000);
    assert.equal(requests.length, 2);
});

test('leaving by pagehide, and with checksums asked for, sends as much', async () => {
    const { store, requests } = inPage([found(1, { widgets: [1] }), saved(2)], { clientOptions: { checksum: true } });
    await clock.settle();
    store.setState({ widgets: [2] });
    page.leave();
    assert.deepEqual(summary(requests), ['GET', 'POST 2 "e1"']);
    assert.equal(requests[1].body.checksum, undefined);
});

test('a page that is left before it has restored asks for nothing more', async () => {
    const { store, requests } = inPage(['lost']);
    await clock.settle();
    store.setState({ widgets: [2] });
    page.hide();
    await clock.settle();
    assert.equal(requests.length, 1);
});

test('a page that is left in the middle of a request leaves the rest in the storage', async () => {
    const { store, requests, storage } = inPage([found(1, { widgets: [1] }), 'never']);
    await clock.settle();
    store.setState({ widgets: [2] });
    await clock.advance(2000);
    store.setState({ widgets: [3] });
    page.hide();
    await clock.settle();
    assert.equal(requests.length, 2);
    assert.deepEqual(JSON.parse(storage.getItem(KEY)).state, { widgets: [3] });
});

test('a page that is left without a change sends nothing', async () => {
    const { requests } = inPage([found(1, { widgets: [1] })]);
    await clock.settle();
    page.hide();
    await clock.settle();
    assert.equal(requests.length, 1);
});

test('a state older than staleAfter is asked for again on focus, and not before', async () => {
    const { store, requests } = inPage([found(1, { widgets: [1] }), unchanged(), found(2, { widgets: [2] })], { staleAfter: 30_000 });
    await clock.settle();
    page.focus();
    await clock.advance(30_000);
    assert.equal(requests.length, 1);
    await clock.advance(1);
    page.focus();
    page.show();
    await clock.settle();
    assert.deepEqual(summary(requests), ['GET', 'GET "e1"']);
    assert.equal(store.lastSyncedAt, clock.now);
    await clock.advance(30_001);
    page.comeOnline();
    await clock.settle();
    assert.deepEqual(store.getState(), { widgets: [2] });
});

test('a focus does not hurry a server that has asked for time', async () => {
    const { requests } = inPage([away('100'), nothing()]);
    await clock.settle();
    page.focus();
    await clock.advance(99_000);
    assert.equal(requests.length, 1);
    await clock.advance(2000);
    assert.equal(requests.length, 2);
});

test('when the network is back, nobody waits for the next attempt; a focus does', async () => {
    const { store, requests } = inPage([found(1, { widgets: [1] }), away('100'), saved(2)]);
    await clock.settle();
    store.setState({ widgets: [2] });
    await clock.advance(2000);
    page.focus();
    await clock.settle();
    assert.equal(requests.length, 2);
    page.comeOnline();
    await clock.advance(0);
    assert.equal(requests.length, 3);
    assert.equal(store.hasUnsyncedChanges, false);
});

test('signed out, the page’s coming and going asks for nothing', async () => {
    const { store, requests } = inPage([], { isAuthenticated: false });
    store.setState({ widgets: [2] });
    page.hide();
    page.show();
    page.comeOnline();
    await clock.settle();
    assert.deepEqual(requests, []);
});

/** Two tabs of one browser. */
async function twoTabs(answers, options) {
    const one = inPage([found(1, { widgets: [] }), ...answers], options);
    await clock.settle();
    const other = inPage([unchanged(), ...answers], { ...options, storage: one.storage });
    await clock.settle();
    return [one, other];
}

/** Messages between tabs come through the real event loop. */
async function delivered() {
    for (let round = 0; round < 5; round += 1) await clock.settle();
}

test('an edit in one tab is in the other at once, and is sent by one of them', async () => {
    const [one, other] = await twoTabs([saved(2)]);
    one.store.setState({ widgets: [1] });
    await delivered();
    assert.deepEqual(other.store.getState(), { widgets: [1] });
    assert.equal(other.store.hasUnsyncedChanges, true);
    await clock.advance(2000);
    await delivered();
    assert.equal(other.store.hasUnsyncedChanges, false);
    await clock.advance(10_000);
    assert.equal(one.requests.length + other.requests.length, 3);
});

test('edits that two tabs make at the same moment are both in both', async () => {
    const [one, other] = await twoTabs([saved(2), saved(3)]);
    one.store.setState({ widgets: [{ id: 1 }] });
    other.store.setState({ widgets: [{ id: 2 }] });
    await delivered();
    const stored = JSON.parse(one.storage.getItem(KEY)).state;
    for (const state of [one.store.getState(), other.store.getState(), stored]) {
        assert.deepEqual(state.widgets.map(({ id }) => id).sort(), [1, 2]);
    }
});

test('of two edits of the same place, the later one is in both tabs', async () => {
    const [one, other] = await twoTabs([saved(2), saved(3)]);
    one.store.setState({ widgets: 'earlier' });
    clock.now += 1;
    other.store.setState({ widgets: 'later' });
    await delivered();
    for (const { store } of [one, other]) assert.deepEqual(store.getState(), { widgets: 'later' });
});

test('a tab that is gone before it has sent its edit is stood in for', async () => {
    const [one, other] = await twoTabs([saved(2)]);
    one.store.setState({ widgets: [1] });
    await delivered();
    one.store.destroy();
    await clock.advance(3999);
    assert.deepEqual(summary(other.requests), ['GET "e1"']);
    await clock.advance(1);
    assert.deepEqual(summary(other.requests), ['GET "e1"', 'POST 2 "e1"']);
});

test('an edit in one tab does not stand for the restore that the other still owes', async () => {
    const one = inPage([found(1, { widgets: [] })]);
    await clock.settle();
    const other = inPage([away(), unchanged()], { storage: one.storage });
    await clock.settle();
    one.store.setState({ widgets: [], scroll: 1 });
    await delivered();
    await clock.advance(4000);
    assert.deepEqual(summary(other.requests), ['GET "e1"', 'GET "e1"']);
});

test('signing out in one tab ends the session in the other', async () => {
    const [one, other] = await twoTabs([]);
    await one.store.signOut();
    await delivered();
    other.store.setState({ widgets: ['late'] });
    await clock.advance(10_000);
    assert.equal(one.storage.entries.size, 0);
    assert.equal(other.requests.length, 1);
});

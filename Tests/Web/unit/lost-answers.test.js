import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { answer, Lab } from '../support/browser.js';

let lab;
beforeEach(() => void (lab = new Lab()));
afterEach(() => lab.end());

const widgets = (...list) => ({ widgets: list });
/** A hook that does to saves what `mode` says. */
const troubled = (mode, away) => async (go, { method }) => {
    if (method !== 'POST') return go();
    if (mode.is === 'away') return away();
    const given = await go();
    if (mode.is === 'answer lost') throw new TypeError('lost');
    return given;
};
const lost = () => Promise.reject(new TypeError('offline'));

test('what may have arrived is forgotten only by an answer that tells', async () => {
    const turnedAway = {
        429: async () => answer(429, undefined, { 'Retry-After': '1' }),
        401: async () => answer(401, 'no-user'),
        403: async () => answer(403, 'other-user'),
        413: async () => answer(413, 'body-too-large'),
        400: async () => answer(400, 'invalid-body'),
        502: async () => answer(502),
        storage: async () => answer(503, 'storage-unavailable'),
        offline: lost,
    };
    for (const [how, away] of Object.entries(turnedAway)) {
        for (const x of [2, 0]) {
            const mode = { is: 'well' };
            const tab = lab.open(lab.device(), {}, troubled(mode, away));
            await lab.pass(100);
            lab.set(tab, widgets({ id: 'a', x: 0 }));
            await lab.pass(3000);
            mode.is = 'answer lost';
            lab.set(tab, widgets({ id: 'a', x: 1 }));
            await lab.pass(2100);
            lab.set(tab, widgets({ id: 'a', x }));
            mode.is = 'away';
            lab.in(tab, (store) => void store.syncToServer());
            await lab.pass(100);
            mode.is = 'well';
            lab.in(tab, (store) => void store.syncToServer());
            await lab.pass(60_000);
            lab.in(tab, (store) => void store.restoreFromServer());
            await lab.pass(1000);
            const name = `the answer is lost, then ${how}, x becomes ${x}`;
            assert.equal(tab.store.getState().widgets[0].x, x, name);
            assert.equal(lab.server.document.state.widgets[0].x, x, name);
            assert.deepEqual(tab.store.conflicts, [], name);
            assert.equal(tab.store.hasUnsyncedChanges, false, name);
            lab.server.flush();
        }
    }
});

test('a removal that is taken back after its answer was lost stays taken back', async () => {
    for (const back of [{ id: 'w', x: 0 }, { id: 'w', x: 5 }]) {
        for (const wrap of [widgets, (...list) => ({ widgets: Object.fromEntries(list.map((one) => [one.id, one])) })]) {
            const mode = { is: 'well' };
            const [one, two] = [lab.open(lab.device(), {}, troubled(mode, lost)), lab.open(lab.device())];
            await lab.pass(100);
            lab.set(one, wrap({ id: 'w', x: 0 }, { id: 'v', x: 0 }));
            await lab.pass(3000);
            lab.in(two, (store) => void store.restoreFromServer());
            await lab.pass(100);
            mode.is = 'answer lost';
            lab.set(one, wrap({ id: 'v', x: 0 }));
            lab.in(one, (store) => void store.syncToServer());
            await lab.pass(100);
            lab.set(one, wrap(back, { id: 'v', x: 0 }));
            lab.in(two, (store) => void store.restoreFromServer());
            await lab.pass(100);
            lab.set(two, wrap({ id: 'v', x: 1 }));
            await lab.pass(3000);
            mode.is = 'well';
            await lab.pass(60_000);
            assert.deepEqual(lab.server.document.state, one.store.getState());
            assert.ok(JSON.stringify(one.store.getState()).includes(JSON.stringify(back)));
            assert.ok(JSON.stringify(one.store.getState()).includes('"x":1'));
            assert.deepEqual(one.store.conflicts, []);
            lab.server.flush();
        }
    }
});

test('what was acknowledged survives a server that has gone back, also where another device has overtaken it', async () => {
    for (const how of ['backup', 'flush']) {
        for (const saves of [0, 1, 2, 3, 11]) {
            const [phone, desktop] = [lab.open(lab.device()), lab.open(lab.device())];
            await lab.pass(100);
            lab.set(desktop, widgets({ id: 'a', x: 0 }, { id: 'b' }));
            await lab.pass(3000);
            lab.in(phone, (store) => void store.restoreFromServer());
            await lab.pass(100);
            const backup = lab.server.backup();
            for (const x of [1, 2]) {
                lab.set(desktop, widgets({ id: 'a', x }, { id: 'an afternoon’s work' }));
                await lab.pass(3000);
            }
            assert.equal(desktop.store.hasUnsyncedChanges, false);
            if (how === 'backup') lab.server.restore(backup);
            else lab.server.flush();
            lab.in(phone, (store) => void store.restoreFromServer());
            await lab.pass(1000);
            for (let y = 0; y < saves; y += 1) {
                lab.set(phone, (state) => widgets(...state.widgets.map((one) => ({ ...one, y }))));
                await lab.pass(3000);
            }
            lab.in(desktop, (store) => void store.restoreFromServer());
            await lab.pass(5000);
            const name = `${how}, ${saves} saves since`;
            assert.ok(JSON.stringify(desktop.store.getState()).includes('afternoon'), name);
            assert.deepEqual(lab.server.document.state, desktop.store.getState(), name);
            if (saves > 0) assert.ok(JSON.stringify([desktop.store.getState(), desktop.store.conflicts]).includes(`"y":${saves - 1}`), name);
            const before = lab.log.length;
            lab.in(phone, (store) => void store.restoreFromServer());
            await lab.pass(5000);
            assert.deepEqual(phone.store.getState(), desktop.store.getState(), name);
            assert.ok(lab.log.length - before <= 2, `${name}: they come to rest`);
            lab.server.flush();
        }
    }
});

test('what was acknowledged survives, too, where the others save more often meanwhile than documents tell of', async () => {
    for (const how of ['backup', 'flush']) {
        for (const saves of [1, 13, 40]) {
            const [desktop, phone, tablet] = [1, 2, 3].map(() => lab.open(lab.device()));
            const restore = async (tab) => {
                lab.in(tab, (store) => void store.restoreFromServer());
                await lab.pass(3000);
            };
            lab.set(desktop, widgets({ id: 'a' }, { id: 'b' }));
            await lab.pass(3000);
            await restore(phone);
            const backup = lab.server.backup();
            lab.set(desktop, (state) => widgets(...state.widgets, { id: 'the morning’s work' }));
            await lab.pass(3000);
            await restore(tablet);
            lab.set(desktop, (state) => widgets(...state.widgets, { id: 'the afternoon’s work' }));
            await lab.pass(3000);
            if (how === 'backup') lab.server.restore(backup);
            else lab.server.flush();
            // The one that knew more than is left sees it, or all do.
            await restore(tablet);
            await restore(phone);
            for (let y = 0; y < saves; y += 1) {
                lab.set(phone, (state) => widgets({ id: 'a', y }, ...state.widgets.filter(({ id }) => id !== 'a' && id !== 'b')));
                await lab.pass(3000);
            }
            const name = `${how}, ${saves} saves since`;
            await restore(tablet);
            assert.deepEqual([tablet.store.getState(), tablet.store.conflicts], [phone.store.getState(), []], name);
            await restore(desktop);
            const ids = desktop.store.getState().widgets.map(({ id }) => id);
            assert.ok(ids.includes('the morning’s work') && ids.includes('the afternoon’s work'), `${name}: ${ids}`);
            for (const tab of [phone, tablet]) {
                await restore(tab);
                assert.deepEqual(tab.store.getState(), lab.server.document.state, name);
            }
            lab.server.flush();
        }
    }
});

test('documents that are no strangers make no conflict: successors, and an old copy of one’s own', async () => {
    const [one, two] = [lab.open(lab.device()), lab.open(lab.device())];
    await lab.pass(100);
    for (let x = 0; x < 40; x += 1) {
        lab.set(one, widgets({ id: 'a', x }));
        await lab.pass(2100);
        if (x === 20) lab.in(two, (store) => void store.restoreFromServer());
        if (x === 39) lab.backup = lab.server.backup();
    }
    assert.match(lab.server.document.ancestry, /^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/);
    lab.in(two, (store) => void store.restoreFromServer());
    await lab.pass(100);
    assert.deepEqual(two.store.getState(), one.store.getState());
    lab.set(one, widgets({ id: 'a', x: 'after the backup' }));
    await lab.pass(3000);
    lab.server.restore(lab.backup);
    lab.in(one, (store) => void store.restoreFromServer());
    await lab.pass(1000);
    assert.deepEqual(lab.server.document.state, widgets({ id: 'a', x: 'after the backup' }));
    for (const { store } of [one, two]) assert.deepEqual(store.conflicts, []);
});

test('a removed member that the initial state has is no conflict with oneself when its answer was lost', async () => {
    const mode = { is: 'well' };
    const tooLarge = async () => answer(413, 'body-too-large');
    const initialState = { widgets: [], activeProject: 'none' };
    const tab = lab.open(lab.device(), { initialState }, troubled(mode, tooLarge));
    await lab.pass(100);
    lab.set(tab, { widgets: [1], activeProject: 'mine' });
    await lab.pass(3000);
    mode.is = 'answer lost';
    lab.set(tab, { widgets: [1] });
    await lab.pass(2100);
    mode.is = 'away';
    await lab.pass(5000);
    mode.is = 'well';
    lab.in(tab, (store) => void store.syncToServer());
    await lab.pass(100_000);
    assert.deepEqual(tab.store.conflicts, []);
    assert.deepEqual(lab.server.document.state, { widgets: [1] });
    assert.equal(tab.store.hasUnsyncedChanges, false);
    const { length } = lab.log;
    await lab.pass(600_000);
    assert.equal(lab.log.length, length);
});

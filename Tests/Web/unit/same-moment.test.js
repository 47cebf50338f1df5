import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { answer, Lab } from '../support/browser.js';

let lab;
beforeEach(() => void (lab = new Lab()));
afterEach(() => lab.end());

const widget = (id, more = {}) => ({ id, x: 0, ...more });

test('tabs without locks that send in the same moment do not take the answer of one for that of the other', async () => {
    const late = async (go) => {
        const given = await go();
        await new Promise((resolve) => setTimeout(resolve, 50));
        return given;
    };
    for (const how of [{ lag: 3 }, { lag: 20 }, { isBlocked: true }, { latency: 10, lag: 15 }]) {
        for (const delay of [0, 1, 2]) {
            const device = lab.device(how);
            const tabs = [1, 2].map(() => lab.open(device, { namespace: JSON.stringify([how, delay]) }, late));
            for (const tab of tabs) tab.navigator = { onLine: true };
            await lab.pass(3000);
            lab.set(tabs[0], { widgets: [widget('w', { x: 'before' })] });
            await lab.pass(5000);
            for (const [index, tab] of tabs.entries()) {
                lab.set(tab, { widgets: [widget('w', { x: `of tab ${index}` })] });
                lab.in(tab, (store) => void store.syncToServer());
                await lab.pass(delay);
            }
            for (let ms = 0; ms < 20_000; ms = 2 * ms + 1) {
                await lab.pass(ms);
                const { widgets } = lab.server.document.state;
                for (const { store } of tabs) if (!store.hasUnsyncedChanges) assert.deepEqual(store.getState().widgets, widgets, JSON.stringify(how));
            }
            assert.ok(tabs.every(({ store }) => !store.hasUnsyncedChanges));
            for (const tab of tabs) device.close(tab, true);
            lab.server.flush();
        }
    }
});

test('what two tabs without locks have sent alike is known as long as one of them may have got it there', async () => {
    const refusal = (status, type) => async () => {
        // By then they have heard of each other.
        await new Promise((resolve) => setTimeout(resolve, 8));
        return answer(status, type);
    };
    const lose = async (go) => {
        await go();
        throw new TypeError('lost');
    };
    const refusals = [refusal(413, 'body-too-large'), refusal(429), refusal(503, 'storage-unavailable')];
    for (const [index, first] of refusals.entries()) {
        for (const [name, second] of Object.entries({ answered: (go) => go(), lost: lose })) {
            for (const how of [{ isBlocked: true }, { lag: 3 }]) {
                let isTroubled = true;
                const hooks = [first, second].map((meet) => (go, { method }) => (isTroubled && method === 'POST' ? meet(go) : go()));
                const device = lab.device({ ...how, hasLocks: false });
                const tabs = hooks.map((hook) => lab.open(device, { namespace: JSON.stringify([index, name, how]) }, hook));
                for (const tab of tabs) tab.navigator = { onLine: true };
                await lab.pass(100);
                lab.set(tabs[0], { widgets: [widget('w')] });
                await lab.pass(50);
                for (const tab of tabs) device.hide(tab);
                await lab.pass(100);
                isTroubled = false;

                const other = lab.open(lab.device({ isBlocked: true }));
                await lab.pass(100);
                lab.set(other, { widgets: [widget('w', { x: 'changed' })] });
                lab.in(other, (store) => void store.syncToServer());
                await lab.pass(100);
                lab.set(tabs[1], { widgets: [] });
                await lab.pass(120_000);
                // It is removed, and changed elsewhere: no widget that just appears.
                const losses = tabs.map(({ store }) => store.conflicts.flatMap(({ items }) => items.map(({ path }) => path)));
                assert.deepEqual(losses, [[['widgets', { id: 'w' }]], [['widgets', { id: 'w' }]]], `${index} ${name} ${JSON.stringify(how)}`);
                for (const tab of tabs) device.close(tab, true);
                other.device.close(other, true);
                lab.server.flush();
            }
        }
    }
});

test('what is removed while other tabs edit fast stays removed', async () => {
    const device = lab.device({ latency: 2, lag: 4 });
    const tabs = [1, 2, 3].map(() => lab.open(device));
    for (const tab of tabs) tab.navigator = { onLine: false };
    await lab.pass(3000);
    lab.set(tabs[0], { widgets: ['a', 'b', 'c', 'd'].map((id) => widget(id)) });
    await lab.pass(3000);
    const replace = (tab, change) => lab.set(tab, ({ widgets }) => ({ widgets: change(widgets) }));
    const move = (id, x) => (widgets) => widgets.map((one) => (one.id === id ? { ...one, x } : one));
    for (const x of [1, 2, 3]) {
        replace(tabs[0], move('a', x));
        replace(tabs[1], move('b', x));
    }
    replace(tabs[0], (widgets) => widgets.filter(({ id }) => id !== 'c'));
    replace(tabs[2], (widgets) => widgets.filter(({ id }) => id !== 'd'));
    await lab.pass(3000);
    for (const { store } of tabs) assert.deepEqual(store.getState(), { widgets: [widget('a', { x: 3 }), widget('b', { x: 3 })] });
});

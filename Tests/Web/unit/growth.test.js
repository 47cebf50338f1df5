import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDashboardStore } from '../../../web/index.js';
import { merge } from '../../../web/merge.js';
import { MemoryStorage } from '../support/storage.js';

// How long it takes is measured in bench/; here, that eight times as much takes nowhere near 64 times as long.
const TIMES = 8;
const LIMIT = 40;

/** The least processor time of several runs: what else the machine does is not in it. */
function least(make, run) {
    const times = [];
    for (let round = 0; round < 15; round += 1) {
        const given = make();
        const start = process.cpuUsage();
        run(given);
        const { user, system } = process.cpuUsage(start);
        times.push(user + system);
    }
    return Math.min(...times);
}

const widgets = (count) => Array.from({ length: count }, (_, id) => ({ id, x: id, y: 0, title: `The title of ${id}` }));

test('merging takes no longer than its elements, wherever they were moved, added and removed', () => {
    const make = (count) => () => ({
        base: widgets(count),
        local: widgets(count).reverse().map((one) => (one.id % 7 ? one : { ...one, x: -1 })),
        remote: [...widgets(count).filter(({ id }) => id % 11), ...widgets(count / 10).map((one) => ({ ...one, id: one.id + count }))],
    });
    const run = ({ base, local, remote }) => merge({ widgets: base }, { widgets: local }, { widgets: remote }, (overlap) => overlap.remote);
    run(make(1000)());
    const ratio = least(make(1000 * TIMES), run) / least(make(1000), run);
    assert.ok(ratio < LIMIT, `${ratio}`);
});

test('an edit takes no longer than its state, and stores no more than two of it', () => {
    const client = { getDashboardState: async () => ({ status: 'not-found' }) };
    const storage = new MemoryStorage();
    const make = (count) => () => {
        storage.entries.clear();
        const initialState = { widgets: widgets(count) };
        const store = createDashboardStore({ client, user: 'alice', workspace: 'main', initialState, storage, isAuthenticated: false });
        return { store, next: { widgets: initialState.widgets.map((one) => (one.id % 50 ? one : { ...one, x: -1 })) } };
    };
    const run = ({ store, next }) => store.setState(next);
    run(make(500)());
    const ratio = least(make(500 * TIMES), run) / least(make(500), run);
    assert.ok(ratio < LIMIT, `${ratio}`);
    const [[, text]] = storage.entries;
    assert.ok(text.length < 2.2 * JSON.stringify({ widgets: widgets(500) }).length, 'one as it is, one as it was synced');
});

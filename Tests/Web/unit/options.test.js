import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDashboardStateClient, createDashboardStore } from '../../../web/index.js';
import { MemoryStorage } from '../support/storage.js';

const client = createDashboardStateClient();
const right = { client, user: 'alice', workspace: 'main', initialState: { widgets: [] }, storage: new MemoryStorage(), isAuthenticated: false };

test('what is wrong is told when the store is made, with what to do', () => {
    const wrong = {
        client: [undefined, {}, createDashboardStateClient],
        user: [undefined, '', 42, null, 'a\nb', 'ö'.repeat(129), '\ud800'],
        workspace: [undefined, '', {}, '\u0000'],
        initialState: [undefined, null, [], { at: new Date() }, { widgets: new Map() }, { x: NaN }, { x: [, 1] }, { get x() { return 1; } }],
        significantPaths: ['widgets', [''], [[]], [[1]], [undefined]],
        localPaths: ['ui', ['a..b'], [{}]],
        debounce: [Infinity, NaN, -1, '2000', null],
        staleAfter: [Infinity, -5],
        conflictPolicy: ['remote', null, {}],
        schemaVersion: [1.5, -1, '2', NaN],
        migrate: [{}, null],
        storage: [{}, null, { getItem() {} }],
        namespace: [1, 'a\ud800'],
        isAuthenticated: ['no', 1, null],
        sendsIdentity: ['false', 0],
    };
    for (const [name, values] of Object.entries(wrong)) {
        for (const value of values) {
            assert.throws(
                () => createDashboardStore({ ...right, [name]: value }),
                (error) => error instanceof TypeError && error.message.startsWith(name),
                `${name}: ${String(value)}`,
            );
        }
    }
    assert.throws(() => createDashboardStore(), TypeError);
    createDashboardStore({ ...right, debounce: 0, staleAfter: 0, significantPaths: [], localPaths: [['a.b', 'c']] }).destroy();
});

test('the client’s options are looked at too', () => {
    const wrong = { baseUrl: [1, 'http://[', null, 'https://alice:secret@example.org/api', '//alice@example.org/'], fetch: [{}], headers: [5, 'a: b', [['a']], { 'a b': 'c' }], checksum: ['no', 1], workspace: ['', 5], timeout: [0, Infinity, NaN, '1'], retries: [-1, 1.5, Infinity] };
    for (const [name, values] of Object.entries(wrong)) {
        for (const value of values) {
            assert.throws(() => createDashboardStateClient({ [name]: value }), (error) => error instanceof TypeError && error.message.startsWith(name));
        }
    }
    assert.throws(() => createDashboardStateClient('/api'), TypeError);
});

test('a state that JSON would change is refused before anything is stored, and nothing of it stays', () => {
    const storage = new MemoryStorage();
    const store = createDashboardStore({ ...right, storage });
    store.setState({ widgets: [1] });
    const [[, text]] = storage.entries;
    const inPlace = (state) => {
        state.widgets.push(new Map());
        return state;
    };
    for (const next of [{ widgets: new Set() }, { widgets: [undefined] }, { at: new Date() }, { f() {} }, { widgets: [, 1] }, { [Symbol('s')]: 1, widgets: [] }, { get total() { return 1; } }, inPlace]) {
        assert.throws(() => store.setState(next), /state.* is (a|undefined)/);
        assert.deepEqual(store.getState(), { widgets: [1] });
        assert.deepEqual([...storage.entries.values()], [text]);
    }
});

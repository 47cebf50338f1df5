import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconcile } from '../../../web/reconcile.js';

const base = { version: 5, etag: '"b"', lastModified: '2026-01-01T00:00:00Z', state: { a: 0, b: 0 } };
const remote = (version, state, lastModified = '2026-01-02T00:00:00Z') => ({ version, etag: '"r"', lastModified, state });

test('the server is newer and nothing was changed here: its state is restored', () => {
    assert.deepEqual(reconcile({ base, local: base.state, remote: remote(6, { a: 1, b: 0 }) }, 'client'), { state: { a: 1, b: 0 }, items: [] });
});

test('nothing has changed on the server: the local state stays', () => {
    const local = { a: 1, b: 0 };
    assert.deepEqual(reconcile({ base, local, remote: { ...base } }, 'server'), { state: local, items: [] });
});

test('the server has fallen behind what it had acknowledged: the local state stays, the other one is offered', () => {
    const { state, items } = reconcile({ base, local: { a: 0, b: 0 }, remote: remote(4, { a: 9, b: 0 }) }, 'server');
    assert.deepEqual(state, { a: 0, b: 0 });
    assert.deepEqual(items.map(({ path, lost }) => ({ path, lost })), [{ path: [], lost: { a: 9, b: 0 } }]);
});

test('versions are equal: the time decides who is newer', () => {
    const older = reconcile({ base, local: base.state, remote: remote(5, { a: 9, b: 0 }, '2025-12-31T00:00:00Z') }, 'server');
    assert.deepEqual(older.state, base.state);
    assert.equal(older.items.length, 1);
    const newer = reconcile({ base, local: base.state, remote: remote(5, { a: 9, b: 0 }) }, 'server');
    assert.deepEqual(newer, { state: { a: 9, b: 0 }, items: [] });
});

test('versions and times are equal: both are merged', () => {
    const sides = { base, local: { a: 1, b: 0 }, remote: remote(5, { a: 0, b: 2 }, base.lastModified) };
    assert.deepEqual(reconcile(sides, 'server'), { state: { a: 1, b: 2 }, items: [] });
});

test('both have changed: both changes survive where they do not overlap', () => {
    const sides = { base, local: { a: 1, b: 0 }, remote: remote(6, { a: 0, b: 2 }) };
    assert.deepEqual(reconcile(sides, 'server'), { state: { a: 1, b: 2 }, items: [] });
});

test('where changes overlap the policy decides, and what lost is kept', () => {
    const sides = { base, local: { a: 1, b: 0 }, remote: remote(6, { a: 2, b: 0 }) };
    const decided = (policy) => {
        const { state, items } = reconcile(sides, policy);
        return [state.a, ...items.map(({ path, kept, lost }) => ({ path, kept, lost }))];
    };
    assert.deepEqual(decided('server'), [2, { path: ['a'], kept: 2, lost: 1 }]);
    assert.deepEqual(decided('client'), [1, { path: ['a'], kept: 1, lost: 2 }]);
    assert.deepEqual(decided(({ local, remote }) => local + remote), [3, { path: ['a'], kept: 3, lost: 1 }]);
});

test('a device that has never synced merges into what it finds', () => {
    const never = { version: 0, state: { a: 0 } };
    assert.deepEqual(reconcile({ base: never, local: { a: 0, mine: 1 }, remote: remote(3, { a: 5 }) }, 'server'), {
        state: { a: 5, mine: 1 },
        items: [],
    });
});

test('what was sent and may have been taken back elsewhere is kept, and the doubt reported', () => {
    const sent = { version: 6, state: { a: 1, b: 0 } };
    const sides = { base, local: { a: 2, b: 0 }, sent: [sent] };
    // One save since: another device's, so this one's did not arrive.
    assert.deepEqual(reconcile({ ...sides, remote: remote(6, { a: 0, b: 9 }) }, 'server'), { state: { a: 2, b: 9 }, items: [] });
    const { state, items } = reconcile({ ...sides, remote: remote(7, { a: 0, b: 9 }) }, 'server');
    assert.deepEqual(state, { a: 2, b: 9 });
    assert.deepEqual(items.map(({ path, kept, lost }) => ({ path, kept, lost })), [{ path: ['a'], kept: 2, lost: 0 }]);
});

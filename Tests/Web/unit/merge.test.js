import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalise } from '../../../web/canonical.js';
import { merge } from '../../../web/merge.js';

/** Merges, and gives the overlaps too. */
function merged(base, local, remote, { wins = 'remote', sent = [] } = {}) {
    const overlaps = [];
    const decide = (overlap) => {
        overlaps.push(overlap);
        return overlap[wins];
    };
    return { value: merge(base, local, remote, decide, sent), overlaps };
}

test('changes of different members both survive', () => {
    const { value, overlaps } = merged({ a: 1, b: { c: 1, d: 1 } }, { a: 2, b: { c: 1, d: 1 } }, { a: 1, b: { c: 1, d: 2 } });
    assert.deepEqual(value, { a: 2, b: { c: 1, d: 2 } });
    assert.deepEqual(overlaps, []);
});

test('additions and removals of members both survive', () => {
    const { value, overlaps } = merged({ a: 1, b: 1 }, { b: 1, c: 1 }, { a: 1, d: 1 });
    assert.deepEqual(value, { c: 1, d: 1 });
    assert.deepEqual(overlaps, []);
});

test('the same change on both sides is no overlap', () => {
    const { value, overlaps } = merged({ a: [1] }, { a: [1, 2] }, { a: [1, 2] });
    assert.deepEqual(value, { a: [1, 2] });
    assert.deepEqual(overlaps, []);
});

test('an overlap is decided, with what each side has', () => {
    const { value, overlaps } = merged({ a: { b: 1 } }, { a: { b: 2 } }, { a: { b: 3 } });
    assert.deepEqual(value, { a: { b: 3 } });
    assert.deepEqual(overlaps, [{ path: ['a', 'b'], base: 1, local: 2, remote: 3 }]);
    assert.deepEqual(merged({ a: 1 }, { a: 2 }, { a: 3 }, { wins: 'local' }).value, { a: 2 });
});

test('a removal against a change is an overlap', () => {
    const { value, overlaps } = merged({ a: 1 }, {}, { a: 2 });
    assert.deepEqual(value, { a: 2 });
    assert.deepEqual(overlaps, [{ path: ['a'], base: 1, local: undefined, remote: 2 }]);
    assert.deepEqual(merged({ a: 1 }, {}, { a: 2 }, { wins: 'local' }).value, {});
});

const widgets = (...ids) => ids.map((id) => ({ id, x: 0 }));

test('elements with ids are merged one by one', () => {
    const base = widgets('a', 'b', 'c');
    const local = [{ id: 'a', x: 1 }, { id: 'c', x: 0 }, { id: 'l', x: 0 }];
    const remote = [{ id: 'a', x: 0 }, { id: 'b', x: 0 }, { id: 'c', x: 0, y: 1 }, { id: 'r', x: 0 }];
    const { value, overlaps } = merged(base, local, remote);
    assert.deepEqual(value, [{ id: 'a', x: 1 }, { id: 'c', x: 0, y: 1 }, { id: 'l', x: 0 }, { id: 'r', x: 0 }]);
    assert.deepEqual(overlaps, []);
});

test('an overlap within an element names the element', () => {
    const { overlaps } = merged([{ id: 1, x: 0 }], [{ id: 1, x: 1 }], [{ id: 1, x: 2 }]);
    assert.deepEqual(overlaps, [{ path: [{ id: 1 }, 'x'], base: 0, local: 1, remote: 2 }]);
});

test('elements that are removed here and changed there are an overlap', () => {
    const { value, overlaps } = merged(widgets('a', 'b'), widgets('a'), [{ id: 'a', x: 0 }, { id: 'b', x: 5 }], { wins: 'local' });
    assert.deepEqual(value, widgets('a'));
    assert.deepEqual(overlaps[0].path, [{ id: 'b' }]);
});

test('a new order on one side survives what the other side adds and removes', () => {
    const ids = (list) => list.map(({ id }) => id);
    const base = widgets('a', 'b', 'c', 'd');
    const [ordered, changed] = [widgets('d', 'c', 'b', 'a'), widgets('a', 'c', 'd', 'n')];
    for (const [local, remote] of [[ordered, changed], [changed, ordered]]) {
        const { value, overlaps } = merged(base, local, remote);
        assert.deepEqual(ids(value), ['d', 'n', 'c', 'a']);
        assert.deepEqual(overlaps, []);
    }
});

test('two new orders are an overlap', () => {
    const { value, overlaps } = merged(widgets('a', 'b', 'c'), widgets('b', 'a', 'c', 'l'), widgets('a', 'c', 'b'));
    assert.deepEqual(value.map(({ id }) => id), ['a', 'c', 'l', 'b']);
    assert.deepEqual(overlaps, [{ path: [{ order: true }], base: ['a', 'b', 'c'], local: ['b', 'a', 'c', 'l'], remote: ['a', 'c', 'b'] }]);
});

test('arrays without ids are taken whole', () => {
    const { value, overlaps } = merged([1, 2], [1, 2, 3], [0, 1, 2]);
    assert.deepEqual(value, [0, 1, 2]);
    assert.deepEqual(overlaps[0].path, []);
});

test("what was sent without an answer is this device's own, and no overlap with its next edit", () => {
    const { value, overlaps } = merged({ a: 0, b: 0 }, { a: 2, b: 0 }, { a: 1, b: 7 }, { sent: [{ a: 1, b: 0 }] });
    assert.deepEqual(value, { a: 2, b: 7 });
    assert.deepEqual(overlaps, []);
});

test('an edit taken back after sending survives where the sending had arrived', () => {
    assert.deepEqual(merged({ a: 0 }, { a: 0 }, { a: 1 }, { sent: [{ a: 1 }] }).value, { a: 0 });
});

test('an edit taken back after sending, changed elsewhere meanwhile, is an overlap', () => {
    const { overlaps } = merged({ a: 0 }, { a: 0 }, { a: 5 }, { sent: [{ a: 1 }] });
    assert.equal(overlaps.length, 1);
});

test('whatever the states are, merging keeps what only one side changed', () => {
    let seed = 1;
    const random = (below) => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return seed % below;
    };
    const any = (depth) => {
        const kind = random(depth > 0 ? 5 : 2);
        if (kind < 2) return random(3);
        if (kind === 2) return Object.fromEntries(Array.from({ length: random(4) }, () => ['abc'[random(3)], any(depth - 1)]));
        if (kind === 3) return Array.from({ length: random(3) }, () => random(3));
        const ids = new Set(Array.from({ length: random(5) }, () => random(5)));
        return [...ids].map((id) => ({ id, v: any(depth - 1) }));
    };
    for (let round = 0; round < 5000; round += 1) {
        const [base, one, other] = [any(3), any(3), any(3)];
        const never = () => assert.fail('one side only has changed something');
        assert.equal(canonicalise(merge(base, one, base, never)), canonicalise(one));
        assert.equal(canonicalise(merge(base, base, one, never)), canonicalise(one));
        assert.equal(canonicalise(merge(base, one, one, never)), canonicalise(one));
        // What wins on one device wins on the other one too, orders of additions apart.
        const members = (value) => canonicalise(value).split('').sort().join('');
        const here = merge(base, one, other, ({ remote }) => remote);
        const there = merge(base, other, one, ({ local }) => local);
        assert.equal(members(here), members(there));
    }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, byId, graft, omit, put } from '../../../web/paths.js';

test('a path is member names, with dots or as a list', () => {
    const state = { a: { 'b.c': 1, d: 2 } };
    assert.equal(at(state, 'a.d'), 2);
    assert.equal(at(state, ['a', 'b.c']), 1);
    assert.equal(at(state, 'a.x.y'), undefined);
    assert.equal(at(state, 'toString'), undefined);
});

test('put copies what is on the path and shares the rest', () => {
    const state = { a: { b: 1 }, c: { d: 2 } };
    const next = put(state, ['a', 'b'], 3);
    assert.deepEqual(next, { a: { b: 3 }, c: { d: 2 } });
    assert.equal(next.c, state.c);
    assert.deepEqual(state, { a: { b: 1 }, c: { d: 2 } });
});

test('put makes missing objects, and removes with undefined', () => {
    assert.deepEqual(put({}, ['a', 'b'], 1), { a: { b: 1 } });
    assert.deepEqual(put({ a: { b: 1 }, c: 2 }, ['a', 'b'], undefined), { a: {}, c: 2 });
    assert.deepEqual(put({ c: 2 }, ['a', 'b'], undefined), { c: 2 });
});

test('put reaches elements by id, appends them, removes them and orders them', () => {
    const list = [{ id: 1, a: 1 }, { id: 'x' }];
    assert.deepEqual(put(list, [{ id: 1 }, 'a'], 2), [{ id: 1, a: 2 }, { id: 'x' }]);
    assert.deepEqual(put(list, [{ id: 2 }], { id: 2 }), [...list, { id: 2 }]);
    assert.deepEqual(put(list, [{ id: 1 }], undefined), [{ id: 'x' }]);
    assert.deepEqual(put(list, [{ order: true }], ['x', 'gone', 1]), [{ id: 'x' }, { id: 1, a: 1 }]);
});

test('put does not make an element out of one of its members', () => {
    assert.deepEqual(put([{ id: 1 }], [{ id: 2 }, 'title'], 'lost'), [{ id: 1 }]);
});

test('a member named __proto__ is a member', () => {
    const state = JSON.parse('{"__proto__":{"a":1}}');
    const next = put(state, ['__proto__', 'a'], 2);
    assert.equal(JSON.stringify(next), '{"__proto__":{"a":2}}');
    assert.equal(next.a, undefined);
});

test('only arrays of objects with ids of their own have elements by id', () => {
    assert.deepEqual([...byId([{ id: 1 }, { id: '1' }]).keys()], [1, '1']);
    for (const other of [[{ id: 1 }, { id: 1 }], [{ id: null }], [{}], [1], {}, undefined]) assert.equal(byId(other), undefined);
});

test('omit and graft', () => {
    const state = { a: { b: 1, c: 2 }, d: 3 };
    assert.deepEqual(omit(state, ['a.b', 'd', 'x.y']), { a: { c: 2 } });
    assert.deepEqual(graft({ a: {}, d: 9 }, state, ['a.b', 'd', 'x']), { a: { b: 1 }, d: 3 });
    assert.deepEqual(graft({ d: 9 }, {}, ['d']), {});
});

test('graft goes on in the elements of arrays, by id or by place, and makes no array', () => {
    const mine = { list: [{ id: 1, a: 'x' }, { id: 2, a: 'y' }], row: [{ a: 1 }, { a: 2 }] };
    assert.deepEqual(omit(mine, ['list.a', 'row.1.a']), { list: [{ id: 1 }, { id: 2 }], row: [{ a: 1 }, {}] });
    assert.deepEqual(graft({ list: [{ id: 2 }, { id: 3 }] }, mine, ['list.a']), { list: [{ id: 2, a: 'y' }, { id: 3 }] });
    assert.deepEqual(graft({ row: [{ a: 0 }, { b: 0 }] }, mine, ['row.1.a']), { row: [{ a: 0 }, { b: 0, a: 2 }] });
    assert.deepEqual(graft({}, mine, ['list.a']), {});
    assert.deepEqual(graft({ list: 'text' }, mine, ['list.a']), { list: 'text' });
});

test('put wipes no array whose elements are not as they were', () => {
    const list = [{ id: 1, a: 1 }, { id: 1, a: 2 }, 'text'];
    assert.deepEqual(put(list, [{ id: 1 }, 'a'], 3), [{ id: 1, a: 3 }, { id: 1, a: 2 }, 'text']);
    assert.deepEqual(put(list, [{ id: 2 }], { id: 2 }), [...list, { id: 2 }]);
    assert.equal(put(list, [{ order: true }], [1, 2]), list);
    assert.equal(put(list, ['name'], 1), list);
    assert.deepEqual(put({ a: 1 }, [{ id: 1 }], { id: 1 }), { a: 1 });
});

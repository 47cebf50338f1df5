import assert from 'node:assert/strict';
import { test } from 'node:test';
import { share } from '../../../web/sharing.js';

const state = () => ({ widgets: [{ id: 'a', box: { x: 1 } }, { id: 'b' }], filters: { days: 30 }, tags: [1, 'two', null, true] });

test('what is equal is the earlier value itself', () => {
    const old = state();
    assert.equal(share(old, state()), old);
    assert.equal(share(old.tags, [1, 'two', null, true]), old.tags);
    assert.equal(share(1, 1), 1);
    const odd = { x: NaN, zero: -0 };
    assert.equal(share(odd, { zero: 0, x: NaN }), odd);
});

test('what has changed is new, and the rest is the earlier value’s', () => {
    const old = state();
    const next = { ...state(), filters: { days: 7 } };
    const shared = share(old, next);
    assert.deepEqual(shared, next);
    assert.notEqual(shared, old);
    assert.equal(shared.widgets, old.widgets);
    assert.notEqual(shared.filters, next.filters);
    for (const changed of [{ ...state(), more: 1 }, { widgets: state().widgets }, { ...state(), tags: [1, 'two'] }, { ...state(), tags: {} }]) {
        assert.notEqual(share(old, changed), old);
        assert.deepEqual(share(old, changed), changed);
    }
    assert.notEqual(share({ x: 1 }, { x: NaN }).x, 1);
});

test('nothing of the next value is in it, so that its owner may change it later', () => {
    for (const old of [undefined, {}, state()]) {
        const next = { ...state(), extra: { deep: [{ id: 1 }] } };
        const shared = share(old, next);
        next.widgets[0].box.x = 2;
        next.extra.deep[0].id = 2;
        next.tags.push(1);
        assert.deepEqual(shared, { ...state(), extra: { deep: [{ id: 1 }] } });
    }
});

test('elements with an id are those that had it, wherever they have moved', () => {
    const old = state();
    const { widgets } = share(old, { ...state(), widgets: [{ id: 'new' }, { id: 'b' }, { id: 'a', box: { x: 2 } }] });
    assert.equal(widgets[1], old.widgets[1]);
    assert.notEqual(widgets[2], old.widgets[0]);
    assert.deepEqual(widgets, [{ id: 'new' }, { id: 'b' }, { id: 'a', box: { x: 2 } }]);
});

test('members that JSON leaves out make no difference', () => {
    const old = { a: 1 };
    assert.equal(share(old, { a: 1, gone: undefined, act() {} }), old);
    const odd = { a: 1, gone: undefined, act() {} };
    assert.equal(share(odd, { a: 1 }), odd);
    assert.deepEqual(Object.keys(share(undefined, odd)), ['a']);
});

test('what is no plain object is handed on, and names from elsewhere make no prototype', () => {
    const date = new Date(0);
    assert.equal(share(undefined, { date }).date, date);
    assert.notEqual(share({ date: new Date(0) }, { date: new Date(0) }).date, undefined);
    const hostile = share({}, JSON.parse('{"__proto__": {"polluted": true}}'));
    assert.equal(hostile.polluted, undefined);
    assert.deepEqual(Object.keys(hostile), ['__proto__']);
});

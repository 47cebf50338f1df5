import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { checkJson, equal } from '../../../web/json.js';

test('the order of members does not matter, the order of elements does, and undefined is absent', () => {
    assert.ok(equal({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }));
    assert.ok(equal({ a: 1, b: undefined }, { a: 1, c: undefined }));
    assert.ok(equal([{ a: [] }, null], [{ a: [] }, null]));
    for (const [a, b] of [[[1, 2], [2, 1]], [{ a: null }, {}], [{}, []], [[], {}], [{ a: 1 }, { b: 1 }], [[1], [1, 1]], [0, '0'], [null, {}], [{ a: 1 }, { a: 1, b: 2 }]]) {
        assert.ok(!equal(a, b));
        assert.ok(!equal(b, a));
    }
    assert.ok(!equal(JSON.parse('{"__proto__":1}'), {}));
});

test('what JSON would change is refused, with its place', () => {
    class Widget {}
    const circular = {};
    circular.self = circular;
    const cases = [
        [new Map(), /state\.a\.0 is a Map/],
        [new Date(0), /a Date/],
        [new Widget(), /a Widget/],
        [NaN, /NaN/],
        [-Infinity, /-Infinity/],
        [() => 1, /a function/],
        [Symbol('s'), /a symbol/],
        [1n, /a bigint/],
        [undefined, /undefined/],
        [circular, /circular/],
        [new (class extends Array {})(new Set()), /a Set/],
    ];
    for (const [value, message] of cases) assert.throws(() => checkJson({ a: [value] }, 'state'), (error) => error instanceof TypeError && message.test(error.message));
});

test('what JSON would leave out or make a fixed value of is refused, with its place', () => {
    const named = Object.assign([1], { total: 1 });
    const both = Object.assign(new Array(1), { total: 1 });
    const cases = [
        [{ list: [1, , 2] }, /state\.a\.0\.list is an array with holes or names/],
        [new Array(3), /holes/],
        [named, /names/],
        [both, /undefined/],
        [{ [Symbol('s')]: 1 }, /state\.a\.0 is an object with symbols/],
        [Object.assign([], { [Symbol('s')]: 1 }), /symbols/],
        [{ x: { get total() { return 1; } } }, /state\.a\.0\.x\.total is a getter/],
        [{ get absent() { return undefined; } }, /a getter/],
    ];
    for (const [value, message] of cases) assert.throws(() => checkJson({ a: [value] }, 'state'), (error) => error instanceof TypeError && message.test(error.message));
});

test('what frameworks make of a state in place is taken: setters beside getters, and what cannot be enumerated', () => {
    const reactive = { a: [] };
    let value = 1;
    Object.defineProperty(reactive, 'b', { get: () => value, set: (next) => (value = next), enumerable: true });
    Object.defineProperty(reactive, '__ob__', { value: new Map() });
    Object.defineProperty(reactive.a, '__ob__', { value: new Map() });
    Object.defineProperty(reactive, Symbol('administration'), { value: new Map() });
    checkJson(reactive, 'state');
    Object.defineProperty(reactive, 'c', { get: () => new Map(), set() {}, enumerable: true });
    assert.throws(() => checkJson(reactive, 'state'), /state\.c is a Map/);
});

test('what JSON keeps is taken, of another page too', () => {
    const foreign = vm.runInNewContext('({ a: [1, { b: null }], c: undefined })');
    for (const value of [foreign, Object.create(null), { a: [[], {}, '', 0, -0, true, null], b: undefined }, new Proxy({ a: [] }, {})]) checkJson(value, 'state');
});

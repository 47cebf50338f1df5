import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalise, checksumOf } from '../../../web/canonical.js';

test('members are sorted by UTF-16 code units, as in RFC 8785 section 3.2.3', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    assert.equal(canonicalise(value), '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
});

test('names that look like array indices are sorted as text', () => {
    assert.equal(canonicalise({ 10: 'a', 9: 'b', 1: 'c' }), '{"1":"c","10":"a","9":"b"}');
});

test('numbers and strings are spelled as RFC 8785 spells them', () => {
    const value = [333333333.33333329, 1e30, 4.5, 2e-3, 1e-27, -0, '\u20ac$\u000f\nA\'B"\\/'];
    assert.equal(canonicalise(value), '[333333333.3333333,1e+30,4.5,0.002,1e-27,0,"€$\\u000f\\nA\'B\\"\\\\/"]');
});

test('what JSON leaves out is left out, and toJSON is followed', () => {
    const value = { a: undefined, b: () => 1, c: [undefined, NaN], d: new Date(0) };
    assert.equal(canonicalise(value), '{"c":[null,null],"d":"1970-01-01T00:00:00.000Z"}');
    assert.equal(canonicalise(value), canonicalise(JSON.parse(JSON.stringify(value))));
    for (const none of [undefined, () => 1, { toJSON() {} }]) assert.equal(canonicalise(none), undefined);
});

test('the checksum is the SHA-256 of the canonical form', async () => {
    assert.equal(await checksumOf({}), '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
    assert.equal(await checksumOf({ b: 1, a: 'ö' }), await checksumOf({ a: 'ö', b: 1 }));
});

test('a text with half a surrogate pair has no canonical form, so no checksum', async () => {
    for (const broken of ['\ud800', 'a\udfff', '\udc00\ud800']) assert.equal(await checksumOf({ a: broken }), undefined);
    for (const sound of ['😀', '\\ud800', '\\\\ud800']) assert.match(await checksumOf({ a: sound }), /^[0-9a-f]{64}$/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ancestryAfter, inherit, kinship } from '../../../web/ancestry.js';

/** A line of documents, each made from the one before; `etag` names the line. */
function line(from, length, name) {
    const documents = [from];
    while (documents.length <= length) {
        const base = documents.at(-1);
        const version = base.version + 1;
        documents.push({ version, etag: `"${name}${version}"`, ancestry: ancestryAfter(base, version) });
    }
    return documents;
}

const first = { version: 0, etag: '"first"' };
const main = line(first, 300, 'main');

test('what a document tells is visible ASCII of at most 64 characters', () => {
    for (const { ancestry } of main.slice(1)) assert.match(ancestry, /^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/);
    assert.match(ancestryAfter({ version: 2 ** 53 - 2 }, 2 ** 53 - 1), /^2.{63}$/);
});

test('successors are known, and never taken for strangers', () => {
    for (const base of [1, 5, 16, 100, 288].map((index) => main[index])) {
        for (const document of main) {
            const kin = kinship(base, document);
            if (document.version === base.version) assert.equal(kin, undefined);
            else assert.notEqual(kin, 'stranger');
            if (document.version > base.version && document.version <= base.version + 12) assert.equal(kin, 'successor');
            if (document.version < base.version && document.version >= base.version - 12) assert.equal(kin, 'ancestor');
        }
    }
});

test('a line that left before what is known is a stranger, behind it, level with it and beyond', () => {
    const other = line(main[100], 60, 'other');
    for (const index of [101, 104, 112]) for (const away of [1, 5, index - 100, index - 99, 12]) assert.equal(kinship(main[index], other[away]), 'stranger', `${index} ${away}`);
    // Further away, older ancestors tell.
    const long = line(main[100], 150, 'long');
    for (const away of [60, 140]) assert.equal(kinship(main[200], long[away]), 'stranger', String(away));
});

test('a line that began anew on an empty server is a stranger, however long the two have become', () => {
    const [old, anew] = ['old', 'new'].map((name) => line({ version: 1, etag: `"${name}1"`, ancestry: ancestryAfter({ version: 0 }, 1) }, 5000, name));
    const lengths = [0, 1, 2, 6, 14, 15, 16, 40, 1500, 4097, 4999];
    for (const here of lengths) for (const there of lengths) assert.equal(kinship(old[here], anew[there]), 'stranger', `${here} ${there}`);
    for (const index of lengths) assert.notEqual(kinship(old[0], old[index]), 'stranger');
});

test('what goes on from where the server has lost others is a stranger to them, however long it has become', () => {
    const lost = main.slice(101, 113);
    const knowing = {
        'it has lost all': inherit(main[100]),
        'it has gone back': inherit(main[100], main[104]),
        'another one had saved already': inherit(line(main[100], 1, 'other')[1], inherit(main[100], main[104])),
        'another one, that tells of no ancestors, had saved': inherit({ version: 101, etag: '"foreign"' }, inherit(main[100])),
    };
    for (const [how, base] of Object.entries(knowing)) {
        const after = line(base, 2000, 'after');
        for (const away of [13, 14, 50, 400, 2000]) {
            for (const known of lost) assert.equal(kinship(known, after[away]), 'stranger', `${how}: ${known.version}, ${away}`);
            // All that has come of the one that was left tells of it.
            if (base.version === 100) for (const left of [main[100], base]) assert.equal(kinship(left, after[away]), 'successor', `${how}: ${away}`);
        }
        // Nobody else needs the mark as long as ancestors tell.
        if (base.version === 100) assert.equal(kinship(main[95], after[7]), 'successor', how);
    }
});

test('where nothing was lost nothing is told of a loss', () => {
    for (const [base, document] of [[1, 2], [5, 6], [5, 200]]) assert.equal(inherit(main[document], main[base]).ancestry, main[document].ancestry);
    assert.equal(kinship({ version: 0 }, line(inherit(main[100]), 20, 'after')[20]), undefined);
});

test('without a telling ancestry nothing is told', () => {
    for (const ancestry of [undefined, '', '3abc', 'x'.repeat(64), `2${'a'.repeat(62)}`]) {
        assert.equal(kinship(main[5], { version: 9, etag: '"x"', ancestry }), undefined);
    }
    assert.equal(kinship(main[5], { version: 5, etag: '"overwritten"' }), undefined);
    assert.equal(kinship({ version: 3, etag: '"a"' }, { version: 2, etag: '"b"' }), undefined);
});

test('a weak entity tag is that of the same document', () => {
    assert.equal(kinship({ ...main[5], etag: `W/${main[5].etag}` }, main[6]), 'successor');
});

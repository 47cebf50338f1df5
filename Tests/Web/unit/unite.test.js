import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReader } from '../../../web/record.js';
import { afterHearing, createTrail } from '../../../web/unite.js';

const options = { initialState: { widgets: [] } };
const reader = createReader(options);
const state = (...ids) => ({ widgets: ids.map((id) => ({ id })) });
const sent = (...ids) => ({ version: 6, state: state(...ids), tries: 2 });

/** A record of a tab, on what the server has. */
function record(tab, ids, sync) {
    const base = { version: 5, etag: '"e5"', state: state('a') };
    return { ...reader.blank(), number: 7, by: tab, seen: { [tab]: 1, both: 1 }, stamp: `1 ${tab}`, state: state(...ids), sync: { ...reader.unsynced(), base, ...sync } };
}
const hear = (mine, theirs, tab) => afterHearing(mine, theirs, [], { tab, isSettled: () => false, options })?.record;

test('two records that have parted become the same in both tabs, and what either has sent stays known', () => {
    const one = record('t1', ['a', 'one'], { sent: sent('one'), doubts: [{ version: 6, state: state('doubt') }] });
    const two = record('t2', ['a', 'two'], { sent: sent('two') });
    const [here, there] = [hear(one, two, 't1'), hear(two, one, 't2')];
    for (const united of [here, there]) {
        assert.deepEqual(united.state.widgets.map(({ id }) => id).sort(), ['a', 'one', 'two']);
        const known = [united.sync.sent, ...united.sync.doubts].map((each) => each.state.widgets[0].id);
        assert.deepEqual(known.sort(), ['doubt', 'one', 'two']);
    }
    assert.deepEqual(hear(here, there, 't1'), there, 'the later one counts');
});

test('uniting again and again doubts nothing twice', () => {
    let [one, two] = [record('t1', ['a', 'one'], { sent: sent('one') }), record('t2', ['a', 'two'], { doubts: [{ version: 6, state: state('doubt') }] })];
    for (let round = 0; round < 12; round += 1) {
        // Each has something new, so that they part once more.
        const [left, right] = [{ ...one, seen: { ...one.seen, t1: round + 2 } }, { ...two, seen: { ...two.seen, t2: round + 2 } }];
        [one, two] = [hear(left, right, 't1'), hear(right, left, 't2')];
    }
    assert.equal(one.sync.doubts.length, 1);
});

test('what both have sent alike was tried twice, and unites to the same however often', () => {
    const once = { sent: { ...sent('a', 'new'), tries: 1 } };
    let [one, two] = [record('t1', ['a', 'new'], once), record('t2', ['a', 'new'], once)];
    for (let round = 0; round < 3; round += 1) {
        const [left, right] = [{ ...one, seen: { ...one.seen, t1: round + 2 } }, { ...two, seen: { ...two.seen, t2: round + 2 } }];
        [one, two] = [hear(left, right, 't1'), hear(right, left, 't2')];
        for (const { sync } of [one, two]) assert.deepEqual([sync.sent.tries, sync.doubts], [2, []]);
    }
});

/** A tab whose send had no answer, and one that has read from the server what was sent, or what followed it. */
function lostAnswer({ ids, sync, document = {} }) {
    const early = record('t1', ids, { turn: 2, sent: sent('a', 'new'), ...sync });
    const base = { version: 6, etag: '"e6"', state: state('a', 'new'), ...document };
    const late = record('t2', [], { turn: 2, base });
    return { early, late: { ...late, state: base.state } };
}
const ids = (united) => united.state.widgets.map(({ id }) => id);

test('what a tab has removed after its answer was lost does not come back from one that has read it', () => {
    const doubt = [{ version: 6, state: state('a', 'new') }];
    const cases = [{}, { sync: { sent: null, doubts: doubt } }, { document: { version: 7, etag: '"e7"', state: state('a', 'new', 'other') } }];
    for (const given of cases) {
        const { early, late } = lostAnswer({ ids: ['a'], ...given });
        const left = late.state.widgets.flatMap(({ id }) => (id === 'new' ? [] : id));
        for (const united of [hear(early, late, 't1'), hear(late, early, 't2')]) {
            assert.deepEqual(ids(united), left);
            assert.deepEqual(united.sync.conflicts, []);
            assert.deepEqual(united.sync.base, late.sync.base);
        }
    }
});

test('nor where both have started from a state that was there before the send', () => {
    const { early, late } = lostAnswer({ ids: ['a'] });
    const trail = createTrail();
    const { base } = early.sync;
    trail.add({ ...record('both', ['a'], { base }), seen: { both: 1 } }, JSON.stringify(state('a')));
    for (const [mine, theirs, tab] of [[early, late, 't1'], [late, early, 't2']]) {
        const { record: united } = afterHearing(mine, theirs, trail.all(), { tab, isSettled: () => false, options });
        assert.deepEqual(ids(united), ['a']);
    }
});

test('what did not arrive, another save being in its place, takes nothing away', () => {
    const { early, late } = lostAnswer({ ids: ['a'], document: { state: state('a', 'new', 'other') } });
    assert.deepEqual(ids(hear(early, late, 't1')), ['a', 'new', 'other']);
});

test('what both have known as sent, and one has made again, stays', () => {
    const { early, late } = lostAnswer({ ids: ['a'] });
    const trail = createTrail();
    const { base } = early.sync;
    trail.add({ ...record('both', ['a'], { base, sent: sent('a', 'new') }), seen: { both: 1 } }, JSON.stringify(state('a')));
    const { record: united } = afterHearing(late, early, trail.all(), { tab: 't2', isSettled: () => false, options });
    assert.deepEqual(ids(united), ['a', 'new']);
});

test('a send that had no answer brings no conflict about what stays on the device, nor about what a release has added', () => {
    const given = { initialState: { widgets: [], theme: 'light', here: 0 }, localPaths: ['here'] };
    const { early, late } = lostAnswer({ ids: ['a'] });
    const mine = { ...early, state: { ...early.state, theme: 'dark', here: 1 }, sync: { ...early.sync, base: { ...early.sync.base, state: { ...state('a'), theme: 'light' } } } };
    const theirs = { ...late, state: { ...late.state, theme: 'light', here: 2 }, sync: { ...late.sync, base: { ...late.sync.base, state: { ...late.state, theme: 'light' } } } };
    for (const [one, other, tab] of [[mine, theirs, 't1'], [theirs, mine, 't2']]) {
        const { record: united } = afterHearing(one, other, [], { tab, isSettled: () => false, options: given });
        assert.deepEqual([ids(united), united.state.theme, united.sync.conflicts], [['a'], 'dark', []]);
    }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReader } from '../../../web/record.js';
import { afterHearing } from '../../../web/unite.js';

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

import { graft } from './paths.js';
import { latest, mergeEdits } from './reconcile.js';
import { covers, join } from './seen.js';

/**
 * Makes one of two records that tabs have written.
 *
 * @typedef {import('./record.js').StoredRecord} StoredRecord
 */

/**
 * How another tab's record stands to this one's.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 * @returns {'known' | 'newer' | 'parted'} `parted`: each has something that the other one has not
 */
export function compareRecords(mine, theirs) {
    const isKnown = covers(mine.seen, theirs.seen);
    const hasMine = covers(theirs.seen, mine.seen);
    const isLater = theirs.number > mine.number || (theirs.number === mine.number && theirs.by > mine.by);
    if (isKnown && !(hasMine && isLater)) return 'known';
    return hasMine ? 'newer' : 'parted';
}

/**
 * Merges two records that have parted. Both tabs do so, and the later result counts.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 * @param {readonly {seen: import('./seen.js').Seen, text: string}[]} trail this tab's last states
 * @param {import('./store.js').StoreOptions<any>} options
 * @returns {StoredRecord} but for its number and its tab
 */
export function unite(mine, theirs, trail, { conflictPolicy = 'server', localPaths = [] }) {
    const start = [...trail].reverse().find(({ seen }) => covers(theirs.seen, seen));
    const base = start ? JSON.parse(start.text) : graft(theirs.sync.base.state, mine.state, localPaths);
    const isLater = theirs.stamp > mine.stamp;
    const { state, conflicts } = mergeEdits({ base, local: mine.state, remote: theirs.state }, conflictPolicy, isLater);
    // What is known of the server goes with the state that has it: both are in the merged one.
    const sync = (theirs.seen['server'] ?? 0) >= (mine.seen['server'] ?? 0) ? theirs.sync : mine.sync;
    const all = latest([...mine.sync.conflicts, ...theirs.sync.conflicts, ...conflicts]);
    const stamp = isLater ? theirs.stamp : mine.stamp;
    return { ...mine, seen: join(mine.seen, theirs.seen), stamp, state, sync: { ...sync, conflicts: all } };
}

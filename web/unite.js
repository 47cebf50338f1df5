import { kinship } from './ancestry.js';
import { equal } from './json.js';
import { graft } from './paths.js';
import { latest, mergeEdits } from './reconcile.js';
import { covers, join } from './seen.js';

/**
 * Makes one of two records that tabs have written.
 *
 * @typedef {import('./record.js').StoredRecord} StoredRecord
 * @typedef {import('./record.js').SyncRecord} SyncRecord
 * @typedef {{seen: import('./seen.js').Seen, text: string}} Trace a state as JSON, and the edits that it has
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
 * What is known of the server, by two tabs that have asked without knowing of each other.
 * @param {SyncRecord} one
 * @param {SyncRecord} other
 * @returns {SyncRecord}
 */
function uniteSync(one, other) {
    const [late, early] = isAhead(one, other) ? [one, other] : [other, one];
    if (late.base.etag !== early.base.etag) return late;
    // Both were sent on the same document, so either may have arrived.
    const { sent: kept, doubts } = late;
    const { sent: left } = early;
    const sent = kept ?? left;
    const isOther = kept && left && !equal(kept.state, left.state);
    return { ...late, sent, doubts: [...doubts, ...early.doubts, ...(isOther ? [{ version: left.version, state: left.state }] : [])] };
}

/**
 * @param {SyncRecord} one
 * @param {SyncRecord} other
 */
const isAhead = (one, other) =>
    one.base.version === other.base.version ? one.turn >= other.turn : one.base.version > other.base.version;

/** @param {import('./seen.js').Seen} seen */
const total = (seen) => Object.values(seen).reduce((sum, number) => sum + number, 0);

/**
 * The state that both have started from: one that this tab had and the other one has seen, or what the server had when one
 * of them asked last, whichever was earlier.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 * @param {readonly Trace[]} trail
 * @param {readonly import('./paths.js').Path[]} localPaths
 */
function startOf(mine, theirs, trail, localPaths) {
    const common = trail.filter(({ seen }) => covers(theirs.seen, seen) && covers(mine.seen, seen));
    const [last] = common.sort((one, other) => total(other.seen) - total(one.seen));
    if (last) return JSON.parse(last.text);
    const [late, early] = isAhead(mine.sync, theirs.sync) ? [mine, theirs] : [theirs, mine];
    const state = kinship(early.sync.base, late.sync.base) === 'stranger' ? {} : early.sync.base.state;
    return graft(state, mine.state, localPaths);
}

/**
 * Merges two records that have parted. Both tabs do so, and the later result counts.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 * @param {readonly Trace[]} trail the last states that this tab knows
 * @param {import('./store.js').StoreOptions<any>} options
 * @returns {StoredRecord} but for its number and its tab
 */
export function unite(mine, theirs, trail, { conflictPolicy = 'server', localPaths = [] }) {
    const isLater = theirs.stamp > mine.stamp;
    const sides = { base: startOf(mine, theirs, trail, localPaths), local: mine.state, remote: theirs.state };
    const { state, conflicts } = mergeEdits(sides, conflictPolicy, isLater);
    // What is known of the server goes with the state that has it: both are in the merged one.
    const sync = uniteSync(mine.sync, theirs.sync);
    const all = latest([...mine.sync.conflicts, ...theirs.sync.conflicts, ...conflicts]);
    const stamp = isLater ? theirs.stamp : mine.stamp;
    return { ...mine, seen: join(mine.seen, theirs.seen), stamp, state, sync: { ...sync, conflicts: all } };
}

import { kinship } from './ancestry.js';
import { equal } from './json.js';
import { merge } from './merge.js';
import { graft } from './paths.js';
import { latest, mergeEdits } from './reconcile.js';
import { MAX_DOUBTS } from './record.js';
import { covers, join } from './seen.js';

/**
 * Makes one of two records that tabs have written.
 *
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./record.js').StoredRecord} StoredRecord
 * @typedef {import('./record.js').SyncRecord} SyncRecord
 * @typedef {object} Trace a state that a tab has had
 * @property {import('./seen.js').Seen} seen the edits that it has
 * @property {string} text it, as JSON
 * @property {import('./record.js').Base} base what was known of the server then
 */

/** How many states a tab remembers, to find the one that it and another tab have both started from. */
const TRAIL = 16;

/** The last states that a tab knows. */
export function createTrail() {
    /** @type {Trace[]} */
    let traces = [];
    return {
        clear: () => void (traces = []),
        /**
         * @param {StoredRecord} record
         * @param {string} text its state as JSON
         */
        add: ({ seen, sync }, text) => void (traces = [...traces, { seen, text, base: sync.base }].slice(-TRAIL)),
        /** @param {Trace} [other] */
        and: (other) => (other ? [...traces, other] : traces),
        last: () => traces[traces.length - 1],
        /**
         * The latest of them with nothing that these edits have not.
         * @param {import('./seen.js').Seen} seen
         */
        before: (seen) => traces.filter((trace) => covers(seen, trace.seen)).pop(),
    };
}

/**
 * How another tab's record stands to this one's.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 * @returns {'known' | 'newer' | 'parted'} `parted`: each has something that the other one has not
 */
function compareRecords(mine, theirs) {
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
    // All were sent on the same document, so each may have arrived.
    let sent = late.sent ?? early.sent;
    if (late.sent && early.sent && equal(late.sent.state, early.sent.state)) {
        // Each may have sent it: that one's has not arrived tells nothing of the other's.
        sent = { ...late.sent, tries: Math.max(2, late.sent.tries, early.sent.tries) };
    }
    const doubts = [...late.doubts];
    for (const one of [...early.doubts, ...(early.sent ? [early.sent] : [])]) {
        const isKnown = [...doubts, ...(sent ? [sent] : [])].some(({ state }) => equal(state, one.state));
        if (!isKnown) doubts.push({ version: one.version, state: one.state });
    }
    return { ...late, sent, doubts: doubts.slice(-MAX_DOUBTS) };
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
 * What the server had when one of them asked last, whichever was earlier.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 */
function syncedState(mine, theirs) {
    const [{ base: late }, { base: early }] = isAhead(mine.sync, theirs.sync) ? [mine.sync, theirs.sync] : [theirs.sync, mine.sync];
    return kinship(early, late) === 'stranger' ? { version: 0, state: {} } : early;
}

/**
 * The latest state that both have seen, with what both have learned from the server since.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 * @param {readonly Trace[]} trail the last states that this tab knows
 * @returns {State | undefined} nothing where it is none of those
 */
function commonState(mine, theirs, trail) {
    const common = trail.filter(({ seen }) => covers(theirs.seen, seen) && covers(mine.seen, seen));
    const [last] = common.sort((one, other) => total(other.seen) - total(one.seen));
    if (!last) return undefined;
    const state = JSON.parse(last.text);
    const synced = syncedState(mine, theirs);
    return synced.version > last.base.version ? merge(last.base.state, state, synced.state, ({ remote }) => remote) : state;
}

/**
 * Merges two records that have parted. Both tabs do so, and the later result counts.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 * @param {State | undefined} common the state that both have started from
 * @param {import('./store.js').StoreOptions<any>} options
 * @returns {StoredRecord} but for its number and its tab
 */
function unite(mine, theirs, common, { conflictPolicy = 'server', localPaths = [] }) {
    const isLater = theirs.stamp > mine.stamp;
    const base = common ?? graft(syncedState(mine, theirs).state, mine.state, localPaths);
    const sides = { base, local: mine.state, remote: theirs.state };
    const { state, conflicts } = mergeEdits(sides, conflictPolicy, isLater);
    // What is known of the server goes with the state that has it: both are in the merged one.
    const sync = uniteSync(mine.sync, theirs.sync);
    const all = latest([...mine.sync.conflicts, ...theirs.sync.conflicts, ...conflicts]);
    const stamp = isLater ? theirs.stamp : mine.stamp;
    return { ...mine, seen: join(mine.seen, theirs.seen), stamp, state, sync: { ...sync, conflicts: all } };
}

/**
 * What becomes of this tab's record when it hears of another one.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 * @param {readonly Trace[]} trail the last states that this tab knows
 * @param {{tab: string, isSettled: () => boolean, options: import('./store.js').StoreOptions<any>}} self `isSettled`: the
 *   server has all that this one has
 * @returns {{record: StoredRecord, isMerged: boolean} | undefined} nothing where it stays
 */
export function afterHearing(mine, theirs, trail, { tab, isSettled, options }) {
    const how = compareRecords(mine, theirs);
    if (how === 'known') return undefined;
    const number = Math.max(theirs.number, mine.number);
    const common = how === 'parted' ? commonState(mine, theirs, trail) : undefined;
    // Without anything in common, theirs is of another session, and this one has nothing to add to it.
    const isBygone = !common && isSettled() && theirs.sync.base.version >= mine.sync.base.version;
    if (how === 'newer' || isBygone) return { record: { ...theirs, number }, isMerged: false };
    return { record: { ...unite(mine, theirs, common, options), number: number + 1, by: tab }, isMerged: true };
}

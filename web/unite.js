import { kinship } from './ancestry.js';
import { equal } from './json.js';
import { merge } from './merge.js';
import { graft } from './paths.js';
import { arrived, latest, mergeEdits } from './reconcile.js';
import { MAX_DOUBTS, unanswered } from './record.js';
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
 * @property {boolean} isSettled nothing was sent then without an answer
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
         * @param {Omit<StoredRecord, 'state'>} record
         * @param {string} text its state as JSON
         */
        add({ seen, sync }, text) {
            traces = [...traces, { seen, text, base: sync.base, isSettled: unanswered(sync).length === 0 }].slice(-TRAIL);
        },
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
 * Two records, the one that knows the later document of the server first.
 * @param {StoredRecord} one
 * @param {StoredRecord} other
 */
function byDocument(one, other) {
    const order = one.sync.base.version - other.sync.base.version || one.sync.turn - other.sync.turn;
    return order < 0 ? [other, one] : [one, other];
}

/**
 * What is known of the server, by two tabs that have asked without knowing of each other.
 * @param {SyncRecord} late
 * @param {SyncRecord} early
 * @returns {SyncRecord}
 */
function uniteSync(late, early) {
    if (late.base.etag !== early.base.etag) return late;
    // All were sent on the same document, so each may have arrived.
    let sent = late.sent ?? early.sent;
    if (late.sent && early.sent && equal(late.sent.state, early.sent.state)) {
        // Each may have sent it: that one's has not arrived tells nothing of the other's.
        sent = { ...late.sent, tries: Math.max(2, late.sent.tries, early.sent.tries) };
    }
    const doubts = [...late.doubts];
    for (const { version, state } of unanswered(early)) {
        if (!unanswered({ ...late, sent, doubts }).some((one) => equal(one.state, state))) doubts.push({ version, state });
    }
    return { ...late, sent, doubts: doubts.slice(-MAX_DOUBTS) };
}

/** @param {import('./seen.js').Seen} seen */
const total = (seen) => Object.values(seen).reduce((sum, number) => sum + number, 0);

/**
 * The latest state that both have seen.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 * @param {readonly Trace[]} trail the last states that this tab knows
 * @returns {Trace | undefined} nothing where it is none of those
 */
function commonTrace(mine, theirs, trail) {
    const common = trail.filter(({ seen }) => covers(theirs.seen, seen) && covers(mine.seen, seen));
    return common.sort((one, other) => total(other.seen) - total(one.seen))[0];
}

/**
 * What two records have started from, and what the earlier one has sent since: the later one may have that from the server.
 * @param {SyncRecord} late
 * @param {SyncRecord} early
 * @param {Trace} [common]
 */
function startOf(late, early, common) {
    const isStranger = kinship(early.base, late.base) === 'stranger';
    const synced = isStranger ? { version: 0, state: {} } : early.base;
    let base = synced.state;
    let known = 0;
    if (common) {
        const state = JSON.parse(common.text);
        // With what both have learned from the server since.
        base = synced.version > common.base.version ? merge(common.base.state, state, synced.state, ({ remote }) => remote) : state;
        // Both know what was sent by then, and what either has made of it is an edit.
        known = common.base.version + (common.isSettled ? 0 : 1);
    }
    return { base, sent: isStranger ? [] : unanswered(early).filter(({ version }) => version > known) };
}

/**
 * Merges two records that have parted. Both tabs do so, and the later result counts.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 * @param {Trace | undefined} common what both have started from
 * @param {import('./store.js').StoreOptions<any>} options
 * @returns {StoredRecord} but for its number and its tab
 */
export function unite(mine, theirs, common, { conflictPolicy = 'server', localPaths = [], initialState }) {
    const [late, early] = byDocument(mine, theirs);
    const start = startOf(late.sync, early.sync, common);
    const base = common ? start.base : graft(start.base, mine.state, localPaths);
    // As they would be read when they come back.
    const sent = start.sent.map((one) => ({ ...one, state: graft({ ...initialState, ...one.state }, base, localPaths) }));
    const known = { ...late.sync.base, state: graft(late.sync.base.state, base, localPaths) };
    const before = arrived(sent, known).map(({ state }) => state);
    const [local, remote] = before.length > 0 ? [early, late] : [mine, theirs];
    const sides = { base, local: local.state, remote: remote.state, before };
    const { state, conflicts } = mergeEdits(sides, conflictPolicy, remote.stamp > local.stamp);
    // What is known of the server goes with the state that has it: both are in the merged one.
    const sync = uniteSync(late.sync, early.sync);
    const all = latest([...mine.sync.conflicts, ...theirs.sync.conflicts, ...conflicts]);
    const stamp = theirs.stamp > mine.stamp ? theirs.stamp : mine.stamp;
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
    const common = how === 'parted' ? commonTrace(mine, theirs, trail) : undefined;
    // Without anything in common, theirs is of another session, and this one has nothing to add to it.
    const isBygone = !common && isSettled() && theirs.sync.base.version >= mine.sync.base.version;
    if (how === 'newer' || isBygone) return { record: { ...theirs, number }, isMerged: false };
    return { record: { ...unite(mine, theirs, common, options), number: number + 1, by: tab }, isMerged: true };
}

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
 * @property {number} version of what was sent last, or else of that
 * @property {string} [lastModified] likewise
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
            /** @type {import('./record.js').Version} */
            const { version, lastModified } = unanswered(sync).at(-1) ?? sync.base;
            traces = [...traces, { seen, text, base: sync.base, version, lastModified }].slice(-TRAIL);
        },
        all: () => traces,
        /**
         * The latest of them with nothing that these edits have not.
         * @param {import('./seen.js').Seen} seen
         */
        before: (seen) => traces.filter((trace) => covers(seen, trace.seen)).pop(),
    };
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
        sent = { ...late.sent, tries: 2 };
    }
    const known = unanswered({ ...late, sent });
    const more = unanswered(early).filter(({ state }) => !known.some((one) => equal(one.state, state)));
    return { ...late, sent, doubts: [...late.doubts, ...more].slice(-MAX_DOUBTS) };
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
 * Merges two records that have parted. Both tabs do so, and the later result counts.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 * @param {Trace | undefined} common what both have started from
 * @param {import('./store.js').StoreOptions<any>} options
 * @returns {StoredRecord} but for its number and its tab
 */
export function unite(mine, theirs, common, { conflictPolicy = 'server', localPaths = [], initialState }) {
    const [late, early] = byDocument(mine, theirs);
    const synced = early.sync.base;
    const isStranger = kinship(synced, late.sync.base) === 'stranger';
    let base = graft(isStranger ? {} : synced.state, mine.state, localPaths);
    if (common) {
        const state = JSON.parse(common.text);
        // With what both have learned from the server since.
        const isLater = !isStranger && synced.version > common.base.version;
        base = isLater ? merge(common.base.state, state, synced.state, ({ remote }) => remote) : state;
    }
    const localised = (/** @type {State} */ state) => graft(state, base, localPaths);
    // What the later one may have from the server. What both know was sent is none of that: what either has made of it is an edit.
    const sent = isStranger ? [] : unanswered(early.sync).filter(({ version }) => version > (common?.version ?? 0));
    // As they would be read when they come back.
    const read = sent.map(({ version, state }) => ({ version, state: localised({ ...initialState, ...state }) }));
    const before = arrived(read, { ...late.sync.base, state: localised(late.sync.base.state) });
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
    const isKnown = covers(mine.seen, theirs.seen);
    const hasMine = covers(theirs.seen, mine.seen);
    const isLater = theirs.number > mine.number || (theirs.number === mine.number && theirs.by > mine.by);
    if (isKnown && !(hasMine && isLater)) return undefined;
    const number = Math.max(theirs.number, mine.number);
    const common = hasMine ? undefined : commonTrace(mine, theirs, trail);
    // Without anything in common, theirs is of another session, and this one has nothing to add to it.
    const isBygone = !common && isSettled() && theirs.sync.base.version >= mine.sync.base.version;
    if (hasMine || isBygone) return { record: { ...theirs, number }, isMerged: false };
    return { record: { ...unite(mine, theirs, common, options), number: number + 1, by: tab }, isMerged: true };
}

import { kinship } from './ancestry.js';
import { checkGiven, copy, equal } from './json.js';
import { merge } from './merge.js';
import { isObject, member } from './paths.js';

/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./merge.js').Overlap} Overlap
 * @typedef {object} Version a state as the server has or had it
 * @property {number} version
 * @property {State} state
 * @property {string} [lastModified] RFC 3339
 * @property {string} [etag]
 * @property {string} [ancestry]
 * @typedef {object} Judgement
 * @property {() => void} nothingLost says that the value which the policy gives has all that both sides had, so that there
 *   is no loss to report
 * @typedef {'server' | 'client' | ((overlap: Overlap, judgement: Judgement) => any)} ConflictPolicy who wins a place that
 *   both sides changed; a function gives the value itself, at once
 * @typedef {Overlap & {kept: any, lost: any}} ConflictItem a place where both sides differed, the value that won and
 *   the one that lost
 */

/**
 * Which of two versions is newer: by version, then by time.
 * @param {Version} a
 * @param {Version} b
 * @returns {number} positive where it is `a`, negative where it is `b`, 0 where nothing tells
 */
const compare = (a, b) => a.version - b.version || time(a) - time(b);

/** @param {Version} version */
const time = ({ lastModified }) => Date.parse(lastModified ?? '') || 0;

/**
 * Whether a value has all that another one has: its members, its elements, its text.
 * @param {any} whole
 * @param {any} part
 * @returns {boolean}
 */
function holds(whole, part) {
    if (equal(whole, part)) return true;
    if (typeof whole === 'string' && typeof part === 'string') return whole.includes(part);
    if (Array.isArray(whole) && Array.isArray(part)) return part.every((one) => whole.some((other) => equal(one, other)));
    return isObject(whole) && isObject(part) && Object.keys(part).every((name) => holds(member(whole, name), part[name]));
}

/**
 * Decides overlaps, and notes what is lost by that.
 * @returns {{items: ConflictItem[], decide: (overlap: Overlap, wins: ConflictPolicy) => any}} `decide` throws where a policy
 *   gives a promise, or what is no JSON
 */
export function createDecisions() {
    /** @type {ConflictItem[]} */
    const items = [];
    return {
        items,
        decide(overlap, wins) {
            const { local, remote } = overlap;
            let kept = wins === 'client' ? local : remote;
            let isWhole = false;
            if (typeof wins === 'function') {
                // Whatever it does to what it is given, the sides stay as they are.
                kept = wins(copy(overlap), { nothingLost: () => void (isWhole = true) });
                // It removes what one side has removed.
                checkGiven('conflictPolicy', kept, kept === undefined && local !== undefined && remote !== undefined);
                isWhole ||= [local, remote].every((side) => !equal(kept, side) && holds(kept, side));
            }
            if (!isWhole) items.push({ ...overlap, kept, lost: equal(kept, local) ? remote : local });
            return kept;
        },
    };
}

/**
 * What those of the saves held that may have arrived before a version.
 * @param {readonly {version: number, state: State}[]} sent
 * @param {Version} remote another save in its place shows that one did not arrive
 */
export const arrived = (sent, remote) =>
    sent.filter(({ version, state }) => version < remote.version || equal(state, remote.state)).map(({ state }) => state);

/**
 * Decides between this device's state and the one that the server has. The server is newer: its state is restored.
 * This device is newer: its state stays, to be pushed. Both have something new: they are merged.
 *
 * @param {object} sides
 * @param {Version} sides.base what this device synced last
 * @param {State} sides.local
 * @param {Version} sides.remote
 * @param {readonly {version: number, state: State}[]} [sides.sent] what this device sent since, without learning whether it
 *   arrived
 * @param {readonly State[]} [sides.told] what this device has had since and another tab may have sent, beginning with the base
 * @param {ConflictPolicy} policy
 * @returns {{state: State, items: ConflictItem[]}} what this device shall have, and what was lost by it
 */
export function reconcile({ base, local, remote, sent = [], told = [] }, policy) {
    const { items, decide } = createDecisions();
    const kin = kinship(base, remote);
    // Everything that an ancestor has was seen here.
    if (kin === 'ancestor' || equal(local, remote.state)) return { state: local, items };
    // The server has gone back behind what it had acknowledged: an old backup, or a new beginning after a deletion.
    if (kin === undefined && base.etag !== undefined && compare(remote, base) < 0) {
        return { state: decide({ path: [], base: base.state, local, remote: remote.state }, 'client'), items };
    }
    const choose = (/** @type {Overlap} */ overlap, /** @type {boolean} */ isDoubtful) => decide(overlap, isDoubtful ? 'client' : policy);
    // With a stranger nothing is common: what only one side has stays, and where they differ one of them is reported.
    const isStranger = kin === 'stranger';
    const before = arrived(sent, remote);
    const known = isStranger ? [] : before.length > 0 ? before : told;
    return { state: merge(isStranger ? {} : base.state, local, remote.state, choose, known), items };
}

/** Conflicts that are kept. */
const MAX_CONFLICTS = 10;

/**
 * @param {ConflictItem[]} items
 * @returns {import('./record.js').Conflict[]} none where nothing was lost
 */
export function conflictsOf(items) {
    const at = Date.now();
    return items.length > 0 ? [{ id: `${at}-${Math.random()}`, at, items }] : [];
}

/**
 * The latest of them, each once.
 * @param {readonly import('./record.js').Conflict[]} conflicts
 */
export const latest = (conflicts) =>
    [...new Map(conflicts.map((conflict) => [conflict.id, conflict])).values()].slice(-MAX_CONFLICTS);

/**
 * Merges what two tabs have made of one state without seeing each other. Where both have changed a place, a policy that is
 * a function decides, and otherwise the later of them; what loses is reported.
 * @param {{base: State, local: State, remote: State, before?: State[]}} sides `before`: what the local one has sent without
 *   an answer, and the remote one may have from the server
 * @param {ConflictPolicy} policy
 * @param {boolean} isRemoteLater
 */
export function mergeEdits({ base, local, remote, before }, policy, isRemoteLater) {
    const { items, decide } = createDecisions();
    const later = isRemoteLater ? 'server' : 'client';
    /** @type {Parameters<typeof merge>[3]} */
    const choose = (overlap, isDoubtful) => {
        try {
            return decide(overlap, isDoubtful ? 'client' : typeof policy === 'function' ? policy : later);
        } catch {
            // Between tabs there is nobody to tell that a policy does not work; between devices there is.
            return decide(overlap, later);
        }
    };
    const state = merge(base, local, remote, choose, before);
    return { state: /** @type {State} */ (state), conflicts: conflictsOf(items) };
}

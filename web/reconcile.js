import { same } from './canonical.js';
import { merge } from './merge.js';

/**
 * @typedef {import('./paths.js').State} State
 * @typedef {import('./merge.js').Overlap} Overlap
 * @typedef {object} Version a state as the server has or had it
 * @property {number} version
 * @property {State} state
 * @property {string} [lastModified] RFC 3339
 * @property {string} [etag]
 * @typedef {'server' | 'client' | ((overlap: Overlap) => any)} ConflictPolicy who wins a place that both sides changed;
 *   a function gives the value itself
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
 * Decides between this device's state and the one that the server has. The server is newer: its state is restored.
 * This device is newer: its state stays, to be pushed. Both have something new: they are merged.
 *
 * @param {object} sides
 * @param {Version} sides.base what this device synced last
 * @param {State} sides.local
 * @param {Version} sides.remote
 * @param {Version | null} sides.sent what this device sent since, without learning whether it arrived
 * @param {ConflictPolicy} policy
 * @returns {{state: State, items: ConflictItem[]}} what this device shall have, and what was lost by it
 */
export function reconcile({ base, local, remote, sent }, policy) {
    if (same(local, remote.state)) return { state: local, items: [] };
    /** @type {ConflictItem[]} */
    const items = [];
    /**
     * @param {Overlap} overlap
     * @param {ConflictPolicy} wins
     */
    const decide = (overlap, wins) => {
        const { local, remote } = overlap;
        const kept = typeof wins === 'function' ? wins(overlap) : wins === 'client' ? local : remote;
        items.push({ ...overlap, kept, lost: same(kept, local) ? remote : local });
        return kept;
    };
    // The server has gone back behind what it had acknowledged: an old backup, or a new beginning after a deletion.
    if (base.etag !== undefined && compare(remote, base) < 0) {
        return { state: decide({ path: [], base: base.state, local, remote: remote.state }, 'client'), items };
    }
    // Another device's save in its place shows that it did not arrive.
    const doubtful = sent && sent.version < remote.version ? sent.state : undefined;
    const choose = (/** @type {Overlap} */ overlap, /** @type {boolean} */ isDoubtful) =>
        decide(overlap, isDoubtful ? 'client' : policy);
    return { state: merge(base.state, local, remote.state, choose, doubtful), items };
}

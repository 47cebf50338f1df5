import { same } from './canonical.js';
import { byId, isObject, member } from './paths.js';

/**
 * @typedef {import('./paths.js').Segment} Segment
 * @typedef {object} Overlap a place that both sides changed, each in its own way; a value is undefined where it is absent
 * @property {Segment[]} path
 * @property {any} base what both started from
 * @property {any} local what this device made of it
 * @property {any} remote what the server has
 */

/**
 * Merges what two sides made of one value. Members of objects, and elements of arrays that have an `id`, are merged one
 * by one; anything else is taken whole.
 *
 * @param {any} base what both started from
 * @param {any} local
 * @param {any} remote
 * @param {(overlap: Overlap, isDoubtful: boolean) => any} decide gives the value where both sides changed the same place.
 *   Doubtful: the server has what it had at the start, and it is not known whether `sent` was there in between, to be
 *   taken back by another device
 * @param {any} sent what this device sent since, without learning whether it arrived. Where the server has just that, it
 *   is this device's own edit, and what was made of it here since is no overlap
 * @param {Segment[]} path
 * @returns {any}
 */
export function merge(base, local, remote, decide, sent = base, path = []) {
    if (same(local, remote) || (same(local, base) && same(local, sent))) return remote;
    if (same(remote, sent)) return local;
    if (isObject(local) && isObject(remote)) {
        const names = new Set([...Object.keys(remote), ...Object.keys(local)]);
        const members = [...names].map((name) => [
            name,
            merge(member(base, name), member(local, name), member(remote, name), decide, member(sent, name), [...path, name]),
        ]);
        return Object.fromEntries(members.filter(([, value]) => value !== undefined));
    }
    const [l, r] = [byId(local), byId(remote)];
    if (!l || !r) return decide({ path, base, local, remote }, same(remote, base));
    const b = byId(base) ?? new Map();
    const s = byId(sent) ?? new Map();
    /** @type {Map<string | number, any>} */
    const elements = new Map();
    for (const id of [...r.keys(), ...l.keys()]) {
        if (elements.has(id)) continue;
        elements.set(id, merge(b.get(id), l.get(id), r.get(id), decide, s.get(id), [...path, { id }]));
    }
    return mergeOrder([...b.keys()], [...l.keys()], [...r.keys()], (overlap) =>
        decide({ ...overlap, path: [...path, { order: true }] }, false),
    ).flatMap((id) => elements.get(id) ?? []);
}

/**
 * The order of all elements that either side has.
 * @param {(string | number)[]} base
 * @param {(string | number)[]} local
 * @param {(string | number)[]} remote
 * @param {(overlap: {base: any, local: any, remote: any}) => any} decide
 * @returns {(string | number)[]}
 */
function mergeOrder(base, local, remote, decide) {
    const common = new Set(remote.filter((id) => local.includes(id)));
    const [b, l, r] = [base, local, remote].map((ids) => ids.filter((id) => common.has(id)));
    let leading = remote;
    if (!same(l, r) && !same(l, b)) leading = same(r, b) ? local : decide({ base, local, remote });
    // What the other side has added goes behind the element that it follows there.
    const result = [...leading];
    for (const ids of [local, remote]) {
        ids.forEach((id, index) => {
            if (!result.includes(id)) result.splice(result.indexOf(ids[index - 1]) + 1, 0, id);
        });
    }
    return result;
}

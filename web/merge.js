import { equal } from './json.js';
import { byId, isObject, member } from './paths.js';

/**
 * @typedef {import('./paths.js').Segment} Segment
 * @typedef {object} Overlap a place that both sides changed, each in its own way; a value is undefined where it is absent
 * @property {Segment[]} path
 * @property {any} base what both started from
 * @property {any} local what this device made of it
 * @property {any} remote what the server has
 */

/** @typedef {Map<string | number, any>} Elements by their id, in their order */

/**
 * Merges what two sides made of one value. Members of objects, and elements of arrays that have an `id`, are merged one
 * by one; anything else is taken whole.
 *
 * @param {any} base what both started from
 * @param {any} local
 * @param {any} remote
 * @param {(overlap: Overlap, isDoubtful: boolean) => any} decide gives the value where both sides changed the same place.
 *   Doubtful: the server has what it had at the start, and it is not known whether something of `sent` was there in
 *   between, to be taken back by another device
 * @param {readonly any[]} sent what this device sent since, without learning whether it arrived. Where the server has just
 *   that, it is this device's own edit, and what was made of it here since is no overlap
 * @param {Segment[]} path
 * @returns {any}
 */
export function merge(base, local, remote, decide, sent = [], path = []) {
    if (equal(local, remote)) return local;
    if (equal(local, base) && sent.every((one) => equal(local, one))) return remote;
    if (equal(remote, base) && sent.length === 0) return local;
    if (sent.some((one) => equal(remote, one))) return local;
    // Elements are merged as members are, but for their order.
    const isMembers = isObject(local) && isObject(remote);
    const values = [base, local, remote, ...sent];
    const sides = isMembers ? values : values.map(byId);
    const [b = new Map(), l, r] = sides;
    if (!l || !r) return decide({ path, base, local, remote }, equal(remote, base));
    const namesOf = isMembers ? Object.keys : (/** @type {Elements} */ side) => side.keys();
    const partOf = isMembers ? member : (/** @type {Elements | undefined} */ side, /** @type {any} */ id) => side?.get(id);
    /** @type {Map<any, any>} */
    const parts = new Map();
    for (const name of new Set([...namesOf(r), ...namesOf(l)])) {
        const [first, ours, theirs, ...before] = sides.map((side) => partOf(side, name));
        const segment = /** @type {Segment} */ (isMembers ? name : { id: name });
        parts.set(name, merge(first, ours, theirs, decide, before, [...path, segment]));
    }
    if (isMembers) return Object.fromEntries([...parts].filter(([, part]) => part !== undefined));
    const order = mergeOrder(b, l, r, (overlap) => decide({ ...overlap, path: [...path, { order: true }] }, false));
    return order.map((id) => parts.get(id)).filter((element) => element !== undefined);
}

/**
 * The order of all elements that either side has.
 * @param {Elements} base
 * @param {Elements} local
 * @param {Elements} remote
 * @param {(overlap: {base: any, local: any, remote: any}) => any} decide
 * @returns {(string | number)[]}
 */
function mergeOrder(base, local, remote, decide) {
    const orders = [base, local, remote].map((side) => [...side.keys()]);
    const [b, l, r] = orders.map((ids) => ids.filter((id) => local.has(id) && remote.has(id)));
    const [before, here, there] = orders;
    let leading = there;
    if (!equal(l, r) && !equal(l, b)) leading = equal(r, b) ? here : decide({ base: before, local: here, remote: there });
    // What the other side has added goes behind the element that it follows there.
    /** @type {Map<any, any>} null stands before the first, undefined behind the last */
    const next = new Map();
    for (const ids of [new Set(leading), here, there]) {
        let last = null;
        for (const id of ids) {
            if (!next.has(id)) {
                next.set(id, next.get(last));
                next.set(last, id);
            }
            last = id;
        }
    }
    const result = [];
    for (let id = next.get(null); id !== undefined; id = next.get(id)) result.push(id);
    return result;
}

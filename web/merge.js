import { equal, isObject } from './json.js';
import { byId } from './paths.js';

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
    const isArray = Array.isArray(local);
    const partsOf = isArray ? byId : membersOf;
    const [l, r] = [partsOf(local), partsOf(remote)];
    if (!l || !r) return decide({ path, base, local, remote }, equal(remote, base));
    const [b = new Map(), ...before] = [base, ...sent].map((one) => partsOf(one) ?? new Map());
    /** @type {Parts} */
    const merged = new Map();
    for (const name of new Set([...r.keys(), ...l.keys()])) {
        const inside = before.map((one) => one.get(name));
        const segment = isArray ? { id: name } : String(name);
        const value = merge(b.get(name), l.get(name), r.get(name), decide, inside, [...path, segment]);
        if (value !== undefined) merged.set(name, value);
    }
    if (!isArray) return Object.fromEntries(merged);
    const order = mergeOrder([...b.keys()], [...l.keys()], [...r.keys()], (overlap) => decide({ ...overlap, path: [...path, { order: true }] }, false));
    return order.filter((id) => merged.has(id)).map((id) => merged.get(id));
}

/**
 * What is merged one by one: an array's elements by their id, or an object's members by their name.
 * @typedef {Map<string | number, any>} Parts
 *
 * @param {unknown} value
 * @returns {Parts | undefined} nothing unless it is an object
 */
const membersOf = (value) => (isObject(value) ? new Map(Object.entries(value)) : undefined);

/**
 * The order of all elements that either side has.
 * @param {(string | number)[]} base
 * @param {(string | number)[]} local
 * @param {(string | number)[]} remote
 * @param {(overlap: {base: any, local: any, remote: any}) => any} decide
 * @returns {(string | number)[]}
 */
function mergeOrder(base, local, remote, decide) {
    const [here, there] = [new Set(local), new Set(remote)];
    const [b, l, r] = [base, local, remote].map((ids) => ids.filter((id) => here.has(id) && there.has(id)));
    let leading = remote;
    if (!equal(l, r) && !equal(l, b)) leading = equal(r, b) ? local : decide({ base, local, remote });
    // What the other side has added goes behind the element that it follows there.
    /** @type {Map<any, any>} null stands before the first, undefined behind the last */
    const next = new Map();
    let last = null;
    for (const id of new Set(leading)) {
        next.set(last, id);
        last = id;
    }
    next.set(last, undefined);
    for (const ids of [local, remote]) {
        ids.forEach((id, index) => {
            if (next.has(id)) return;
            const before = index > 0 ? ids[index - 1] : null;
            next.set(id, next.get(before));
            next.set(before, id);
        });
    }
    const result = [];
    for (let id = next.get(null); id !== undefined; id = next.get(id)) result.push(id);
    return result;
}

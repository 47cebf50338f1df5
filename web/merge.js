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
    if (isObject(local) && isObject(remote)) {
        /** @type {[string, any][]} */
        const members = [];
        for (const name of new Set([...Object.keys(remote), ...Object.keys(local)])) {
            const inside = sent.map((one) => member(one, name));
            const [b, l, r] = [base, local, remote].map((side) => member(side, name));
            const value = merge(b, l, r, decide, inside, [...path, name]);
            if (value !== undefined) members.push([name, value]);
        }
        return Object.fromEntries(members);
    }
    const [l, r] = [byId(local), byId(remote)];
    if (!l || !r) return decide({ path, base, local, remote }, equal(remote, base));
    return mergeElements(byId(base) ?? new Map(), l, r, decide, sent.map((one) => byId(one) ?? new Map()), path);
}

/**
 * @typedef {Map<string | number, any>} Elements
 *
 * @param {Elements} base
 * @param {Elements} local
 * @param {Elements} remote
 * @param {(overlap: Overlap, isDoubtful: boolean) => any} decide
 * @param {Elements[]} sent
 * @param {Segment[]} path
 */
function mergeElements(base, local, remote, decide, sent, path) {
    /** @type {Elements} */
    const elements = new Map();
    for (const ids of [remote, local]) {
        for (const id of ids.keys()) {
            if (elements.has(id)) continue;
            const inside = sent.map((one) => one.get(id));
            elements.set(id, merge(base.get(id), local.get(id), remote.get(id), decide, inside, [...path, { id }]));
        }
    }
    const [b, l, r] = [base, local, remote].map((side) => [...side.keys()]);
    const order = mergeOrder(b, l, r, (overlap) => decide({ ...overlap, path: [...path, { order: true }] }, false));
    return order.map((id) => elements.get(id)).filter((element) => element !== undefined);
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

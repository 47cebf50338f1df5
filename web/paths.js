/**
 * Places in a state.
 *
 * @typedef {Record<string, any>} State a JSON object
 * @typedef {string | readonly string[]} Path member names from the outside in: `'filters.date'` or
 *   `['filters', 'date']`; the second form for names with a dot
 * @typedef {string | {id: string | number} | {order: true}} Segment a member's name; the element of an array with this
 *   `id`; or, last of all, the order of such an array
 */

/**
 * @param {unknown} value
 * @returns {value is State}
 */
export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The elements of an array by their `id`.
 * @param {unknown} array
 * @returns {Map<string | number, any> | undefined} nothing unless it is an array of objects with ids of their own
 */
export function byId(array) {
    if (!Array.isArray(array)) return undefined;
    const elements = new Map();
    for (const element of array) {
        const id = isObject(element) ? element.id : undefined;
        if ((typeof id !== 'string' && typeof id !== 'number') || elements.has(id)) return undefined;
        elements.set(id, element);
    }
    return elements;
}

/**
 * A copy of a value with another one at a path. Missing objects on the way are made, but no elements of arrays, which
 * would be without what makes them one. What is not on the path is shared.
 * @param {any} value
 * @param {readonly Segment[]} path
 * @param {any} leaf nothing removes what is there
 * @returns {any}
 */
export function put(value, [segment, ...rest], leaf) {
    if (segment === undefined) return leaf;
    if (typeof segment === 'string') {
        const { [segment]: old, ...others } = isObject(value) ? value : /** @type {State} */ ({});
        if (old === undefined && leaf === undefined) return value;
        const next = put(old, rest, leaf);
        return next === undefined ? others : { ...value, [segment]: next };
    }
    const elements = byId(value) ?? new Map();
    if ('order' in segment) {
        const ids = new Set([...leaf, ...elements.keys()]);
        return [...ids].flatMap((id) => elements.get(id) ?? []);
    }
    const old = elements.get(segment.id);
    if (old === undefined && rest.length > 0) return value;
    const next = put(old, rest, leaf);
    if (next === undefined) elements.delete(segment.id);
    else elements.set(segment.id, next);
    return [...elements.values()];
}

/** @param {Path} path */
const segments = (path) => (typeof path === 'string' ? path.split('.') : path);

/**
 * @param {any} value
 * @param {string} name
 * @returns {any} nothing unless it is an object with this member
 */
export const member = (value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined);

/**
 * What is at a path.
 * @param {any} state
 * @param {Path} path
 * @returns {any} nothing where the path leads nowhere
 */
export const at = (state, path) => segments(path).reduce(member, state);

/**
 * A state with what another one has at some paths.
 * @param {State} state
 * @param {State} source
 * @param {readonly Path[]} paths
 * @returns {State}
 */
export const graft = (state, source, paths) =>
    paths.reduce((result, path) => put(result, segments(path), at(source, path)), state);

/**
 * A state without what is at some paths.
 * @param {State} state
 * @param {readonly Path[]} paths
 */
export const omit = (state, paths) => graft(state, {}, paths);

/**
 * Only what is at some paths, to compare it.
 * @param {State} state
 * @param {readonly Path[]} paths
 */
export const pick = (state, paths) => paths.map((path) => ({ value: at(state, path) }));

import { equal } from './json.js';

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

/** @param {any} element @returns {string | number | undefined} */
function idOf(element) {
    const id = isObject(element) ? element.id : undefined;
    return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}

/**
 * The elements of an array by their `id`.
 * @param {unknown} array
 * @returns {Map<string | number, any> | undefined} nothing unless it is an array of objects with ids of their own
 */
export function byId(array) {
    if (!Array.isArray(array)) return undefined;
    const elements = new Map();
    for (const element of array) {
        const id = idOf(element);
        if (id === undefined || elements.has(id)) return undefined;
        elements.set(id, element);
    }
    return elements;
}

/**
 * A copy of a value with another one at a path. Missing objects on the way are made, but no elements of arrays, which
 * would be without what makes them one. What is not on the path is shared; elements without an id stay where they are.
 * @param {any} value
 * @param {readonly Segment[]} path
 * @param {any} leaf nothing removes what is there
 * @returns {any}
 */
export function put(value, path, leaf) {
    const [segment, ...rest] = path;
    if (segment === undefined) return leaf;
    if (typeof segment === 'string') {
        // Elements of an array are named by their id: a path that goes on by names has lost its way, and wipes nothing, no
        // text and no number either.
        if (!isObject(value ?? {})) return value;
        const { [segment]: old, ...others } = value ?? {};
        if (old === undefined && leaf === undefined) return value;
        const next = put(old, rest, leaf);
        return next === undefined ? others : { ...value, [segment]: next };
    }
    if (value !== undefined && !Array.isArray(value)) return value;
    return 'order' in segment ? reorder(value ?? [], leaf ?? []) : putElement(value ?? [], segment.id, rest, leaf);
}

/**
 * @param {any[]} array
 * @param {(string | number)[]} ids
 */
function reorder(array, ids) {
    const elements = byId(array);
    if (!elements) return array;
    return [...new Set([...ids, ...elements.keys()])].flatMap((id) => elements.get(id) ?? []);
}

/**
 * @param {any[]} array
 * @param {string | number} id
 * @param {readonly Segment[]} rest
 * @param {any} leaf
 */
function putElement(array, id, rest, leaf) {
    const index = array.findIndex((element) => idOf(element) === id);
    if (index < 0) return leaf === undefined || rest.length > 0 ? array : [...array, leaf];
    const next = put(array[index], rest, leaf);
    return array.flatMap((element, place) => (place !== index ? [element] : next === undefined ? [] : [next]));
}

/**
 * Whether {@link put} has put a value where it belongs.
 * @param {any} value
 * @param {readonly Segment[]} path
 * @param {any} leaf
 * @returns {boolean}
 */
export function has(value, [segment, ...rest], leaf) {
    if (segment === undefined) return equal(value, leaf);
    if (typeof segment === 'string') return has(member(value, segment), rest, leaf);
    if ('order' in segment) return byId(value) !== undefined;
    return has(Array.isArray(value) ? value.find((element) => idOf(element) === segment.id) : undefined, rest, leaf);
}

/**
 * @param {Path} path
 * @returns {readonly string[]}
 */
export const segments = (path) => (typeof path === 'string' ? path.split('.') : path);

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
 * Finds in one array the elements of another: by their id, or by their place where they have none.
 * @param {any} source
 * @returns {(element: any, index: number) => any}
 */
function counterparts(source) {
    if (!Array.isArray(source)) return () => undefined;
    const known = new Map(source.map((element) => [idOf(element), element]));
    return (element, index) => (idOf(element) === undefined ? source[index] : known.get(idOf(element)));
}

/**
 * A value with what another one has at a path. A path that meets an array goes on in each of its elements, or in the one
 * that it names by its place.
 * @param {any} value
 * @param {any} source
 * @param {readonly string[]} path
 * @returns {any}
 */
function graftOne(value, source, [name, ...rest]) {
    if (name === undefined) return source;
    if (Array.isArray(value)) {
        const isPlace = /^\d+$/.test(name);
        const counterpart = counterparts(source);
        return value.map((element, index) => {
            if (isPlace ? index !== Number(name) : !isObject(element)) return element;
            const next = graftOne(element, counterpart(element, index), isPlace ? rest : [name, ...rest]);
            return next === undefined ? null : next;
        });
    }
    if (value !== undefined && !isObject(value)) return value;
    const [old, given] = [member(value, name), member(source, name)];
    if (old === undefined && given === undefined) return value;
    const next = graftOne(old, given, rest);
    if (next !== undefined) return { ...value, [name]: next };
    const { [name]: _, ...others } = value ?? {};
    return value === undefined ? undefined : others;
}

/**
 * A state with what another one has at some paths.
 * @param {State} state
 * @param {State} source
 * @param {readonly Path[]} paths
 * @returns {State}
 */
export const graft = (state, source, paths) =>
    paths.reduce((result, path) => graftOne(result, source, segments(path)), state);

/**
 * A state without what is at some paths.
 * @param {State} state
 * @param {readonly Path[]} paths
 */
export const omit = (state, paths) => graft(state, {}, paths);

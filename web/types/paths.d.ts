/**
 * The elements of an array by their `id`.
 * @param {unknown} array
 * @returns {Map<string | number, any> | undefined} nothing unless it is an array of objects with ids of their own
 */
export function byId(array: unknown): Map<string | number, any> | undefined;
/**
 * A copy of a value with another one at a path. Missing objects on the way are made, but no elements of arrays, which
 * would be without what makes them one. What is not on the path is shared; elements without an id stay where they are.
 * @param {any} value
 * @param {readonly Segment[]} path
 * @param {any} leaf nothing removes what is there
 * @returns {any}
 */
export function put(value: any, path: readonly Segment[], leaf: any): any;
/**
 * Whether {@link put} has put a value where it belongs.
 * @param {any} value
 * @param {readonly Segment[]} path
 * @param {any} leaf
 * @returns {boolean}
 */
export function has(value: any, [segment, ...rest]: readonly Segment[], leaf: any): boolean;
export function isObject(value: unknown): value is State;
export function segments(path: Path): readonly string[];
export function member(value: any, name: string): any;
export function at(state: any, path: Path): any;
export function graft(state: State, source: State, paths: readonly Path[]): State;
export function omit(state: State, paths: readonly Path[]): State;
/**
 * a JSON object
 */
export type State = Record<string, any>;
/**
 * member names from the outside in: `'filters.date'` or
 *   `['filters', 'date']`; the second form for names with a dot
 */
export type Path = string | readonly string[];
/**
 * a member's name; the element of an array with this
 *   `id`; or, last of all, the order of such an array
 */
export type Segment = string | {
    id: string | number;
} | {
    order: true;
};

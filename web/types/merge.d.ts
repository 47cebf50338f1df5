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
export function merge(base: any, local: any, remote: any, decide: (overlap: Overlap, isDoubtful: boolean) => any, sent?: readonly any[], path?: Segment[]): any;
export type Segment = import('./paths.js').Segment;
/**
 * a place that both sides changed, each in its own way; a value is undefined where it is absent
 */
export type Overlap = {
    path: Segment[];
    /**
     * what both started from
     */
    base: any;
    /**
     * what this device made of it
     */
    local: any;
    /**
     * what the server has
     */
    remote: any;
};
/**
 * by their id, in their order
 */
export type Elements = Map<string | number, any>;

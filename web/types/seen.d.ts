/**
 * What two have seen together.
 * @param {Seen} one
 * @param {Seen} other
 * @returns {Seen}
 */
export function join(one: Seen, other: Seen): Seen;
/**
 * With one more of a tab's changes.
 * @param {Seen} seen
 * @param {string} name
 * @param {number} number of the change, never used before: a tab may have gone over to a record without its earlier ones
 * @returns {Seen}
 */
export function add(seen: Seen, name: string, number: number): Seen;
export function covers(one: Seen, other: Seen): boolean;
/**
 * Which changes a record has seen: for each tab the number of its last one. Of two records, one has all that the other one has, or each has something of its own.
 */
export type Seen = Record<string, number>;

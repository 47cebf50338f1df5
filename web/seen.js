/**
 * Which changes a record has seen: for each tab the number of its last one. Of two records, one has all that the other one has, or each has something of its own.
 *
 * @typedef {Record<string, number>} Seen
 */

/** Tabs come and go; the ones that were heard last are enough. */
const MAX_TABS = 24;

/** @param {Seen} seen @param {string} name */
const count = (seen, name) => seen[name] ?? (Object.keys(seen).length < MAX_TABS ? 0 : Infinity);

/**
 * Whether one has seen all that the other one has.
 * @param {Seen} one
 * @param {Seen} other
 */
export const covers = (one, other) => Object.entries(other).every(([name, number]) => count(one, name) >= number);

/**
 * What two have seen together.
 * @param {Seen} one
 * @param {Seen} other
 * @returns {Seen}
 */
export function join(one, other) {
    const both = { ...one };
    for (const [name, number] of Object.entries(other)) both[name] = Math.max(both[name] ?? 0, number);
    return trim(both);
}

/**
 * With one more of a tab's changes.
 * @param {Seen} seen
 * @param {string} name
 * @param {number} number of the change, never used before: a tab may have gone over to a record without its earlier ones
 * @returns {Seen}
 */
export function add(seen, name, number) {
    const { [name]: last, ...others } = seen;
    return trim({ ...others, [name]: number });
}

/** @param {Seen} seen @returns {Seen} without those that were heard longest ago */
const trim = (seen) => Object.fromEntries(Object.entries(seen).slice(-MAX_TABS));

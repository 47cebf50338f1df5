/**
 * Makes one of two records that tabs have written.
 *
 * @typedef {import('./record.js').StoredRecord} StoredRecord
 */
/**
 * How another tab's record stands to this one's.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 * @returns {'known' | 'newer' | 'parted'} `parted`: each has something that the other one has not
 */
export function compareRecords(mine: StoredRecord, theirs: StoredRecord): 'known' | 'newer' | 'parted';
/**
 * Merges two records that have parted. Both tabs do so, and the later result counts.
 * @param {StoredRecord} mine
 * @param {StoredRecord} theirs
 * @param {readonly {seen: import('./seen.js').Seen, text: string}[]} trail this tab's last states
 * @param {import('./store.js').StoreOptions<any>} options
 * @returns {StoredRecord} but for its number and its tab
 */
export function unite(mine: StoredRecord, theirs: StoredRecord, trail: readonly {
    seen: import('./seen.js').Seen;
    text: string;
}[], { conflictPolicy, localPaths }: import('./store.js').StoreOptions<any>): StoredRecord;
/**
 * Makes one of two records that tabs have written.
 */
export type StoredRecord = import('./record.js').StoredRecord;
